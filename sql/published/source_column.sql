-- The columns of the files and what each was taken for. Grain: a column of a file.
{% from "published/_comment.sql" import comment %}
CREATE TABLE source_column AS FROM work.source_column ORDER BY source_id, position;
{{ comment("TABLE", "source_column", "Columns of the files and what each was taken for. Grain: file x column.", {
    "source_id": "The file.",
    "position": "Place in the file, from 1.",
    "name": "Name in the file.",
    "label": "Variable label, where the format has one.",
    "role": "id, item, covariate, group, date, consent, platform, ignored or unknown.",
    "target": "The study's name for it.",
}) }}
