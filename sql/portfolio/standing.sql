-- The published run of a study, and what waits in it. Grain: one row.
SELECT
    s.study_id, s.title, s.synthetic, r.run_id, r.wave, w.label AS wave_label, epoch_us(r.finished_at) AS finished_at, r.version,
    r.plan_hash,
    (SELECT count(*) FROM participant AS p WHERE p.study_group = s.participants) AS n_participants,
    (SELECT count(DISTINCT (q.sha256, q.row_number, q.column_name)) FROM quarantine AS q WHERE q.status = 'open')
        AS n_quarantined
FROM study AS s, run AS r
LEFT JOIN wave AS w ON w.wave = r.wave
ORDER BY r.started_at DESC, r.run_id DESC
LIMIT 1;
