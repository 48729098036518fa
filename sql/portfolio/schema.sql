-- The database of a portfolio: its studies, their changes, and what was made of them together. Figures of groups only.
{% from "published/_comment.sql" import comment, figures %}
CREATE TABLE portfolio (
    portfolio_id VARCHAR NOT NULL, title VARCHAR NOT NULL, run_id VARCHAR NOT NULL, made_at TIMESTAMPTZ NOT NULL,
    version VARCHAR NOT NULL, n_studies INTEGER NOT NULL, alpha DOUBLE NOT NULL, interval_months DOUBLE,
    interval_tolerance DOUBLE NOT NULL
);
{{ comment("TABLE", "portfolio", "The portfolio, when it was compared and by which settings. Grain: one row.", {
    "portfolio_id": "Id of the portfolio in studies.yaml.",
    "title": "Its title.",
    "run_id": "The comparison that this file holds.",
    "made_at": "When it was made.",
    "version": "Version of coprod-trust that made it.",
    "n_studies": "Studies in the portfolio, whether they could be used or not.",
    "alpha": "Level of the tests of the summaries.",
    "interval_months": "Months over which the main comparisons look; null where no study has a change.",
    "interval_tolerance": "Months by which intervals may differ and still be compared.",
}) }}
CREATE TABLE study (
    study VARCHAR PRIMARY KEY, study_id VARCHAR, label VARCHAR NOT NULL, synthetic VARCHAR, last_run VARCHAR, wave VARCHAR,
    wave_label VARCHAR, run_id VARCHAR, finished_at TIMESTAMPTZ, version VARCHAR, plan_hash VARCHAR, n_participants INTEGER,
    n_quarantined INTEGER, stale BOOLEAN NOT NULL, changed VARCHAR
);
{{ comment("TABLE", "study", "The studies of the portfolio and how each stands. Grain: a study.", {
    "study": "The study's folder as the portfolio names it.",
    "study_id": "Id of the study in its study.yaml; empty where that cannot be read.",
    "label": "What the overview calls the study.",
    "synthetic": "A sentence that labels invented data; null for a real study.",
    "last_run": "What became of the study when the portfolio was run last: run, up to date, refused, busy, failed; null where only the overview was made.",
    "wave": "The latest wave in what it has published; null where nothing is published.",
    "wave_label": "What that wave is called.",
    "run_id": "The run that is published; it is in table run of the study's own database.",
    "finished_at": "When that run ended.",
    "version": "Version of coprod-trust that published it.",
    "plan_hash": "SHA-256 of its analysis plan.",
    "n_participants": "Participants with an accepted row at any wave.",
    "n_quarantined": "Rows or cells that wait in quarantine.",
    "stale": "True: its files have changed since, or its last run did not go through, so that these figures are not its newest.",
    "changed": "What has changed in its folder since; null where nothing has.",
}) }}
CREATE TABLE study_problem (study VARCHAR NOT NULL, message VARCHAR NOT NULL, fix VARCHAR NOT NULL, place VARCHAR NOT NULL);
{{ comment("TABLE", "study_problem", "Why a study could not be run or read. Grain: a reason.", {
    "study": "The study's folder as the portfolio names it.",
    "message": "What is wrong.",
    "fix": "What to do about it.",
    "place": "Where it is: a file, with its line where there is one.",
}) }}
CREATE TABLE change (
    study VARCHAR NOT NULL, finding_id VARCHAR NOT NULL, dimension VARCHAR NOT NULL, scale VARCHAR NOT NULL,
    label VARCHAR NOT NULL, months DOUBLE NOT NULL, n_start INTEGER, n INTEGER, estimate DOUBLE, std_error DOUBLE, df DOUBLE,
    p_value DOUBLE, p_adjusted DOUBLE, ci_low DOUBLE, ci_high DOUBLE, mean_from DOUBLE, mean_to DOUBLE, method VARCHAR,
    estimand VARCHAR, verdict VARCHAR, certainty VARCHAR, exploratory BOOLEAN NOT NULL, declined VARCHAR,
    PRIMARY KEY (study, finding_id)
);
{{ comment("TABLE", "change", "Change of trust since the first wave, as every study has published it. Grain: study x dimension x interval.", dict(figures, **{
    "study": "The study's folder as the portfolio names it.",
    "finding_id": "The finding in the study's own database.",
    "dimension": "Which trust: generalized, municipal, provider, peers, interpersonal.",
    "scale": "The scale of the study that measures it.",
    "label": "What the study calls that scale.",
    "months": "Months between the two waves.",
    "n_start": "People who could have been in the estimate.",
    "n": "People with both scores.",
    "p_adjusted": "p adjusted in its family within the study.",
    "mean_from": "Mean at the first wave, in POMP points.",
    "mean_to": "Mean at the later wave, in POMP points.",
    "estimand": "What is estimated, in words.",
    "verdict": "The study's own verdict.",
    "certainty": "The study's own word for how certain it is.",
    "exploratory": "True: not in the study's plan.",
}) | without("statistic", "df_method", "effect_name", "effect_size", "effect_ci_low", "effect_ci_high", "note")) }}
CREATE TABLE comparison (
    comparison_id VARCHAR PRIMARY KEY, dimension VARCHAR NOT NULL, months DOUBLE NOT NULL, main BOOLEAN NOT NULL,
    k INTEGER NOT NULL, n_people INTEGER NOT NULL, equivalence_bound DOUBLE NOT NULL, estimate DOUBLE, std_error DOUBLE,
    df DOUBLE, p_value DOUBLE, p_adjusted DOUBLE, ci_low DOUBLE, ci_high DOUBLE, tau DOUBLE, tau_low DOUBLE, tau_high DOUBLE,
    q DOUBLE, q_p DOUBLE, i_squared DOUBLE, prediction_low DOUBLE, prediction_high DOUBLE, verdict VARCHAR, certainty VARCHAR,
    warnings VARCHAR[], declined VARCHAR
);
{{ comment("TABLE", "comparison", "Mean change over the studies that may be put together, by a random-effects model. Grain: dimension x interval.", dict(figures, **{
    "comparison_id": "Stable and readable id: portfolio, dimension, months.",
    "dimension": "Which trust.",
    "months": "Months since the first wave.",
    "main": "True: the interval that the overview is about; its comparisons are one family of tests.",
    "k": "Studies put together.",
    "n_people": "People with both scores in these studies.",
    "equivalence_bound": "The least change that matters, in points of 100.",
    "estimate": "Mean of the studies' true changes, in POMP points: Paule-Mandel weights.",
    "std_error": "Its standard error by Knapp and Hartung, never below the usual one.",
    "df": "Degrees of freedom: studies less one.",
    "p_adjusted": "p adjusted over the main comparisons (Holm); null for the others.",
    "tau": "Standard deviation of the true changes between studies, in POMP points.",
    "tau_low": "Lower end of its 95 % interval (Q profile).",
    "tau_high": "Upper end of its 95 % interval (Q profile).",
    "q": "Cochran's Q.",
    "q_p": "p of Q: that the studies share one true change.",
    "i_squared": "Share of the variation between studies that chance within them does not explain (I squared, from Q).",
    "prediction_low": "Lower end of the 95 % interval in which the change of a further such study is expected; null with fewer than five studies.",
    "prediction_high": "Upper end of that interval.",
    "certainty": "clear, suggestive or not clear, by fixed rules.",
    "warnings": "What limits the summary, as keys: few_studies, heterogeneous, prediction_both_ways, few_people, one_study, equal_weights.",
    "declined": "Why there is no summary; null where there is one.",
}) | without("n", "statistic", "df_method", "method", "effect_name", "effect_size", "effect_ci_low", "effect_ci_high", "note")) }}
CREATE TABLE comparison_study (
    comparison_id VARCHAR NOT NULL, study VARCHAR NOT NULL, finding_id VARCHAR, together BOOLEAN NOT NULL, reason VARCHAR,
    weight DOUBLE, estimate_without DOUBLE, std_error_without DOUBLE, p_without DOUBLE, PRIMARY KEY (comparison_id, study)
);
{{ comment("TABLE", "comparison_study", "What each study is in each comparison: put together with others, or left out and why. Grain: comparison x study.", {
    "comparison_id": "The comparison.",
    "study": "The study.",
    "finding_id": "Its finding; null where it has none.",
    "together": "True: among the studies that the comparison puts together.",
    "reason": "Why it was left out, in words; null where it was not.",
    "weight": "Its share in the mean, 0 to 1; null where there is no summary.",
    "estimate_without": "The mean change without this study; null where too few would remain.",
    "std_error_without": "Its standard error.",
    "p_without": "Its p, not adjusted.",
}) }}
CREATE TABLE comparison_estimate (
    comparison_id VARCHAR NOT NULL, method VARCHAR NOT NULL, k INTEGER NOT NULL, estimate DOUBLE NOT NULL, std_error DOUBLE,
    df DOUBLE, p_value DOUBLE, ci_low DOUBLE, ci_high DOUBLE, PRIMARY KEY (comparison_id, method)
);
{{ comment("TABLE", "comparison_estimate", "The mean change by each method. Grain: comparison x method.", {
    "comparison_id": "The comparison.",
    "method": "random_effects (the one in table comparison), or equal_weights: the plain mean of the studies with a t test.",
    "k": "Studies.",
    "estimate": "Mean change in POMP points.",
    "std_error": "Standard error.",
    "df": "Degrees of freedom.",
    "p_value": "Two-sided p, not adjusted.",
    "ci_low": "Lower end of the 95 % interval.",
    "ci_high": "Upper end of the 95 % interval.",
}) }}
