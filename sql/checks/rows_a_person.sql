-- The most rows of a file that stand for one person, over all waves that lie side by side in it. Grain: one row.
SELECT coalesce(max(n), 1) FROM (
    SELECT count(*) AS n
    FROM staging.{{ base | ident }} AS b LEFT JOIN presence AS p USING (row_number)
    WHERE b.participant_id IN (SELECT participant_id FROM {{ ("repeated_" ~ base) | ident }})
        AND (p.row_number IS NULL OR len(p.waves) > 0)
    GROUP BY b.participant_id
);
