-- A long file (a row an answer) as a wide one: grain, a person; a second row only where the same person gave different
-- answers to one item, so that the gate sees two conflicting rows. row_number is that of the first answer in the row.
-- Columns that are neither the item's name nor the answer are taken from the first row that has them.
CREATE OR REPLACE TEMP TABLE {{ table | ident }} AS
WITH answers AS (
    SELECT *, coalesce({{ id | ident }}, 'row ' || row_number) AS person__
    FROM {{ view | ident }}
    WHERE {{ item | ident }} IS NOT NULL
), ranked AS (
    -- The first answer that differs is 1, the next that differs from it 2; the same answer again shares its rank.
    SELECT *, dense_rank() OVER (PARTITION BY person__, {{ item | ident }} ORDER BY first_row__) AS take__
    FROM (
        SELECT *, min(row_number) OVER (PARTITION BY person__, {{ item | ident }}, {{ value | ident }}) AS first_row__
        FROM answers
    )
)
SELECT
    min(row_number) AS row_number
{% for name in kept %}
    , arg_min({{ name | ident }}, row_number) AS {{ name | ident }}
{% endfor %}
{% for name in items %}
    , arg_min({{ value | ident }}, row_number) FILTER ({{ item | ident }} = {{ name | text }}) AS {{ name | ident }}
{% endfor %}
FROM ranked
GROUP BY person__, take__
ORDER BY 1;
