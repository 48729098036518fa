-- Ids that stand on several rows of a file. Grain: an id.
CREATE OR REPLACE TEMP TABLE {{ ("repeated_" ~ base) | ident }} AS
SELECT participant_id FROM staging.{{ base | ident }} WHERE participant_id IS NOT NULL
GROUP BY participant_id HAVING count(*) > 1;
