-- The record of a file in a wave, with what became of its rows. Grain: source.
INSERT INTO source_file
SELECT
    $source_id, $sha256, $name, $kind, $format, $wave, 'imported', $rows_in,
    $rows_in - count(*), count(*) FILTER (fate = 'quarantined'), count(*) FILTER (fate = 'duplicate'),
    count(*) FILTER (fate = 'blank'), count(*) FILTER (fate = 'withdrawn'), $header_row, $received_at
FROM staging.fate WHERE source_id = $source_id;
