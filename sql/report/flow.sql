-- Who answered in each wave, compared with the first wave and the one before. Grain: wave x group. Who was not to be
-- asked again is no starter and is not missed in the next wave.
{% from "report/_followed.sql" import followed %}
WITH seen AS (
{% for wave in waves %}
    SELECT DISTINCT {{ loop.index0 }} AS ordinal, participant_id FROM answer.{{ wave | ident }}
    {% if not loop.last %}UNION ALL{% endif %}

{% endfor %}
),
person AS (
    SELECT seen.ordinal, seen.participant_id, participant.study_group,
        {{ followed(follow_up) }} AS followed,
        min(seen.ordinal) OVER (PARTITION BY seen.participant_id) AS first_ordinal,
        lag(seen.ordinal) OVER (PARTITION BY seen.participant_id ORDER BY seen.ordinal) AS seen_before,
        lead(seen.ordinal) OVER (PARTITION BY seen.participant_id ORDER BY seen.ordinal) AS seen_next
    FROM seen JOIN participant USING (participant_id)
)
SELECT study_group, ordinal,
    count(*) AS n_answered,
    count(*) FILTER (first_ordinal = 0 AND followed) AS n_starters,
    count(*) FILTER (seen_before = ordinal - 1) AS n_stayed,
    count(*) FILTER (seen_before < ordinal - 1) AS n_returned,
    count(*) FILTER (first_ordinal = ordinal AND ordinal > 0) AS n_joined,
    count(*) FILTER (followed AND (seen_next IS NULL OR seen_next > ordinal + 1)) AS n_absent_next
FROM person
GROUP BY study_group, ordinal
ORDER BY study_group, ordinal;
