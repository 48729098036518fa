-- Every row still in, of all waves, with what is compared between waves. Grain: a row of a file in a wave.
{% import 'staging/_expressions.sql' as x %}
CREATE OR REPLACE TEMP VIEW seen AS
{% for r in rows %}
{{ "UNION ALL" if not loop.first }}
SELECT
    b.participant_id, {{ r.ordinal }} AS ordinal, {{ r.part.wave | text }} AS wave,
    {{ r.part.source_id | text }} AS source_id, b.row_number,
    {{ r.id_name | text if r.id_name else 'NULL' }} AS id_name,
    {{ x.lookup('b.' ~ r.group, r.groups) if r.group else 'NULL::VARCHAR' }} AS study_group,
    {{ r.group_name | text if r.group_name else 'NULL::VARCHAR' }} AS group_name,
    {{ x.day('b.' ~ r.date, r.part) if r.date else 'NULL::DATE' }} AS day,
    {{ x.fold('b.' ~ r.mode) if r.mode else 'NULL::VARCHAR' }} AS mode,
    {{ r.mode_name | text if r.mode_name else 'NULL::VARCHAR' }} AS mode_name,
    {% if r.gender %}coalesce({{ x.lookup('b.' ~ r.gender, r.gender_codes) }}, {{ x.fold('b.' ~ r.gender) }}){% else %}NULL::VARCHAR{% endif %} AS gender,
    {{ r.gender_name | text if r.gender_name else 'NULL::VARCHAR' }} AS gender_name,
    {% if r.birth_year %}CASE WHEN b.{{ r.birth_year }} BETWEEN {{ r.low }} AND {{ r.high }} THEN b.{{ r.birth_year }}::INTEGER::VARCHAR END{% else %}NULL::VARCHAR{% endif %} AS birth_year,
    {{ r.birth_year_name | text if r.birth_year_name else 'NULL::VARCHAR' }} AS birth_year_name
FROM staging.{{ r.part.base | ident }} AS b
WHERE b.participant_id IS NOT NULL AND {{ x.standing(r.part, 'b') }}
{% endfor %};
