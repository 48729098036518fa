-- Which coder gave which code to which passage. Grain: a segment, code and coder.
{% from "published/_comment.sql" import comment %}
{% from "published/_coder.sql" import coder %}
CREATE TABLE coding AS
SELECT
    segment_id, code, {{ coder('coder') }} AS coder, valence, stance, finding_id, certainty, blinded, coded_on, code_as_given, codebook_version,
    source_id, row_number
FROM work.coding
ORDER BY segment_id, code, coder;
{{ comment("TABLE", "coding", "Which coder gave which code to which segment. Grain: segment x code x coder.", {
    "segment_id": "The segment.",
    "code": "The code.",
    "coder": "The coder, under a number.",
    "valence": "Tone, where it was coded.",
    "stance": "Stance toward a finding, where it was coded: confirms, contrasts, expands, mentions.",
    "finding_id": "The finding that the stance is about.",
    "certainty": "How sure the coder was.",
    "blinded": "Whether the coder had not seen the results; null where nobody says.",
    "coded_on": "When it was coded; null where nobody says.",
    "code_as_given": "The code of an earlier codebook that was given; null where it is the code itself.",
    "codebook_version": "Version of the codebook in which it was coded; null where the file does not say.",
    "source_id": "The file that it comes from (table source_file).",
    "row_number": "Row of that file; in a project of a coding program the number of the coding.",
}) }}
