"""Titles and default severities of the rules, from the catalogue of the gate."""

from __future__ import annotations

from functools import cache


@cache
def _catalogue() -> dict[str, tuple[str, str]]:
    from coprod_trust.ingest.catalogue import CATALOGUE

    return {rule.id: (rule.title, str(rule.severity)) for rule in CATALOGUE}


def rule_title(rule: str) -> str:
    """The title of the rule with that id; '' where the catalogue has none."""
    return _catalogue().get(rule, ("", ""))[0]


def default_severity(rule: str) -> str:
    """What happens when the rule is broken and the study says nothing else; '' for an unknown rule."""
    return _catalogue().get(rule, ("", ""))[1]
