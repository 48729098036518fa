-- What a check finds. The check gives source_id, row_number, column_name, scale, found and suggestion.
-- Grain: a row a thing found; the statement itself returns how many.
CREATE OR REPLACE TEMP TABLE found_now AS
SELECT f.source_id, p.name, p.wave, f.row_number, f.column_name, f.scale, f.found, f.suggestion
FROM (
{% include query %}
) AS f
LEFT JOIN part AS p ON p.source_id = f.source_id;
