-- What stands on a segment after reconciliation. A decision goes before everything; else all coders who read the
-- segment must have given the code (agreed), or only one person read it (single); what is left is unresolved.
-- Grain: segment x code given by at least one coder, or decided.
INSERT INTO segment_code
WITH
readers AS (
    SELECT segment_id, count(*) AS n_coders FROM segment_coder GROUP BY segment_id
),
applied AS (
    SELECT segment_id, code, count(DISTINCT coder) AS n_applied FROM coding GROUP BY segment_id, code
),
decided AS (
    SELECT d.segment_id, d.code, d.present
    FROM coding_decision AS d
    JOIN segment USING (segment_id)
    JOIN code USING (code)
)
SELECT
    segment_id,
    code,
    CASE
        WHEN decided.present THEN 'decided'
        WHEN NOT decided.present THEN 'rejected'
        WHEN readers.n_coders = 1 THEN 'single'
        WHEN applied.n_applied = readers.n_coders THEN 'agreed'
        ELSE 'unresolved'
    END AS status,
    readers.n_coders,
    coalesce(applied.n_applied, 0) AS n_applied
FROM applied
FULL JOIN decided USING (segment_id, code)
JOIN readers USING (segment_id)
ORDER BY segment_id, code;
