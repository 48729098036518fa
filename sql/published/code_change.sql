-- What a change of the codebook did to each link of a code with a change of trust. Grain: a mapping, scale and contrast.
{% from "published/_comment.sql" import comment %}
CREATE TABLE code_change AS FROM work.code_change ORDER BY ALL;
{{ comment("TABLE", "code_change", "What a change between codebooks did to each link of a code with a change of trust. Grain: code mapping x scale x contrast.", {
    "from_version": "The earlier codebook.",
    "from_code": "The code there.",
    "to_version": "The later codebook.",
    "to_code": "What it became; null where it was given up.",
    "kind": "renamed, merged, split, redefined or dropped.",
    "outcome": "The scale.",
    "contrast": "The two waves, earlier first.",
    "n_segments_before": "Segments that were given the code under the earlier codebook.",
    "n_segments_after": "Segments with the later code after reconciliation.",
    "n_people": "Interviewed participants with a score at both waves.",
    "n_people_before": "Of them, coded under the earlier codebook.",
    "n_people_after": "The same under the later code.",
    "n_people_kept": "Coded under both.",
    "n_stances": "Stances on findings that lie on the segments coded under the earlier codebook: to be looked at again.",
    "difference_before": "Mean change of the coded minus the others, coded as before, in POMP points; null under 5 people an arm.",
    "difference_after": "The same, coded as now.",
    "declined": "Why a difference is missing.",
}) }}
