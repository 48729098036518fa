{# How a code of staging.<base> becomes a value or a reason. #}
{# text codes: -1000000 - n is the n-th odd text of the file; -999999 is a cell that a rule holds back. #}
{% macro value(f) -%}
{% if not f.column %}NULL::{{ f.type }}
{%- elif f.plain %}{{ f.column }}::{{ f.type }}
{%- else %}TRY_CAST(CASE{% for code, v in f.meanings %} WHEN {{ f.column }} = {{ code }} THEN {{ v }}{% endfor %}{% if f.valid %} WHEN {{ f.valid }} THEN {{ f.column }}{% endif %} END AS {{ f.type }}){% endif %}
{%- endmacro %}
{% macro reason(f, group) -%}
{% if not f.column %}'not_asked'::missing_reason
{%- else %}CASE WHEN {{ f.column }} IS NULL THEN {% if f.asked is none %}'skipped'::missing_reason{% else %}CASE WHEN {{ group }} IN ({% for g in f.asked %}{{ g | text }}{{ ', ' if not loop.last }}{% endfor %}) THEN 'skipped'::missing_reason ELSE 'not_asked'::missing_reason END{% endif %}{% if not f.plain %}{% for code, r in f.reasons %} WHEN {{ f.column }} = {{ code }} THEN {{ r | text }}::missing_reason{% endfor %}{% for code, v in f.meanings %} WHEN {{ f.column }} = {{ code }} THEN NULL{% endfor %}{% if f.valid %} WHEN {{ f.valid }} THEN NULL{% endif %} ELSE 'quarantined'::missing_reason{% endif %} END{% endif %}
{%- endmacro %}
