-- Rows and cells that were kept out. Grain: a row or cell, and rule.
{% from "published/_comment.sql" import comment %}
CREATE VIEW quarantine AS
SELECT sha256, name, wave, row_number, column_name, rule, severity, reason, fix, status, problem_id
FROM problem
WHERE severity = 'quarantine';
{{ comment("VIEW", "quarantine", "Rows and cells kept out by a rule, and what a person decided. Grain: row or cell x rule.", {
    "sha256": "SHA-256 of the file.",
    "name": "The file.",
    "wave": "The wave.",
    "row_number": "Row as a spreadsheet counts, the header's included.",
    "column_name": "Column of the file; null where the whole row waits.",
    "rule": "Id of the rule.",
    "severity": "quarantine.",
    "reason": "What is wrong.",
    "fix": "How to mend it.",
    "status": "open: still out; released or corrected: let in by a person.",
    "problem_id": "Names it on the command line: coprod-trust release.",
}) }}
