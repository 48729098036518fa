-- The files as received and what became of their rows. Grain: a file, per wave that reads it.
{% from "published/_comment.sql" import comment %}
CREATE TABLE source_file AS FROM work.source_file ORDER BY wave NULLS LAST, received_at, source_id;
{{ comment("TABLE", "source_file", "Files as received; rows_in = accepted + quarantined + duplicates + blank + withdrawn. Grain: a file, per wave that reads it.", {
    "source_id": "Wave and first 16 digits of the SHA-256; rows of the answer tables name it.",
    "sha256": "SHA-256 of the file's bytes.",
    "name": "Path in the study's folder.",
    "kind": "survey, codebook, segments, guide or roster.",
    "format": "csv, xlsx, sav, dta or parquet.",
    "wave": "The wave that reads it; null for files without a wave.",
    "status": "imported, refused, superseded or withdrawn.",
    "rows_in": "Rows in the file.",
    "accepted": "Rows accepted.",
    "quarantined": "Rows that wait in quarantine.",
    "duplicates": "Rows that repeat another one exactly.",
    "blank": "Empty rows.",
    "withdrawn": "Rows of people who withdrew.",
    "header_row": "Row of the file that holds the column names, from 1.",
    "received_at": "When the file was first read.",
}) }}
