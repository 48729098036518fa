"""What generated text may not say. A violation is a defect of this program, so it stops the report.

Text that is ``Theirs`` (labels, quotes, the evaluator's own words) is exempt: it is masked before the guards read.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from coprod_trust.analysis.finding import Verdict
from coprod_trust.privacy.disclosure import may_show_percentage
from coprod_trust.report.model import Card, Report, Sentence, Words, walk

# Causal words in generated English, whatever design stands behind a number.
CAUSAL = (
    r"caus(?:e|es|ed|ing|al(?:ly)?)",
    r"(?:lead|leads|led|leading) to",
    r"effects? of",
    r"effects? on",
    r"impact(?:s|ed|ing)?",
    r"because of",
    r"due to",
    r"thanks to",
    r"results? in",
    r"resulted in",
    r"result of",
    r"improved by",
    r"spill(?:s|ed)? over",
    r"(?:prevent|prevents|prevented)",
    r"brought about",
    r"owing to",
    r"attribut(?:ed|able) to",
)
OVERSTATED = (
    r"prove[nsd]?",
    r"proof",
    r"trend(?:ed|ing)? towards?",
    r"(?:no|not) chang(?:e|ed)",
    r"did not change",
    r"unchanged",
    r"(?:clearly|certainly|definitely|undoubtedly|probably)",
    r"participants (?:feel|think|believe|say)",
    r"(?<!statistically )significan(?:t|tly|ce)",
)
DIRECTION = re.compile(
    r"\b(?:fell|rose|falls?|rises?|increased?|decreased?|declined|grew|dropped|went (?:up|down))\b", re.I
)
CANNOT_TELL = re.compile(r"\bcannot tell\b", re.I)
PERCENT_OF = re.compile(r"\d\s?%\s\((?:\d+ of (\d+))\)")
ALLOWS_DIRECTION = frozenset({Verdict.CHANGED_SMALL, Verdict.CHANGED_MATTERS, Verdict.CHANGED_UNCLEAR})
_FORBIDDEN = re.compile(r"\b(?:" + "|".join((*CAUSAL, *OVERSTATED)) + r")\b", re.IGNORECASE)


class GuardViolation(AssertionError):
    """Generated text says more than the rules allow: a defect of ours."""


def check_words(text: str) -> None:
    """Raise GuardViolation where generated text uses a causal or an overstated word."""
    found = _FORBIDDEN.search(text)
    if found:
        raise GuardViolation(f"generated text says {found.group(0)!r}: {text}")


def check_percentages(text: str) -> None:
    """Raise GuardViolation where a percentage stands for fewer than 20 people."""
    for match in PERCENT_OF.finditer(text):
        if not may_show_percentage(int(match.group(1))):
            raise GuardViolation(f"a percentage of {match.group(1)} people: {text}")


def check_direction(sentence: Sentence, verdict: str | None) -> None:
    """Raise GuardViolation where a sentence gives a direction, or says that none can be told, against the verdict."""
    own = sentence.text.own if isinstance(sentence.text, Words) else ""
    if sentence.direction and DIRECTION.search(own) and not _cannot_tell(own) and verdict not in ALLOWS_DIRECTION:
        raise GuardViolation(f"a direction without a verdict for it ({verdict}): {own}")
    if _cannot_tell(own) and verdict != Verdict.INCONCLUSIVE:
        raise GuardViolation(f"'cannot tell' where the verdict is {verdict}: {own}")


def _cannot_tell(own: str) -> bool:
    return bool(CANNOT_TELL.search(own))


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
    """Check every generated text of the report.

    ``verdicts`` and ``certainties`` give those of each finding; ``compared`` says that there is nothing to compare over
    time yet or that a comparison group was followed: else the report must say that none was. ``theirs`` are the
    study's names for things, masked wherever they are.
    Raises GuardViolation at the first breach.
    """
    masks = _masks(theirs)
    for node in walk(report):
        if isinstance(node, Words):
            own = masks.sub("…", node.own) if masks else node.own
            check_words(own)
            check_percentages(own)
        elif isinstance(node, Sentence) and node.finding_id is not None:
            check_direction(node, verdicts.get(node.finding_id))
        elif isinstance(node, Card) and node.certainty != certainties.get(node.finding_id):
            raise GuardViolation(f"{node.finding_id} is called {node.certainty}, the rules say otherwise")
    if not compared and not any("comparison group was followed" in s.text for s in report.sentences()):
        raise GuardViolation("no comparison group was followed and the report does not say so")
