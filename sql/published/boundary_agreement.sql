-- How far coders agree on where passages begin and end. Grain: a pair of coders and document; document null: over all.
{% from "published/_comment.sql" import comment %}
{% from "published/_coder.sql" import coder %}
CREATE TABLE boundary_agreement AS
SELECT * REPLACE ({{ coder('coder_a') }} AS coder_a, {{ coder('coder_b') }} AS coder_b)
FROM work.boundary_agreement
ORDER BY coder_a, coder_b, document NULLS FIRST;
{{ comment("TABLE", "boundary_agreement", "How far two coders agree on where passages begin and end. Grain: pair of coders x document.", {
    "coder_a": "One coder, under a number.",
    "coder_b": "The other coder.",
    "document": "The document; null over all that both coded.",
    "n_documents": "Documents that both coded.",
    "n_characters": "Characters of those documents.",
    "n_passages_a": "Passages of the one coder.",
    "n_passages_b": "Passages of the other.",
    "n_same": "Passages with the same ends.",
    "n_matched": "Pairs of passages that share half or more of what they cover together; the same ones included.",
    "share_in_common": "Characters that both coded, of those that either did.",
    "alpha_u": "Krippendorff's alpha for units cut from a continuum.",
    "declined": "Why nothing was computed; null where something was.",
}) }}
