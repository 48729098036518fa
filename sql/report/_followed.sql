{#- Whether a person (a row of participant) was to be asked again, by the study's follow_up. -#}
{%- macro followed(rule) -%}
{%- if rule is none -%}true
{%- elif rule.covariate -%}coalesce(participant.{{ rule.covariate | ident }} IN ({% for v in rule["values"] %}{{ v | text }}{{ ", " if not loop.last }}{% endfor %}), false)
{%- else -%}participant.n_waves > 1
{%- endif -%}
{%- endmacro -%}
