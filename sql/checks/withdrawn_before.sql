-- Rows of people who withdrew before, of whose ids a keyed hash is kept. Grain: a row.
INSERT INTO withdrawal
SELECT {{ part.source_id | text }}, b.row_number, b.participant_id
FROM staging.{{ part.base | ident }} AS b
WHERE EXISTS (
    FROM (SELECT unnest($salts::VARCHAR[]) AS salt, unnest($marks::VARCHAR[]) AS mark) AS m
    WHERE sha256(m.salt || b.participant_id) = m.mark
);
