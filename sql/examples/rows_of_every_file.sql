-- What became of every row that was handed in?
SELECT wave, name, status, rows_in, accepted, quarantined, duplicates, blank, withdrawn,
       rows_in = accepted + quarantined + duplicates + blank + withdrawn AS adds_up
FROM source_file
ORDER BY wave NULLS LAST, name;
