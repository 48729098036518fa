-- The file and row that each person's answers of a wave come from. Grain: a person and wave.
{% from "published/_comment.sql" import comment %}
CREATE VIEW source_row AS
WITH accepted AS (
    {% for w in waves %}
    SELECT participant_id, {{ w.id | literal }} AS wave, source_id, row_number, response_date, mode
    FROM answer.{{ w.id | ident }}
    {{ "UNION ALL" if not loop.last }}
    {% else %}
    SELECT NULL::VARCHAR AS participant_id, NULL::VARCHAR AS wave, NULL::VARCHAR AS source_id, NULL::BIGINT AS row_number,
           NULL::DATE AS response_date, NULL::VARCHAR AS mode
    WHERE FALSE
    {% endfor %}
)
SELECT a.participant_id, a.wave, f.name, f.sha256, a.row_number, a.response_date, a.mode
FROM accepted AS a
LEFT JOIN source_file AS f USING (source_id);
{{ comment("VIEW", "source_row", "The file and row that a person's answers come from. Grain: person x wave.", {
    "participant_id": "The person.",
    "wave": "The wave.",
    "name": "The file, as a path in the study's folder.",
    "sha256": "SHA-256 of the file's bytes, under which the archive keeps it.",
    "row_number": "Row of the file as a spreadsheet counts, the header's included.",
    "response_date": "When the person answered.",
    "mode": "How the person answered.",
}) }}
