-- Which items go unanswered by people who were asked, and why?
SELECT item, wave, missing_reason, count(*) AS people
FROM response
WHERE missing_reason <> 'not_asked'
GROUP BY ALL
ORDER BY people DESC, item, wave, missing_reason;
