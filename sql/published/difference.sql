-- What this run found otherwise than the one before it. Grain: a finding that is new, gone, or differs.
{% from "published/_comment.sql" import comment, figures %}
CREATE TABLE difference AS FROM work.difference ORDER BY status <> 'moved', finding_id;
{{ comment("TABLE", "difference", "What this run found otherwise than the last one up to the same wave, or else the last one. Grain: a finding that is new, gone, or differs.", {
    "finding_id": "The finding.",
    "status": "new, gone, or moved.",
    "run_before": "The run that it is compared with (table run).",
    "n_before": "People in the estimate then.",
    "n": figures.n,
    "estimate_before": "The estimate then.",
    "estimate": figures.estimate,
    "ci_low_before": "Lower end of the interval then.",
    "ci_low": figures.ci_low,
    "ci_high_before": "Upper end of the interval then.",
    "ci_high": figures.ci_high,
    "p_value_before": "p then.",
    "p_value": figures.p_value,
    "p_adjusted_before": "p adjusted in its family, then.",
    "p_adjusted": "p adjusted in its family.",
    "verdict_before": "The verdict then.",
    "verdict": figures.verdict,
    "certainty_before": "The certainty then.",
    "certainty": "clear, suggestive or not clear, by fixed rules.",
    "concluded_otherwise": "True: the verdict or the certainty is another one.",
}) }}
