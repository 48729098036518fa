-- What citizens spoke of in each case. Grain: an element of the model of engagement and a case.
{% from "published/_comment.sql" import comment %}
CREATE TABLE case_element AS FROM work.case_element ORDER BY element, case_name;
{{ comment("TABLE", "case_element", "Which variables of the model of engagement, new elements and motives citizens spoke of in each case. Grain: element x case.", {
    "element": "Id of the element, as study.yaml or the default model has it.",
    "kind": "model: a variable of the model; new: an element that the model does not have; motive.",
    "case_name": "The case.",
    "status": "mentioned; mentioned differently (in another sense than the model's); not mentioned; not asked.",
    "n_people": "Citizens who spoke of it.",
    "n_documents": "Documents in which it was spoken of.",
    "n_segments": "Passages.",
}) }}
