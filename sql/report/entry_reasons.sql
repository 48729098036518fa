-- Why people took part, or did not; an empty reason is 'not given'. Grain: group x reason.
SELECT study_group, coalesce(nullif(trim(entry_reason), ''), '') AS reason, count(*) AS n
FROM participant
GROUP BY ALL
ORDER BY study_group, n DESC, reason;
