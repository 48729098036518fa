"""How the codes of a column become values and reasons, as the statements need it."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf

from coprod_trust.ingest.layout import Use
from coprod_trust.ingest.part import Part
from coprod_trust.ingest.reading import AnswerField, fold
from coprod_trust.study import MissingReason, Study

TEXT_CODE = -1_000_000
HELD_CODE = -999_999


@dataclass(frozen=True)
class Field:
    """An item of a wave in SQL. ``plain``: every code is a valid value. ``valid``: the condition under which a code is
    its own value. ``meanings``, ``reasons``: what other codes stand for. ``asked``: the groups whose blank is a skipped
    answer; None: all."""

    id: str
    type: str
    column: str | None
    asked: tuple[str, ...] | None = None
    plain: bool = True
    valid: str | None = None
    meanings: tuple[tuple[str, str], ...] = ()
    reasons: tuple[tuple[str, str], ...] = ()


def answer_field(study: Study, part: Part, use: Use) -> AnswerField:
    """How an item, or a number among the covariates, is answered in this file."""
    hints = part.intake.hints
    missing = {fold(k): v for k, v in user_missing(use).items()}
    if use.scale is not None:
        low, high = use.scale.ends(part.wave)
        declared = study.missing(use.scale, hints)
        missing |= {fold(k): v for k, v in declared.items()}
        labels = {fold(k): v for k, v in use.scale.value_labels.items()}
        return AnswerField(low, high, use.scale.integer, labels, missing)
    if use.covariate is not None:
        declared = {**study.missing_codes, **use.covariate.missing_codes, **hints.missing_codes}
        low = -inf if use.covariate.low is None else use.covariate.low
        high = inf if use.covariate.high is None else use.covariate.high
        missing |= {fold(k): v for k, v in declared.items() if not _within(k, low, high)}
        labels = {fold(k): float(v) for k, v in use.covariate.codes.items() if _is_number(v)}
        return AnswerField(low, high, use.covariate.kind == "birth_year", labels, missing)
    return AnswerField(0, inf, integer=False)


def user_missing(use: Use) -> dict[str, MissingReason]:
    """The file's own missing codes with the reason that their label states."""
    return {code: reason_of_label(label) for code, label in use.column.user_missing.items()}


def reason_of_label(label: str) -> MissingReason:
    """The reason that a label of a missing code states in words; a label that states none counts as skipped."""
    words = fold(label).replace("'", "").replace("-", " ").replace("_", " ")
    for reason, signs in (
        (MissingReason.NOT_ASKED, ("not asked", "not presented", "not shown", "split", "filter")),
        (MissingReason.NOT_APPLICABLE, ("applicable", "inapplicable", "n/a", "does not apply")),
        (MissingReason.DONT_KNOW, ("know", "dk", "unsure", "no opinion", "cant say", "cannot say")),
        (MissingReason.REFUSED, ("refus", "prefer not", "declin", "no answer given", "rather not")),
    ):
        if any(sign in words for sign in signs):
            return reason
    return MissingReason.SKIPPED


def _is_number(value: str) -> bool:
    try:
        float(value)
    except ValueError:
        return False
    return True


def _within(code: str, low: float, high: float) -> bool:
    return _is_number(code) and low > -inf and high < inf and low <= float(code) <= high
