-- Change of a single item between two waves. Grain: scale x item x population x wave x wave.
{% from "published/_comment.sql" import comment %}
CREATE TABLE item_change AS FROM work.item_change ORDER BY ALL;
{{ comment("TABLE", "item_change", "Mean change of single items, and how far each lies from the other items of its scale; descriptive. Grain: scale x item x population x wave x wave.", {
    "scale": "The scale.",
    "item": "The item.",
    "population": "Whose answers: a group's id.",
    "wave_from": "The earlier wave.",
    "wave_to": "The later wave.",
    "n": "People who answered the item both times.",
    "mean_from": "Their mean at the earlier wave, in POMP points, reversed items turned.",
    "mean_to": "Their mean at the later wave.",
    "change": "Mean change in POMP points.",
    "std_error": "Its standard error.",
    "ci_low": "Lower end of its 95 % interval.",
    "ci_high": "Upper end of its 95 % interval.",
    "p_value": "p of the paired t-test; null where everybody changed alike.",
    "p_adjusted": "The same by Holm over the items of the scale.",
    "change_of_others": "Mean change of the other items, of the people who answered all items both times.",
    "from_others": "Change of the item less that of the others, in the same people.",
    "from_others_ci_low": "Lower end of its 95 % interval.",
    "from_others_ci_high": "Upper end of its 95 % interval.",
    "from_others_p": "p that the item changed as the others did.",
    "from_others_p_adjusted": "The same by Holm over the items of the scale.",
    "declined": "Why there is no test.",
}) }}
