-- What every finished run found. Grain: a run and finding.
{% from "published/_comment.sql" import comment, figures %}
CREATE TABLE finding_history AS FROM work.finding_history ORDER BY run_id, finding_id;
{{ comment("TABLE", "finding_history", "What every run found. Grain: run x finding.", {
    "run_id": "The run.",
    "wave": "The wave up to which that run read.",
    "finding_id": "The question.",
    "n": figures.n,
    "estimate": figures.estimate,
    "std_error": figures.std_error,
    "df": figures.df,
    "statistic": figures.statistic,
    "p_value": figures.p_value,
    "p_adjusted": "p adjusted in its family.",
    "ci_low": figures.ci_low,
    "ci_high": figures.ci_high,
    "verdict": figures.verdict,
    "certainty": "clear, suggestive or not clear, by fixed rules.",
}) }}
