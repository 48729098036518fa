"""Composes study.yaml: the sample's own settings around the scales of the default instrument, comments kept."""

from __future__ import annotations

import io
from pathlib import Path

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq

from coprod_trust.study.instrument import instrument_text
from generator.instrument import PARTICIPANTS_ONLY, filled_in
from generator.survey import AGREEMENT, RENAMED, TEN_POINT


def study_yaml() -> str:
    """The text of study.yaml."""
    yaml = YAML(typ="rt")
    yaml.preserve_quotes = True
    yaml.width = 120
    yaml.indent(mapping=2, sequence=4, offset=2)
    template = (Path(__file__).parent / "study_template.yaml").read_text(encoding="utf-8")
    head, tail = template.split("scales: []\n")
    scales = yaml.load(instrument_text())
    for scale in scales["scales"]:
        _fit(scale)
    buffer = io.StringIO()
    yaml.dump({"scales": scales["scales"]}, buffer)
    return head + buffer.getvalue() + tail


def _fit(scale: CommentedMap) -> None:
    """What this study declares beside the instrument: who was asked, another name of a column, a response format."""
    at = list(scale).index("items")
    if scale["id"] in PARTICIPANTS_ONLY:
        scale.insert(at, "groups", _flow(["participant"]))
    if scale["id"] == TEN_POINT:
        response = CommentedMap({"low": 0, "high": 10, "note": "asked on 0 to 10 by mistake"})
        response.fa.set_flow_style()
        scale.insert(at, "response", CommentedMap({"w2": response}))
    if scale["id"] == "engagement":
        labels = CommentedMap({text: value for value, text in AGREEMENT.items()})
        labels.fa.set_flow_style()
        scale.insert(at, "value_labels", labels)
    for item in scale["items"]:
        item["wording"] = filled_in(item["wording"])
        if item["id"] in RENAMED:
            aliases = CommentedMap({"w2": _flow([RENAMED[item["id"]]])})
            item.insert(2, "aliases", aliases)


def _flow(values: list[str]) -> CommentedSeq:
    sequence = CommentedSeq(values)
    sequence.fa.set_flow_style()
    return sequence
