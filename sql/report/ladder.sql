-- How many told of two rungs or more, in what order. Grain: one row.
SELECT count(*) FILTER (in_order IS NOT NULL), count(*) FILTER (in_order), count(*) FILTER (in_order IS NULL)
FROM narrative
HAVING count(*) > 0;
