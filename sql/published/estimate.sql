-- Each question by each method. Grain: a finding and method.
{% from "published/_comment.sql" import comment, figures %}
CREATE TABLE estimate AS FROM work.estimate ORDER BY estimate_id;
{{ comment("TABLE", "estimate", "Each question answered by each method. Grain: finding x method.", dict(figures, **{
    "finding_id": "The question.",
    "estimate_id": "Id of the estimate: the finding and the method.",
    "role": "primary, secondary, sensitivity or check.",
    "statistic_name": "Which test statistic: t, z, W, r.",
    "ci_level": "Level of the interval, as a share.",
})) }}
