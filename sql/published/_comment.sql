{#- Comments on a table or view and on each of its columns; to be imported, as every published column has one. -#}
{% macro comment(kind, name, purpose, columns) %}
COMMENT ON {{ kind }} {{ name }} IS {{ purpose | text }};
{% for column, meaning in columns.items() %}
COMMENT ON COLUMN {{ name }}.{{ column | ident }} IS {{ meaning | text }};
{% endfor %}
{% endmacro %}
{#- The meaning of the columns that findings, estimates and their history share. -#}
{% set figures = {
    "n": "People in the estimate.",
    "estimate": "The estimate in the unit of the estimand; changes and means in POMP points (percent of maximum possible).",
    "std_error": "Standard error of the estimate.",
    "df": "Degrees of freedom.",
    "df_method": "How the degrees of freedom were found.",
    "statistic": "Test statistic.",
    "p_value": "Two-sided p, not adjusted.",
    "ci_low": "Lower end of the interval; not adjusted for several questions.",
    "ci_high": "Upper end of the interval; not adjusted for several questions.",
    "effect_name": "Which standardised effect size.",
    "effect_size": "Standardised effect size, signed: negative is a fall.",
    "effect_ci_low": "Lower end of the interval of the effect size.",
    "effect_ci_high": "Upper end of the interval of the effect size.",
    "method": "By which method.",
    "verdict": "What may be concluded, by fixed rules.",
    "declined": "Why nothing was estimated; null where something was.",
    "note": "What was dropped, and what a reader must know.",
} %}
