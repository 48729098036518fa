-- Whether a scale measures the same at every wave. Grain: scale x population x model.
{% from "published/_comment.sql" import comment %}
CREATE TABLE invariance AS FROM work.invariance ORDER BY ALL;
{{ comment("TABLE", "invariance", "Whether a scale measures the same at every wave: fit of factor models with more and more constraints. Grain: scale x population x model.", {
    "scale": "The scale.",
    "population": "Whose answers: a group's id.",
    "waves": "The waves that are held to be alike.",
    "model": "configural: same items; metric: same loadings; scalar: same loadings and intercepts.",
    "n": "People who answered anything at these waves; where more than 300 patterns of gaps are found, who answered everything.",
    "n_items": "Items.",
    "grade": "evidence from 100 people, screening from 50.",
    "few_steps": "Whether the answers have five steps or fewer, here treated as numbers.",
    "chi2": "Chi-square against the saturated model.",
    "df": "Its degrees of freedom.",
    "p_value": "Its p.",
    "cfi": "Comparative fit index.",
    "rmsea": "Root mean square error of approximation.",
    "rmsea_ci_low": "Lower end of its 90 % interval.",
    "rmsea_ci_high": "Upper end of its 90 % interval.",
    "srmr": "Standardised root mean square residual.",
    "delta_chi2": "Chi-square less that of the model before.",
    "delta_df": "Its degrees of freedom.",
    "delta_p": "Its p.",
    "delta_cfi": "CFI less that of the model before.",
    "delta_rmsea": "RMSEA less that of the model before.",
    "holds": "Whether the added constraints cost at most .010 of CFI and .015 of RMSEA, and those before them hold; null for the configural model.",
    "declined": "Why the model is not there.",
}) }}
