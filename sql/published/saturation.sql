-- New codes, document by document. Grain: a set of codes and a document.
{% from "published/_comment.sql" import comment %}
CREATE TABLE saturation AS FROM work.saturation ORDER BY code_set, ordinal;
{{ comment("TABLE", "saturation", "New codes document by document (Guest, Namey and Chen 2020: base 4, run 2, at most 5 %). Grain: set of codes x document.", {
    "code_set": "all codes, or the inductive ones: those that came from the notes.",
    "ordinal": "Place of the document, by date.",
    "document": "The document.",
    "n_new": "Codes that no earlier document had.",
    "n_codes": "Different codes so far.",
    "new_information": "New codes of the two documents that end here, divided by the codes of the first four.",
    "saturated": "Whether that has been at most 5 % by now; null before the sixth document.",
}) }}
CREATE TABLE saturation_declined AS FROM work.saturation_declined ORDER BY code_set;
{{ comment("TABLE", "saturation_declined", "Why saturation was not assessed. Grain: set of codes.", {
    "code_set": "all or inductive.",
    "declined": "The reason.",
}) }}
