-- How far two groups lie apart at the start: what a love plot shows. Grain: a comparison, variable, level and weighting.
{% from "published/_comment.sql" import comment %}
CREATE TABLE balance AS FROM work.balance ORDER BY ALL;
{{ comment("TABLE", "balance", "How far two groups lie apart at the first wave, by standardised mean differences: those who take part and others, those who stayed and those who left. Grain: comparison x contrast x population x reference x variable x level x weighting.", {
    "comparison": "selection: those who take part against another group; retention: those who answered at a later wave against those who did not.",
    "contrast": "The first wave (selection), or the first and the later wave (retention).",
    "population": "Who the comparison is about: participants, or another group's id.",
    "reference": "What they are compared with: the other group's id, or left.",
    "variable": "A scale or a covariate.",
    "level": "A category's value; null for numbers.",
    "weighting": "none; odds: those who stayed weighted to resemble those who left, or the other group to resemble those who take part.",
    "n": "People with a value; an effective number where weighted.",
    "n_reference": "The same in the reference.",
    "mean": "Mean: POMP points of a scale, the unit of a number, the share (0 to 1) that has a level.",
    "mean_reference": "The same in the reference.",
    "sd": "Standard deviation, without weights.",
    "sd_reference": "The same in the reference.",
    "smd": "Standardised mean difference: over the root of the mean of the two variances, without weights.",
    "ci_low": "Lower end of its 95 % interval; null where weighted.",
    "ci_high": "Upper end of its 95 % interval; null where weighted.",
    "variance_ratio": "Variance over that of the reference; null for levels.",
    "declined": "Why there is no difference.",
}) }}
