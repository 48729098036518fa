-- Rows that share an id within a file; content tells apart those that differ. Grain: a row.
{% import 'staging/_expressions.sql' as x %}
CREATE OR REPLACE TEMP TABLE repeated AS
SELECT row_number, participant_id, content,
    min(row_number) OVER (PARTITION BY participant_id, content) AS first_alike,
    count(*) OVER (PARTITION BY participant_id, content) AS alike,
    count(*) OVER (PARTITION BY participant_id) AS together
FROM (
    SELECT b.row_number, b.participant_id, md5(concat_ws(chr(31){% for c in columns %}, coalesce(b.{{ c }}::VARCHAR, chr(30)){% endfor %})) AS content
    FROM staging.{{ part.base | ident }} AS b
    WHERE b.participant_id IN (SELECT participant_id FROM {{ ("repeated_" ~ part.base) | ident }}) AND {{ x.standing(part, 'b') }}
)
QUALIFY together > 1;
