-- Cells that an open problem holds back and whose code does not say so itself. Grain: a cell.
CREATE OR REPLACE TEMP TABLE held_cell AS
SELECT DISTINCT row_number, column_name
FROM noticed
WHERE source_id = $source_id AND scope = 'cell' AND severity = 'quarantine' AND status = 'open'
    AND NOT (list_contains($numbers, column_name) AND list_contains($of_codes, rule));
