-- Which items go unanswered, and why?
SELECT item, wave, missing_reason, count(*) AS people
FROM response
WHERE missing_reason IS NOT NULL
GROUP BY ALL
ORDER BY people DESC, item, wave, missing_reason;
