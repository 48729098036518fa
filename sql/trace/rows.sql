-- The rows behind a finding: the people of its groups (none named: of all) who have everything required, and the file
-- and row of each wave in which they have anything that counts there; where so many waves are asked for, with all of it
-- and in at least so many; of those who were to be asked again, where that is given. Grain: person x wave.
{% from "report/_followed.sql" import followed %}
{% macro has(needed) -%}
    {% if needed.wave -%}
    participant_id IN (SELECT participant_id FROM answer.{{ needed.wave | ident }} WHERE {{ needed.column | ident }} IS NOT NULL)
    {%- else -%}
    {{ needed.column | ident }} IS NOT NULL
    {%- endif %}
{%- endmacro %}
WITH people AS (
    SELECT participant_id, study_group,
        [
            {% for wave, counts in counts.items() %}
            CASE WHEN {% for needed in counts %}{{ has(needed) }}{{ (" AND " if at_least else " OR ") if not loop.last }}{% else %}TRUE{% endfor %} THEN {{ wave | literal }} END
            {{- "," if not loop.last }}
            {% endfor %}
        ] AS waves
    FROM score_wide
    WHERE {% for needed in required %}{{ has(needed) }} AND {% endfor %}
        ($n_groups = 0 OR list_contains($groups::VARCHAR[], study_group))
        {% if follow_up -%}
        AND participant_id IN (SELECT participant_id FROM participant WHERE {{ followed(follow_up) }})
        {%- endif %}

)
SELECT r.participant_id, p.study_group, r.wave, r.name AS file, r.sha256, r.row_number
FROM people AS p
JOIN source_row AS r USING (participant_id)
JOIN wave AS w USING (wave)
WHERE list_contains(p.waves, r.wave)
    AND list_count(p.waves) >= {{ at_least }}
ORDER BY r.participant_id, w.ordinal;
