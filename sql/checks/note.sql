-- Writes down what checks/find.sql found, if it found anything.
INSERT INTO noticed
SELECT
    source_id, name, wave, row_number, column_name, $rule, $severity, $scope, scale, found, $message, $expected, $fix,
    suggestion,
    CASE
        WHEN $may_release AND problem_key(source_id, name, wave, row_number, column_name, scale, $rule)
            IN (SELECT problem_id FROM released) THEN 'released'
        ELSE 'open'
    END
FROM found_now{% if cap %} ORDER BY source_id, row_number LIMIT {{ cap }}{% endif %};
{% if cap %}

-- A warning about very many rows is counted once they have been listed up to a limit.
INSERT INTO noticed
SELECT
    source_id, min(name), min(wave), NULL, min(column_name), $rule, $severity, $scope, min(scale), NULL,
    $message || ' (' || count(*) || ' rows in all, of which the first are listed)', $expected, $fix, NULL, 'open'
FROM found_now GROUP BY source_id HAVING (SELECT count(*) FROM found_now) > {{ cap }};
{% endif %}
