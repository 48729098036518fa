{#- The scores of the given scales in one wave: of each the mean of the answered items with reversed ones turned
    (low + high - x) and its percent of maximum possible, 100 (mean - low) / (high - low), where enough items were
    answered; else the reason. Grain: a person in the wave. -#}
WITH answered AS (
    SELECT
        participant_id,
        study_group,
        {% for s in scales %}
        {% for i in s.items %}
        {% if i.reverse %}coalesce({{ s.turn | literal }} - {{ i.id | ident }}, 0)
        {%- else %}coalesce({{ i.id | ident }}, 0)::DOUBLE
        {%- endif %} {{ "+" if not loop.last else "" }}
        {% else %}
        0::DOUBLE
        {% endfor %}
        AS {{ (s.id ~ "__sum") | ident }},
        {% for i in s.items %}
        ({{ i.id | ident }} IS NOT NULL)::INTEGER {{ "+" if not loop.last else "" }}
        {% else %}
        0
        {% endfor %}
        AS {{ (s.id ~ "__n") | ident }},
        {% if s.groups is not none %}
        coalesce(study_group NOT IN ({{ s.groups | map("text") | join(", ") }}), FALSE) OR
        {% endif %}
        ({{ (s.id ~ "__n") | ident }} = 0
        {% for i in s.items %}
        AND coalesce({{ (i.id ~ "__reason") | ident }} = 'not_asked', FALSE)
        {% endfor %}
        ) AS {{ (s.id ~ "__unasked") | ident }},
        {% endfor %}
    FROM answer.{{ wave | ident }}
),
averaged AS (
    SELECT
        *,
        {% for s in scales %}
        {% if s.blocked %}
        NULL::DOUBLE AS {{ (s.id ~ "__mean") | ident }},
        {% else %}
        CASE WHEN {{ (s.id ~ "__n") | ident }} >= {{ s.needed }}
             THEN {{ (s.id ~ "__sum") | ident }} / {{ (s.id ~ "__n") | ident }} END AS {{ (s.id ~ "__mean") | ident }},
        {% endif %}
        {% endfor %}
    FROM answered
)
SELECT
    participant_id,
    study_group,
    {% for s in scales %}
    {{ (s.id ~ "__mean") | ident }},
    100 * ({{ (s.id ~ "__mean") | ident }} - {{ s.low | literal }}) / ({{ s.high | literal }} - {{ s.low | literal }})
        AS {{ (s.id ~ "__pomp") | ident }},
    {{ (s.id ~ "__n") | ident }},
    CASE
        WHEN {{ (s.id ~ "__mean") | ident }} IS NOT NULL THEN NULL
        WHEN {{ (s.id ~ "__unasked") | ident }} THEN 'not_asked'
        ELSE {{ "'blocked'" if s.blocked else "'too_few_answered'" }}
    END AS {{ (s.id ~ "__reason") | ident }},
    {% endfor %}
FROM averaged
