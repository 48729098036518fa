-- Puts the mark of a held cell (numbers) or a blank (texts) where an open problem holds a cell back. Grain: a cell.
UPDATE staging.{{ table }} AS b SET
{% for name, storage, mark in cells %}
    {{ storage }} = CASE WHEN list_contains(h.columns, {{ name | text }}) THEN {{ mark }} ELSE b.{{ storage }} END{{ "," if not loop.last }}
{% endfor %}
FROM (SELECT row_number, list(column_name) AS columns FROM held_cell GROUP BY row_number) AS h
WHERE b.row_number = h.row_number;
