-- Sums of products of the standardised variables, as whole numbers so that their order does not matter.
-- Grain: a row a pattern of missing values. Bit j of the mask: variable j is present (bit 0: the constant).
WITH standardised AS (
    SELECT
{% for e in expressions %}
        CAST(round(({{ e }} - ({{ centre[loop.index0] }})) / {{ scale[loop.index0] }} * {{ unit }}) AS BIGINT) AS v_{{ loop.index }}{{ "," if not loop.last }}
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
    , sum(v_{{ j }})::DOUBLE AS s_{{ j }}
    {% for i in range(1, j + 1) %}
    , sum(v_{{ i }} * v_{{ j }})::DOUBLE AS s_{{ i }}_{{ j }}
    {% endfor %}
{% endfor %}
FROM standardised
GROUP BY mask
