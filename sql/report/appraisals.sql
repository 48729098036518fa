-- What participants made of it at the last wave with interviews before the report's, and who answered at the report's
-- wave. Grain: appraisal.
SELECT appraisal, later_wave, n_people, n_answered
FROM appraisal
WHERE later_wave = $wave
QUALIFY row_number() OVER (PARTITION BY appraisal ORDER BY n_people DESC, wave DESC) = 1
ORDER BY n_people DESC, appraisal;
