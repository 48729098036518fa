-- What the rules of the data gate had to say, without the values found. Grain: a problem.
{% from "published/_comment.sql" import comment %}
CREATE TABLE problem AS
SELECT
    p.problem_id, f.sha256, p.name, p.wave, p.row_number, p.column_name, p.scale, p.rule, p.severity, p.scope,
    p.message AS reason, p.expected, p.fix, p.status
FROM work.problem AS p
LEFT JOIN work.source_file AS f USING (source_id)
ORDER BY ALL;
{{ comment("TABLE", "problem", "Everything that the rules of the data gate had to say. The values found stay in the study's folder. Grain: a problem.", {
    "problem_id": "The same at every run; names it on the command line.",
    "sha256": "SHA-256 of the file; null where the problem is not one file's.",
    "name": "The file.",
    "wave": "The wave.",
    "row_number": "Row as a spreadsheet counts, the header's included.",
    "column_name": "Column of the file.",
    "scale": "The scale, where the problem is a scale's.",
    "rule": "Id of the rule.",
    "severity": "refuse, block, quarantine or warn.",
    "scope": "file, scale, row, cell, column or study.",
    "reason": "What is wrong.",
    "expected": "What was expected.",
    "fix": "How to mend it.",
    "status": "open, released or corrected.",
}) }}
