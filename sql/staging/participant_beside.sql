-- Everybody, where all waves stand side by side in one file that has one row a person. Grain: person.
CREATE OR REPLACE TABLE participant AS
SELECT
    participant_id,
    study_group,
{% for c in named %}
    {{ c | ident }},
{% endfor %}
    {{ waves[0][1] | text }} AS first_wave,
    {{ waves[-1][1] | text }} AS last_wave,
    {{ waves | length }}::INTEGER AS n_waves,
    {{ entry | ident if entry else "NULL::VARCHAR" }} AS entry_reason,
    {{ exit | ident if exit else "NULL::VARCHAR" }} AS exit_reason
FROM staging.{{ ("wave_" ~ waves[0][1]) | ident }};
