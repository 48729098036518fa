-- Variables of the model that one passage speaks of together. Grain: a pair of variables and a case.
{% from "published/_comment.sql" import comment %}
CREATE TABLE model_link AS FROM work.model_link ORDER BY source, target, case_name;
{{ comment("TABLE", "model_link", "Links between variables of the model of engagement, expected and observed: passages that speak of both. Grain: pair of variables x case.", {
    "source": "One variable.",
    "target": "The other; in the model's direction where it expects the link.",
    "case_name": "The case.",
    "expected": "Whether the model expects the link.",
    "n_people": "Citizens with a passage on both.",
    "n_segments": "Passages on both.",
}) }}
