"""What a design is: a function from what was measured to answers, which still wait for their families' p values."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from coprod_trust.analysis.data import Measured
from coprod_trust.analysis.finding import Finding
from coprod_trust.analysis.models import Fits
from coprod_trust.analysis.multiplicity import Families, slot_of
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


class BetweenWaves:
    """What a question about two waves is called: for classes with ``about`` and ``ends``."""

    @property
    def about(self) -> str:
        """What is asked, without its waves and population: ``change.provider``."""
        raise NotImplementedError

    @property
    def ends(self) -> tuple[str, str]:
        """The earlier and the later wave."""
        raise NotImplementedError

    @property
    def tail(self) -> str:
        """What tells populations apart, with its dot: nothing for those who take part."""
        return str(getattr(self, "suffix", ""))

    @property
    def name(self) -> str:
        """The question without its contrast, as families list it."""
        return f"{self.about}{self.tail}"

    @property
    def contrast(self) -> str:
        return "-".join(self.ends)

    @property
    def finding_id(self) -> str:
        return f"{self.about}.{self.contrast}{self.tail}"

    @property
    def slot(self) -> str:
        """Tests that are adjusted together: all from a first wave to the same later one, else by contrast."""
        return slot_of(*self.ends, bool(getattr(self, "first_wave", True)))


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
