-- Takes the rows of people who withdrew out of a coded table, and out of what was noticed about them.
DELETE FROM staging.{{ base | ident }} WHERE row_number IN (
    SELECT row_number FROM staging.fate WHERE fate = 'withdrawn' AND list_contains($sources, source_id)
);
UPDATE noticed SET found = NULL, suggestion = NULL
WHERE (source_id, row_number) IN (SELECT (source_id, row_number) FROM staging.fate WHERE fate = 'withdrawn');
