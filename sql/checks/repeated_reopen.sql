-- A release lets one row of a person in; where several of one person were released none can be told to be right.
UPDATE noticed SET status = 'open'
WHERE rule = 'id-repeated-conflicting' AND status = 'released' AND source_id = {{ part.source_id | text }}
    AND row_number IN (
        SELECT r.row_number FROM repeated AS r
        JOIN noticed AS n ON n.row_number = r.row_number AND n.rule = 'id-repeated-conflicting'
            AND n.status = 'released' AND n.source_id = {{ part.source_id | text }}
        QUALIFY count(*) OVER (PARTITION BY r.participant_id) > 1
    );
