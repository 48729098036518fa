-- Everybody with an accepted row in any wave. Grain: person. What is constant is taken from the first wave that has it.
CREATE OR REPLACE TABLE participant AS
SELECT
    participant_id,
    arg_min(study_group, ordinal) AS study_group,
{% for c in named %}
    arg_min({{ c | ident }}, ordinal) AS {{ c | ident }},
{% endfor %}
    arg_min(wave, ordinal) AS first_wave,
    arg_max(wave, ordinal) AS last_wave,
    count(*)::INTEGER AS n_waves,
    {{ "arg_min(%s, ordinal)" | format(entry | ident) if entry else "NULL::VARCHAR" }} AS entry_reason,
    {{ "arg_max(%s, ordinal)" | format(exit | ident) if exit else "NULL::VARCHAR" }} AS exit_reason
FROM (
{% for ordinal, wave in waves %}
    {{ "UNION ALL" if not loop.first }}
    SELECT participant_id, study_group, {{ ordinal }} AS ordinal, {{ wave | text }} AS wave
    {%- for c in constant %}, {{ c | ident }}{% endfor %}

    FROM staging.{{ ("wave_" ~ wave) | ident }}
{% endfor %}
)
GROUP BY participant_id;
