-- Puts the mark of a held cell (numbers) or a blank (texts) where an open problem holds a cell back. Grain: a cell.
UPDATE staging.{{ table }} AS b SET {{ column }} = {{ held }}
WHERE b.row_number IN (
    SELECT row_number FROM noticed
    WHERE source_id = $source_id AND column_name = $column_name AND scope = 'cell' AND severity = 'quarantine'
        AND status = 'open'
);
