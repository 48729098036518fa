-- The files that hold any of the rows or segments. Grain: file.
SELECT DISTINCT name AS file, sha256, kind, wave, status, rows_in, accepted, quarantined, received_at::VARCHAR AS received_at
FROM source_file
WHERE list_contains($sha256, sha256) AND (wave IS NULL OR list_contains($waves, wave))
ORDER BY name, wave;
