-- How numbers and notes fit together. Grain: a finding.
{% from "published/_comment.sql" import comment %}
CREATE TABLE meta_inference AS FROM work.meta_inference ORDER BY finding_id;
{{ comment("TABLE", "meta_inference", "How numbers and notes fit together. Grain: a finding.", {
    "finding_id": "The finding.",
    "n_confirms": "Participants who confirm it.",
    "n_contrasts": "Participants who contrast with it.",
    "n_expands": "Participants who go beyond it.",
    "n_silent_asked": "Participants who were asked and did not speak to it.",
    "n_not_asked": "Participants who were not asked.",
    "fit": "confirmation, expansion, discordance or silence.",
    "signed_off": "Who signed it off; null until then.",
}) }}
