-- Means of a scale over the waves. Grain: a scale, wave, population and method.
{% from "published/_comment.sql" import comment %}
CREATE TABLE wave_mean AS FROM work.wave_mean ORDER BY ALL;
{{ comment("TABLE", "wave_mean", "Means of a scale, observed or by a model. Grain: scale x wave x population x method.", {
    "scale": "The scale.",
    "wave": "The wave.",
    "population": "Whose scores: a group's id.",
    "method": "observed, or mixed_model.",
    "n": "People.",
    "mean": "Mean in POMP points.",
    "sd": "Standard deviation in POMP points.",
    "ci_low": "Lower end of the 95 % interval of the mean.",
    "ci_high": "Upper end of the 95 % interval of the mean.",
}) }}
