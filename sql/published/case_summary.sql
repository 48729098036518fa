-- Who was heard in each case. Grain: a case.
{% from "published/_comment.sql" import comment %}
CREATE TABLE case_summary AS FROM work.case_summary ORDER BY case_name;
{{ comment("TABLE", "case_summary", "Who was heard in each case, professionals included. Grain: a case.", {
    "case_name": "The case, or the document where it belongs to none.",
    "n_documents": "Documents.",
    "n_interviews": "Interviews among them.",
    "n_groups": "Focus groups among them.",
    "n_people": "People in the roster, interviewers left out.",
    "n_citizens": "Citizens among them.",
    "n_professionals": "Professionals among them.",
    "n_spoke": "People who spoke.",
    "n_segments": "Coded passages.",
}) }}
