-- How the waves are written in a file with several, with the first row of each: grain, a spelling.
SELECT trim({{ column | ident }}, $space), min(rowid)
FROM {{ table | ident }}
WHERE nullif(trim({{ column | ident }}, $space), '') IS NOT NULL
GROUP BY 1
ORDER BY 2;
