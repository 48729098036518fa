-- Why participants left who were not in the latest wave. Grain: reason; an empty reason is 'not given'.
SELECT coalesce(nullif(trim(exit_reason), ''), '') AS reason, count(*) AS n
FROM participant
WHERE study_group = $participants AND last_wave <> $latest AND first_wave = $first
GROUP BY 1
ORDER BY n DESC, reason;
