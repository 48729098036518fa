SELECT
    participant_id,
    any_value(study_group ORDER BY file) AS study_group,
    arg_min(source_id, file) AS source_id,
    arg_min(row_number, file) AS row_number,
    min(response_date) AS response_date,
    any_value(mode ORDER BY file) AS mode
{% for i in items %}
    , any_value({{ i | ident }} ORDER BY file) AS {{ i | ident }}
    , CASE WHEN any_value({{ i | ident }} ORDER BY file) IS NULL
        THEN arg_min({{ (i ~ '__reason') | ident }}, list_position(['quarantined', 'refused', 'dont_know', 'not_applicable', 'skipped', 'not_asked'], {{ (i ~ '__reason') | ident }}::VARCHAR))
      END AS {{ (i ~ '__reason') | ident }}
{% endfor %}
{% for c in covariates %}
    , any_value({{ c | ident }} ORDER BY file) AS {{ c | ident }}
{% endfor %}
FROM ({% for q in queries %}{{ "UNION ALL BY NAME" if not loop.first }}
SELECT {{ loop.index }} AS file, * FROM ({{ q }})
{% endfor %})
GROUP BY participant_id
