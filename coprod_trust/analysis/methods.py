"""What each method is called in print. ``estimate.method`` holds the id; a reader sees the title."""

from __future__ import annotations

TITLES = {
    "paired_t": "paired t-test",
    "d_av": "change in units of the average SD",
    "hedges_g": "change in SDs of change, corrected for small samples",
    "wilcoxon": "Wilcoxon signed-rank test (permutation p)",
    "sign_flip": "sign-flip permutation test",
    "tost": "equivalence test (two one-sided tests)",
    "bayes_factor": "Bayes factor",
    "mixedlm": "mixed model (statsmodels, z)",
    "mixedlm_adjusted": "mixed model with covariates (statsmodels, z)",
    "without_most_influential": "without the most influential person",
    "without_two_most_influential": "without the two most influential people",
    "multiple_imputation": "those who left imputed from similar stayers",
    "tipping_point": "tipping point for those who left",
    "pearson_r": "Pearson correlation (permutation p)",
    "pearson_t": "Pearson correlation (t-test)",
    "adjusted_slope": "slope adjusted for both starting values",
    "spearman": "Spearman rank correlation (permutation p)",
    "disattenuated_r": "correlation corrected for unreliability",
    "welch": "Welch's t-test",
    "mann_whitney": "Mann-Whitney test (permutation p)",
}

_COMPARISON = "steiger_vs_"


def title(method: str) -> str:
    """The title of a method. Raises KeyError for one that is not listed, so that none goes to print unnamed."""
    if method.startswith(_COMPARISON):
        return f"compared with the correlation for {method.removeprefix(_COMPARISON)} (Steiger's z)"
    return TITLES[method]
