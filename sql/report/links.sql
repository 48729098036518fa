-- Pairs of variables over all cases: expected ones, and others that somebody spoke of together. Grain: pair.
SELECT source, target, expected, sum(n_people)::BIGINT, count(*) FILTER (n_people > 0)
FROM model_link
GROUP BY source, target, expected
HAVING expected OR sum(n_people) > 0
ORDER BY NOT expected, sum(n_people) DESC, source, target;
