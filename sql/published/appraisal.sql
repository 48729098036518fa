-- What participants made of it so far, and whether they answered later. Grain: an appraisal, wave and later wave.
{% from "published/_comment.sql" import comment %}
CREATE TABLE appraisal AS FROM work.appraisal ORDER BY ALL;
{{ comment("TABLE", "appraisal", "What participants made of it so far, and how many of them answered later waves. Grain: appraisal x wave x later wave.", {
    "appraisal": "Going on, doubting, leaving; somebody who said several is in each.",
    "wave": "Interviews up to this wave count.",
    "later_wave": "The wave answered afterwards, or not.",
    "n_people": "Participants who said so.",
    "n_answered": "Of these, those who answered the later wave.",
}) }}
