-- How do numbers and notes fit, finding by finding?
SELECT m.finding_id, f.verdict, m.n_confirms, m.n_contrasts, m.n_expands, m.n_silent_asked, m.n_not_asked, m.fit,
       m.signed_fit, m.signed_off, m.sign_off_stale
FROM meta_inference AS m
JOIN finding AS f USING (finding_id)
WHERE m.weighed
ORDER BY m.n_contrasts DESC, m.finding_id;
