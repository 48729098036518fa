"""What generated text may not say. A violation is a defect of this program, so it stops the report.

Text that is ``Theirs`` (labels, quotes, the evaluator's own words) is exempt: it is masked before the guards read.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache

from coprod_trust.analysis.finding import Verdict
from coprod_trust.privacy.disclosure import may_show_percentage
from coprod_trust.report.language import Language, language
from coprod_trust.report.model import Card, Report, Sentence, Words, walk

ALLOWS_DIRECTION = frozenset({Verdict.CHANGED_SMALL, Verdict.CHANGED_MATTERS, Verdict.CHANGED_UNCLEAR})


class GuardViolation(AssertionError):
    """Generated text says more than the rules allow: a defect of ours."""


class Guards:
    """The guards of one language: what its catalogue lists under ``[guard]``."""

    def __init__(self, words: Language) -> None:
        listed = words.catalogue
        forbidden = (*listed["guard.causal"], *listed["guard.overstated"])
        self.forbidden = re.compile(r"\b(?:" + "|".join(forbidden) + r")\b", re.IGNORECASE)
        self.direction = re.compile(rf"\b(?:{listed['guard.direction']})\b", re.IGNORECASE)
        self.cannot_tell = re.compile(rf"\b{listed['guard.cannot_tell']}\b", re.IGNORECASE)
        self.percent_of = re.compile(listed["guard.percent_of"])
        forms = (re.escape(listed[f"comparison.{form}"]) for form in ("none", "until"))
        self.no_comparison = re.compile("|".join(form.replace(re.escape("{end}"), ".+") for form in forms))

    def check_words(self, text: str) -> None:
        """Raise GuardViolation where generated text uses a causal or an overstated word."""
        found = self.forbidden.search(text)
        if found:
            raise GuardViolation(f"generated text says {found.group(0)!r}: {text}")

    def check_percentages(self, text: str) -> None:
        """Raise GuardViolation where a percentage stands for fewer than 20 people."""
        for match in self.percent_of.finditer(text):
            if not may_show_percentage(int(re.sub(r"\D", "", match.group(1)))):
                raise GuardViolation(f"a percentage of {match.group(1)} people: {text}")

    def check_direction(self, sentence: Sentence, verdict: str | None) -> None:
        """Raise GuardViolation where a sentence gives a direction, or says none can be told, against the verdict."""
        own = sentence.text.own if isinstance(sentence.text, Words) else ""
        untold = bool(self.cannot_tell.search(own))
        if sentence.direction and self.direction.search(own) and not untold and verdict not in ALLOWS_DIRECTION:
            raise GuardViolation(f"a direction without a verdict for it ({verdict}): {own}")
        if untold and verdict != Verdict.INCONCLUSIVE:
            raise GuardViolation(f"'cannot tell' where the verdict is {verdict}: {own}")


@cache
def guards(code: str) -> Guards:
    """The guards of that language, made once."""
    return Guards(language(code))


def _masks(theirs: Sequence[str]) -> re.Pattern[str] | None:
    """What finds the study's own names as whole words, the longest first."""
    names = sorted({re.escape(name) for name in theirs if name}, key=len, reverse=True)
    return re.compile(rf"(?<!\w)(?:{'|'.join(names)})(?!\w)") if names else None


def check_report(
    report: Report,
    verdicts: Mapping[str, str | None],
    certainties: Mapping[str, str | None],
    compared: bool,
    theirs: Sequence[str] = (),
) -> None:
    """Check every generated text of the report, by the guards of its language.

    ``verdicts`` and ``certainties`` give those of each finding; ``compared`` says that there is nothing to compare over
    time yet or that a comparison group was followed: else the report must say that none was. ``theirs`` are the
    study's names for things, masked wherever they are.
    Raises GuardViolation at the first breach.
    """
    mine = guards(report.head.language)
    masks = _masks(theirs)
    for node in walk(report):
        if isinstance(node, Words):
            own = masks.sub("…", node.own) if masks else node.own
            mine.check_words(own)
            mine.check_percentages(own)
        elif isinstance(node, Sentence) and node.finding_id is not None:
            mine.check_direction(node, verdicts.get(node.finding_id))
        elif isinstance(node, Card) and node.certainty != certainties.get(node.finding_id):
            raise GuardViolation(f"{node.finding_id} is called {node.certainty}, the rules say otherwise")
    if not compared and not any(mine.no_comparison.fullmatch(s.text) for s in report.sentences()):
        raise GuardViolation("no comparison group was followed and the report does not say so")
