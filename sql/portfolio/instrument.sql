-- What each trust scale of a study consists of. Grain: an item.
SELECT s.dimension, s.low, s.high, i.item, coalesce(i.wording, '') AS wording, i.reverse
FROM scale AS s
JOIN item AS i ON i.scale = s.scale
WHERE s.dimension IS NOT NULL
ORDER BY s.dimension, i.position;
