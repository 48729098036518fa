-- The questions as declared. Grain: an item.
{% from "published/_comment.sql" import comment %}
CREATE TABLE item (
    item VARCHAR, scale VARCHAR, position INTEGER, wording VARCHAR, reverse BOOLEAN, source VARCHAR, licence VARCHAR,
    wording_status VARCHAR, verified BOOLEAN
);
INSERT INTO item VALUES
{% for s in study.scales %}
{% set last = loop.last %}
{% for i in s["items"] %}
({{ i.id | literal }}, {{ s.id | literal }}, {{ loop.index }}, {{ i.wording | literal }}, {{ i.reverse | literal }}, {{ i.source | literal }},
 {{ i.licence | literal }}, {{ i.wording_status | literal }}, {{ i.verified | literal }}){{ "," if not (last and loop.last) }}
{% endfor %}
{% endfor %};
{{ comment("TABLE", "item", "The questions of the instrument. Grain: an item.", {
    "item": "Id of the item, the same in every wave.",
    "scale": "The scale it belongs to.",
    "position": "Place in the scale, from 1.",
    "wording": "The question as asked.",
    "reverse": "True: agreement means less; turned before scoring (low + high - answer).",
    "source": "Where the wording comes from.",
    "licence": "Under which licence it may be used.",
    "wording_status": "verbatim, adapted, own or unknown.",
    "verified": "Whether the wording was compared with its source.",
}) }}
