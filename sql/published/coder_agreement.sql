-- Agreement of two coders before anything was reconciled. Grain: a pair of coders and code, and one row for all codes.
{% from "published/_comment.sql" import comment %}
{% from "published/_coder.sql" import coder %}
CREATE TABLE coder_agreement AS
SELECT * REPLACE ({{ coder('coder_a') }} AS coder_a, {{ coder('coder_b') }} AS coder_b)
FROM work.coder_agreement
ORDER BY coder_a, coder_b, code NULLS FIRST;
{{ comment("TABLE", "coder_agreement", "Agreement of two coders before reconciliation. Grain: coder x coder x code, and code null for all codes pooled.", {
    "coder_a": "One coder, under a number.",
    "coder_b": "The other.",
    "code": "The code; null: pooled over all codes that either gave.",
    "n_segments": "Segments that both read, none of whose rows waits in quarantine.",
    "n_both": "Segments to which both gave the code.",
    "n_a_only": "Segments to which only the first gave it.",
    "n_b_only": "Segments to which only the second gave it.",
    "n_neither": "Segments to which neither gave it.",
    "prevalence": "Mean share of segments with the code.",
    "agreement": "Share of segments on which they agree; pooled: its mean over codes.",
    "kappa": "Cohen's kappa; pooled: after De Vries et al. (2008). Low for rare codes whatever the coders do.",
    "ci_low": "Lower end of its 95 % interval.",
    "ci_high": "Upper end of its 95 % interval.",
    "alpha": "Krippendorff's alpha, nominal.",
    "ac1": "Gwet's AC1, for rare codes.",
    "pabak": "Prevalence- and bias-adjusted kappa.",
    "declined": "Why there is none; null where there is.",
}) }}
