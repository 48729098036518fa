-- Segments that two coders read, where no row of either waits in quarantine. Grain: pair of coders.
SELECT a.coder AS coder_a, b.coder AS coder_b, list(a.segment_id ORDER BY a.segment_id) AS segments
FROM segment_coder AS a
JOIN segment_coder AS b ON b.segment_id = a.segment_id AND b.coder > a.coder
WHERE NOT a.held AND NOT b.held
GROUP BY a.coder, b.coder
ORDER BY a.coder, b.coder;
