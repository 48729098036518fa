{#- Coders under numbers: who coded is nobody's business outside work/. The same number in every table; to be imported. -#}
{% macro coder(column) -%}
'coder_' || list_position(
    (SELECT list(DISTINCT coder ORDER BY coder) FROM (
        SELECT coder FROM work.coding UNION ALL SELECT coder FROM work.segment_coder
        UNION ALL SELECT coder_a FROM work.coder_agreement UNION ALL SELECT coder_b FROM work.coder_agreement
        UNION ALL SELECT coder_a FROM work.boundary_agreement UNION ALL SELECT coder_b FROM work.boundary_agreement
    )), {{ column }})
{%- endmacro %}
