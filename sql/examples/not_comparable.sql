-- Between which waves is no change computed, and why?
SELECT scale, wave_from, wave_to, reason
FROM comparability
WHERE NOT comparable
ORDER BY scale, wave_from, wave_to;
