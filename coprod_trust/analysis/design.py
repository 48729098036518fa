"""What a design is: a function from what was measured to answers, which still wait for their families' p values."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from coprod_trust.analysis.data import Measured
from coprod_trust.analysis.finding import Finding
from coprod_trust.analysis.models import Fits
from coprod_trust.analysis.multiplicity import Families
from coprod_trust.analysis.reliability import Reliability
from coprod_trust.analysis.wave_means import WaveMean
from coprod_trust.study.model import Plan


@dataclass(frozen=True)
class Shared:
    """What several designs need, computed once."""

    measured: Measured
    reliabilities: tuple[Reliability, ...]
    wave_means: tuple[WaveMean, ...]
    models: Fits

    @property
    def plan(self) -> Plan:
        return self.measured.study.plan


class Answer(Protocol):
    """An answered or declined question, but for what depends on the other tests of its family.

    ``name`` is the question as families list it (without its contrast), ``slot`` tells with which tests of the family
    it is adjusted, ``p_value`` is None where there is none.
    """

    @property
    def finding_id(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def slot(self) -> str: ...
    @property
    def p_value(self) -> float | None: ...

    def finding(self, families: Families) -> Finding:
        """The finding, when every answer has been entered into its family."""
        ...


@dataclass(frozen=True)
class Plain:
    """An answer whose finding is known but for its family and adjusted p.

    ``conclude`` takes the finding with both filled in and returns it with what follows from them (verdict, certainty).
    """

    draft: Finding
    name: str
    slot: str
    conclude: Callable[[Finding], Finding] | None = None

    @property
    def finding_id(self) -> str:
        return self.draft.finding_id

    @property
    def p_value(self) -> float | None:
        return None if self.draft.declined else self.draft.primary.p_value

    def finding(self, families: Families) -> Finding:
        """The draft with its family and adjusted p, concluded."""
        found = families.placed(self.draft)
        return self.conclude(found) if self.conclude else found


class OfQuestion:
    """What an answer with a question of its own takes from it: for classes that hold ``question``."""

    question: Any

    @property
    def finding_id(self) -> str:
        return str(self.question.finding_id)

    @property
    def name(self) -> str:
        return str(self.question.name)

    @property
    def slot(self) -> str:
        return str(self.question.slot)


Rows = Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class Answers:
    """What one design gives: answers, and rows of tables of its own (a table's name: its rows)."""

    answers: Iterable[Answer]
    tables: Mapping[str, Rows] = field(default_factory=dict)


@dataclass(frozen=True)
class Design:
    """A design under its number in the methods' catalogue. ``core`` designs are in every run; the others are left out
    where the plan asks for ``analyses: core``. ``tables`` are those it writes rows into; two designs may share one."""

    id: str
    title: str
    answer: Callable[[Shared], Answers]
    core: bool = False
    tables: tuple[str, ...] = ()
