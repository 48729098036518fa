-- Statements that passed the filter before coding, and those that did not, by reason; the most frequent first.
-- Grain: decision x reason.
SELECT s.kept, q.filter_reason, count(*) AS n_statements, count(DISTINCT s.document) AS n_documents
FROM segment AS s
LEFT JOIN quote_gate AS q USING (segment_id)
WHERE s.kept IS NOT NULL
GROUP BY ALL
ORDER BY s.kept DESC, n_statements DESC, q.filter_reason;
