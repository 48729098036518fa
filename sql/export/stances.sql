-- What persons decided of passages and findings, beside what coders said in their files. Grain: finding x segment.
SELECT segment_id, stance, finding_id, blinded, stale
FROM evidence
WHERE origin = 'decision'
ORDER BY segment_id, finding_id;
