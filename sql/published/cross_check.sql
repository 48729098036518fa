-- Our mixed model and statsmodels' on the same rows. Grain: scale x population x contrast x model.
{% from "published/_comment.sql" import comment %}
CREATE TABLE cross_check AS FROM work.cross_check ORDER BY scale, population, contrast, model;
{{ comment("TABLE", "cross_check", "Our engine and statsmodels' MixedLM, both with a random intercept, on the same rows; empty unless the run was asked for a cross-check. Grain: scale x population x contrast x model.", {
    "scale": "Whose change.",
    "population": "About whom: a group's id.",
    "contrast": "The two waves compared, earlier first.",
    "model": "mixedlm: waves alone; mixedlm_adjusted: with the covariates of the plan.",
    "n": "People in the model.",
    "estimate": "Change in POMP points by our engine.",
    "estimate_theirs": "The same by MixedLM.",
    "estimate_difference": "Theirs less ours.",
    "std_error": "Our standard error, without the small-sample adjustment that MixedLM has not either.",
    "std_error_theirs": "MixedLM's standard error.",
    "std_error_ratio": "Theirs over ours; MixedLM inverts the observed information, ours is of the expected.",
    "loglik": "Our restricted log-likelihood.",
    "loglik_theirs": "MixedLM's restricted log-likelihood.",
    "loglik_difference": "Theirs less ours: below 0 where MixedLM stopped short of the optimum.",
    "agrees": "Whether estimate (.005 points), standard error (2 %) and log-likelihood (.001) are the same.",
    "declined": "Why there is no comparison; null where there is.",
}) }}
