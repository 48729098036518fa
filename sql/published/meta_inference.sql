-- How numbers and notes fit together. Grain: a finding.
{% from "published/_comment.sql" import comment %}
CREATE TABLE meta_inference AS FROM work.meta_inference ORDER BY finding_id;
{{ comment("TABLE", "meta_inference", "How numbers and notes fit together, by people and never by segments. Grain: a finding.", {
    "finding_id": "The finding.",
    "weighed": "True: somebody set a stance on it or signed it off; false: nobody has held the notes against it yet.",
    "n_confirms": "Participants who confirm it; somebody who confirms and contrasts is in both numbers.",
    "n_contrasts": "Participants who contrast with it.",
    "n_expands": "Participants who go beyond it.",
    "n_mentions": "Participants who mention it.",
    "n_speaking": "Participants with a stance on it that is not stale.",
    "n_stale": "Participants all of whose stances on it are stale: in none of the numbers before.",
    "n_silent_asked": "Participants who were asked and did not speak to it; null: it is not known what was asked.",
    "n_not_asked": "Participants who did not speak to it and were not asked; null: it is not known what was asked.",
    "n_blinded": "Of n_speaking, those with a stance set by somebody who had not seen the results.",
    "fit": "Proposed by fixed rules: confirmation, expansion, discordance; silence, asked; silence, not asked.",
    "no_fit": "Why nothing is proposed; null where something is.",
    "signed_fit": "The fit that an analyst signed; null until then.",
    "inference": "What the analyst wrote that numbers and notes say together.",
    "signed_off": "Who signed it off; null until then.",
    "signed_on": "When.",
    "sign_off_stale": "Why the sign-off no longer stands; null where it does.",
}) }}
