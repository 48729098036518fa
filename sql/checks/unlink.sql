-- Rows whose link to the person's earlier rows is broken get an id of their own: the id and the wave in which that
-- birth year was first stated, so that later rows that agree with them stay linked to them. Grain: a row.
INSERT INTO staging.unlinked
SELECT s.source_id, s.row_number, s.participant_id || '~'
    || first_value(s.wave) OVER (PARTITION BY s.participant_id, s.birth_year ORDER BY s.ordinal, s.row_number)
FROM seen AS s
JOIN noticed AS n ON n.source_id = s.source_id AND n.row_number = s.row_number
WHERE n.rule = 'birth-year-differs' AND n.severity = 'quarantine' AND n.status = 'open';
