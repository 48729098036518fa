-- Why participants left who were to be in the latest wave and were not. Grain: reason; an empty reason is 'not given'.
{% from "report/_followed.sql" import followed %}
SELECT coalesce(nullif(trim(exit_reason), ''), '') AS reason, count(*) AS n
FROM participant
WHERE study_group = $participants AND last_wave <> $latest AND first_wave = $first AND {{ followed(follow_up) }}
GROUP BY 1
ORDER BY n DESC, reason;
