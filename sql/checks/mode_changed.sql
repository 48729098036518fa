{# Rows answered in another mode than the person's row before, or through a proxy. Grain: a row. #}
SELECT source_id, row_number, mode_name AS column_name, NULL AS scale, mode AS found, before AS suggestion
FROM (
    SELECT *, lag(mode) OVER (PARTITION BY participant_id ORDER BY ordinal, row_number) AS before
    FROM seen WHERE mode IS NOT NULL
)
WHERE mode <> before OR contains(mode, 'proxy')
