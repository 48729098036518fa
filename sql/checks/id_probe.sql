-- What the ids of a file are like, so that rules that nothing can break are not looked into row by row: rows without an
-- id, ids in scientific notation, ids of another form than the study's, ids of tests, rows beyond the first of an id,
-- and whether all ids are capitals and digits of one length (then no two of them differ in spelling alone).
-- Grain: one row.
SELECT
    count(*) FILTER (participant_id IS NULL),
    count(*) FILTER (regexp_full_match({{ column }}, '\d+([.,]\d+)?[eE]\+?\d+')),
    {{ "count(*) FILTER (NOT regexp_full_match(participant_id, %s))" | format(pattern | text) if pattern else "0" }},
    {{ "count(*) FILTER (regexp_full_match(participant_id, %s) OR regexp_full_match(%s, %s))" | format(test | text, column, test | text) if test else "0" }},
    count(participant_id) - count(DISTINCT participant_id),
    coalesce(min(length(participant_id)) = max(length(participant_id))
        AND bool_and(regexp_full_match(participant_id, '[A-Z]*[0-9]+')), TRUE)
FROM staging.{{ base | ident }};
