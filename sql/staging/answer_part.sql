-- The answers of one file in one wave: codes become values and reasons. Grain: an accepted row of the file.
-- Every column of a study's wave is there, so that files of one wave can be laid side by side by name.
{% import 'staging/_expressions.sql' as x %}
{% import 'staging/_code.sql' as code %}
{% set group = x.lookup('b.' ~ group_column, groups) if group_column else (everybody | text) %}
SELECT
    {{ "coalesce(u.participant_id, b.participant_id)" if relinked else "b.participant_id" }} AS participant_id,
    {{ group }} AS study_group,
    {{ part.source_id | text }} AS source_id,
    b.row_number,
    {{ x.day('b.' ~ date, part) if date else 'NULL::DATE' }} AS response_date,
    {{ 'b.' ~ mode if mode else 'NULL::VARCHAR' }} AS mode,
{% for item in items %}
    {{ code.value(item) }} AS {{ item.id | ident }},
    {{ code.reason(item, group) }} AS {{ (item.id ~ '__reason') | ident }},
{% endfor %}
{% for covariate in covariates %}
    {{ covariate.expression }} AS {{ covariate.id | ident }},
{% endfor %}
FROM staging.{{ part.base | ident }} AS b
{% if relinked %}
LEFT JOIN staging.unlinked AS u ON u.source_id = {{ part.source_id | text }} AND u.row_number = b.row_number
{% endif %}
{% if held %}
WHERE NOT EXISTS (FROM staging.fate AS f WHERE f.source_id = {{ part.source_id | text }} AND f.row_number = b.row_number)
{% endif %}
