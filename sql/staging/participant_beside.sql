-- Everybody, where all waves stand side by side in one file that has one row a person. Grain: person.
{% set names %}[{% for _, wave in waves %}{{ wave | text }}{{ ", " if not loop.last }}{% endfor %}]{% endset %}
CREATE OR REPLACE TABLE participant AS
SELECT
    participant_id,
    study_group,
{% for c in named %}
    {{ c | ident }},
{% endfor %}
    CASE WHEN p.waves IS NULL THEN {{ waves[0][1] | text }} ELSE {{ names }}[p.waves[1]] END AS first_wave,
    CASE WHEN p.waves IS NULL THEN {{ waves[-1][1] | text }} ELSE {{ names }}[p.waves[-1]] END AS last_wave,
    coalesce(len(p.waves), {{ waves | length }})::INTEGER AS n_waves,
    {{ entry | ident if entry else "NULL::VARCHAR" }} AS entry_reason,
    {{ exit | ident if exit else "NULL::VARCHAR" }} AS exit_reason
FROM ({{ everybody }}) AS e
LEFT JOIN presence AS p USING (row_number)
WHERE e.participant_id IS NOT NULL AND (p.waves IS NULL OR len(p.waves) > 0);
