"""The default instrument: scales that a new study can take over."""

from __future__ import annotations

from importlib.resources import files

from coprod_trust.study.model import Scale


def instrument_text() -> str:
    """instrument.yaml as it stands, comments included."""
    return (files("coprod_trust.study") / "instrument.yaml").read_text(encoding="utf-8")


def default_codebook() -> str:
    """The default qualitative codebook, as CSV text."""
    return (files("coprod_trust.study") / "codebook.csv").read_text(encoding="utf-8")


def default_scales() -> tuple[Scale, ...]:
    """The scales of the default instrument in their order; names in square brackets are still to be filled in."""
    from ruamel.yaml import YAML

    document = YAML(typ="safe").load(instrument_text())
    return tuple(Scale.model_validate(scale) for scale in document["scales"])
