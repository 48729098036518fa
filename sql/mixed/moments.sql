-- Sums of products of the variables counted in steps from their centres: whole numbers, so that the order in which
-- threads add them does not matter. Variables on a grid of steps are summed as doubles (exact below 2^53), others as
-- integers of 128 bits. far: the farthest from the centre; off: the farthest from the grid.
-- Grain: a row a pattern of missing values. Bit j of the mask: variable j is present (bit 0: the constant).
WITH counted AS (
    SELECT
{% for e in expressions %}
        ({{ e }} - ({{ centre[loop.index0] }})) * {{ unit[loop.index0] }} AS x_{{ loop.index }},
    {% if exact[loop.index0] %}
        round(x_{{ loop.index }}) AS v_{{ loop.index }}{{ "," if not loop.last }}
    {% else %}
        CAST(round(x_{{ loop.index }}) AS BIGINT) AS v_{{ loop.index }}{{ "," if not loop.last }}
    {% endif %}
{% endfor %}
    FROM {{ table }}{% if where %} WHERE {{ where }}{% endif %}
)
SELECT
    1
{% for e in expressions %}
    + (CASE WHEN v_{{ loop.index }} IS NULL THEN 0 ELSE 1 END)::BIGINT * {{ 2 ** loop.index }}
{% endfor %} AS mask,
    count(*) AS people
{% for e in expressions %}
    {% set j = loop.index %}
    , max(abs(x_{{ j }})) AS far_{{ j }}
    , {% if exact[j - 1] %}max(abs(x_{{ j }} - v_{{ j }})){% else %}0.0{% endif %} AS off_{{ j }}
    , sum(v_{{ j }}) AS s_{{ j }}
    {% for i in range(1, j + 1) %}
    {% if exact[i - 1] and exact[j - 1] %}
    , sum(v_{{ i }} * v_{{ j }}) AS s_{{ i }}_{{ j }}
    {% else %}
    , sum(CAST(v_{{ i }} AS {{ integer }}) * CAST(v_{{ j }} AS {{ integer }})) AS s_{{ i }}_{{ j }}
    {% endif %}
    {% endfor %}
{% endfor %}
FROM counted
GROUP BY mask
