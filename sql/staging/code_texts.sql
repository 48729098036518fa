-- Puts the codes of texts where the texts stood. Grain: a row of the file that has any.
UPDATE staging.{{ base | ident }} AS b
SET {% for position, storage in numbers %}{{ storage }} = coalesce(b.{{ storage }}, o.{{ storage }}){{ ", " if not loop.last }}{% endfor %}

FROM (
    SELECT c.row_number
    {%- for position, storage in numbers %}, max(t.code) FILTER (c.position = {{ position }}) AS {{ storage }}{% endfor %}

    FROM odd_cell AS c JOIN staging.{{ (base ~ '_text') | ident }} AS t USING (text)
    GROUP BY c.row_number
) AS o
WHERE o.row_number = b.row_number;
