-- Leaves out every row of a person who withdrew, in this file too, whichever the file in which that was said.
INSERT INTO staging.fate
SELECT {{ part.source_id | text }}, b.row_number, 'withdrawn'
FROM staging.{{ part.base | ident }} AS b
WHERE b.participant_id IN (SELECT participant_id FROM withdrawal WHERE participant_id IS NOT NULL)
    OR b.row_number IN (SELECT row_number FROM withdrawal WHERE source_id = {{ part.source_id | text }});
