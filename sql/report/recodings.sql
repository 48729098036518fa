-- What changes of the codebook did to links, with the codes by the names that they had. Grain: mapping x scale x contrast.
SELECT
    c.from_version, coalesce(v.name, c.from_code), c.to_version, coalesce(n.name, c.to_code), c.kind, c.outcome,
    c.contrast, c.n_people, c.n_people_before, c.n_people_after, c.n_people_kept, c.n_stances,
    c.difference_before, c.difference_after
FROM code_change AS c
LEFT JOIN code_version AS v ON (v.version, v.code) = (c.from_version, c.from_code)
LEFT JOIN code AS n ON n.code = c.to_code
ORDER BY c.from_version, c.from_code, c.to_code;
