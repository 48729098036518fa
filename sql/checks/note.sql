-- Writes down what a check found. The check gives source_id, row_number, column_name, scale, found and suggestion.
INSERT INTO noticed
SELECT
    f.source_id, p.name, p.wave, f.row_number, f.column_name, $rule, $severity, $scope, f.scale, f.found,
    $message, $expected, $fix, f.suggestion, 'open'
FROM (
{% include query %}
) AS f
LEFT JOIN part AS p ON p.source_id = f.source_id;
