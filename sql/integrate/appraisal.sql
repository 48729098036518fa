-- Participants who had spoken up to a wave of how they look back, and how many of them answered each later wave. Those
-- whose last word was not seen to be coded are left out. Grain: appraisal x wave x later wave.
DELETE FROM appraisal;
INSERT INTO appraisal
WITH
ordered AS (SELECT unnest($waves) AS wave, unnest(range(len($waves))) AS ordinal),
code_of AS (SELECT unnest($appraisals) AS appraisal, unnest($appraisal_codes) AS code),
people AS (
    SELECT DISTINCT a.appraisal, p.wave, p.participant_id
    FROM participant_code AS p
    JOIN code_of AS a USING (code)
    JOIN participant AS x USING (participant_id)
    WHERE p.status = 'coded' AND x.study_group = $participants
),
answered (participant_id, wave) AS (
    {% for w in waves %}
    SELECT participant_id, {{ w | literal }} FROM answer.{{ w | ident }}
    {{ "UNION ALL" if not loop.last }}
    {% else %}
    SELECT NULL::VARCHAR, NULL::VARCHAR WHERE FALSE
    {% endfor %}
)
SELECT p.appraisal, p.wave, later.wave, count(*), count(a.participant_id)
FROM people AS p
JOIN ordered AS o ON o.wave = p.wave
JOIN ordered AS later ON later.ordinal > o.ordinal
LEFT JOIN answered AS a ON a.participant_id = p.participant_id AND a.wave = later.wave
GROUP BY p.appraisal, p.wave, later.wave
ORDER BY ALL;
