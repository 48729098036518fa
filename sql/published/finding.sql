-- Every question with its answer by the primary method. Grain: a question.
{% from "published/_comment.sql" import comment, figures %}
CREATE TABLE finding AS FROM work.finding ORDER BY finding_id;
{{ comment("TABLE", "finding", "Every question with its answer by the primary method and the verdict. Grain: a question.", dict(figures, **{
    "finding_id": "Stable and readable id: question, outcome, contrast.",
    "design": "Which research design asks it.",
    "family": "Questions that share one error rate; null where none was declared.",
    "outcome": "What is explained: a scale.",
    "predictor": "What it is held against; null where nothing is.",
    "contrast": "The two waves compared, earlier first; null where there are none.",
    "population": "About whom: a group's id.",
    "estimand": "What is estimated, in words.",
    "n_start": "People who could have been in the estimate.",
    "n": "People in the estimate; for a change those with both scores, though the model also uses those who left.",
    "p_adjusted": "p adjusted in its family.",
    "certainty": "clear, suggestive or not clear, by fixed rules.",
    "exploratory": "True: not in the analysis plan.",
    "sentence": "How the report says it.",
    "mean_from": "Mean at the earlier wave, in POMP points, of the people whom the primary method is about.",
    "mean_to": "Mean at the later wave, in POMP points, of the people whom the primary method is about.",
    "n_fell": "People whose score fell at all.",
    "n_rose": "People whose score rose at all.",
    "n_fell_reliably": "People whose score fell more than measurement error would explain.",
    "n_rose_reliably": "People whose score rose more than measurement error would explain.",
})) }}
