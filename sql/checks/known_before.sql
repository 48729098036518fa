-- The ids that stood in a file when somebody withdrew. Grain: an id.
CREATE OR REPLACE TEMP TABLE known_before AS
SELECT unnest($known::VARCHAR[]) AS participant_id
{% for base in bases %}
UNION
SELECT participant_id FROM staging.{{ base | ident }} WHERE participant_id IS NOT NULL
{% endfor %};
