-- Texts where numbers are expected. odd_cell: grain a cell; <base>_text: grain a distinct text, with its code.
CREATE OR REPLACE TEMP TABLE odd_row AS
SELECT s.* FROM {{ staged }} AS s
WHERE s.row_number IN (SELECT b.row_number FROM staging.{{ base | ident }} AS b WHERE b.odd);

CREATE OR REPLACE TEMP TABLE odd_cell AS
SELECT row_number, cell.position, cell.text
FROM (
    SELECT row_number, unnest([
{% for position, name, storage in numbers %}
        {'position': {{ position }}, 'text': CASE WHEN b.{{ storage }} IS NULL THEN s.{{ name | ident }} END}{{ "," if not loop.last }}
{% endfor %}
    ]) AS cell
    FROM odd_row AS s JOIN staging.{{ base | ident }} AS b USING (row_number)
)
WHERE cell.text IS NOT NULL;

CREATE OR REPLACE TABLE staging.{{ (base ~ '_text') | ident }} AS
SELECT text, $text_code - row_number() OVER (ORDER BY text) AS code
FROM (SELECT DISTINCT text FROM odd_cell);
