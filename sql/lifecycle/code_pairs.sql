-- Self-generated codes that may be one person's: each new code against each absent one, element by element. An element
-- agrees (1), is a slip (.5: of two signs or more, one is another or two neighbours are exchanged), differs (0), or is
-- left out where either code is too short to have it (NULL).
-- Grain: a pair of codes in which at most one element differs.
WITH split AS (
    SELECT code, is_new, [{% for e in elements %}nullif(substr(code, {{ e.start }}, {{ e.length }}), ''){{ ", " if not loop.last }}{% endfor %}] AS parts
    FROM (SELECT unnest($new) AS code, TRUE AS is_new UNION ALL SELECT unnest($absent), FALSE)
),
paired AS (
    SELECT a.code AS a, b.code AS b, [
{% for e in elements %}
        CASE
            WHEN a.parts[{{ loop.index }}] IS NULL OR b.parts[{{ loop.index }}] IS NULL THEN NULL
            WHEN a.parts[{{ loop.index }}] = b.parts[{{ loop.index }}] THEN 1.0
            WHEN {{ e.length }} > 1 AND damerau_levenshtein(a.parts[{{ loop.index }}], b.parts[{{ loop.index }}]) = 1 THEN 0.5
            ELSE 0.0
        END{{ "," if not loop.last }}
{% endfor %}
    ] AS agreement
    FROM split AS a JOIN split AS b ON a.is_new AND NOT b.is_new
)
SELECT a, b, agreement FROM paired
WHERE len(list_filter(agreement, lambda x: x = 0)) <= 1
    AND len(list_filter(agreement, lambda x: x = 1)) >= 2;
