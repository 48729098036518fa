-- Rows that hold nothing; in a file that several waves read, rows that hold nothing of this wave. Grain: a row.
INSERT INTO staging.fate
SELECT {{ part.source_id | text }}, b.row_number, 'blank'
FROM staging.{{ part.base | ident }} AS b
WHERE b.blank{% if own %} OR ({% for c in own %}b.{{ c }} IS NULL{{ " AND " if not loop.last }}{% endfor %}){% endif %};
