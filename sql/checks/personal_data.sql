{# Cells of free text that the screens flag; what kind of thing was found, with the text. Grain: a cell. #}
{% import 'staging/_expressions.sql' as x %}
SELECT {{ part.source_id | text }} AS source_id, b.row_number, {{ file_column | text }} AS column_name, NULL AS scale,
    b.{{ column }} AS found, f.kinds AS suggestion
FROM staging.{{ part.base | ident }} AS b JOIN flagged_text AS f ON f.text = b.{{ column }}
WHERE {{ x.standing(part, 'b') }}
