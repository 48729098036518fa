"""What an overview is made of, and how each study stands in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from coprod_trust import clock
from coprod_trust.errors import Reason
from coprod_trust.portfolio.compare import Comparison, compare
from coprod_trust.portfolio.declare import Portfolio
from coprod_trust.portfolio.read import StudyRead, read_study
from coprod_trust.portfolio.run import Outcome, State
from coprod_trust.store.record import new_run_id


@dataclass(frozen=True)
class Overview:
    """The studies, what became of each in this run of the portfolio (none where only the overview is made), and the
    comparisons."""

    portfolio: Portfolio
    run_id: str
    made_at: datetime
    studies: tuple[StudyRead, ...]
    outcomes: Mapping[str, Outcome]
    comparisons: tuple[Comparison, ...]

    def study(self, key: str) -> StudyRead:
        """The study by its key; KeyError if there is none."""
        for s in self.studies:
            if s.key == key:
                return s
        raise KeyError(key)

    def is_stale(self, study: StudyRead) -> bool:
        """Whether what the study has published is not its newest: files have changed, or its last run did not go
        through."""
        outcome = self.outcomes.get(study.key)
        failed = outcome is not None and not outcome.done
        return study.standing is not None and (bool(study.standing.changed) or failed)

    def stands(self, study: StudyRead) -> str:
        """How the study stands, as a key of the catalogue (``overview.stands``)."""
        outcome = self.outcomes.get(study.key)
        failed = outcome.state.name.lower() if outcome is not None and not outcome.done else ""
        if study.standing is None:
            return f"nothing_{failed}" if failed else "nothing"
        if failed:
            return failed
        if study.standing.changed:
            return "changed"
        return "run" if outcome is not None and outcome.state is State.RUN else "current"

    def reasons(self, study: StudyRead) -> tuple[Reason, ...]:
        """What stands in the study's way, of what it has published and of its last run, each once."""
        outcome = self.outcomes.get(study.key)
        return tuple(dict.fromkeys((*study.reasons, *(outcome.reasons if outcome else ()))))

    @property
    def main(self) -> tuple[Comparison, ...]:
        """The comparisons that the overview is about."""
        return tuple(c for c in self.comparisons if c.main)


def material(portfolio: Portfolio, outcomes: Sequence[Outcome] = (), compared: bool = True) -> Overview:
    """Read what every study has published (unless an outcome brings it) and compare, where that is wanted."""
    by_key = {o.key: o for o in outcomes}
    brought = {o.key: o.study for o in outcomes if o.study is not None}
    studies = tuple(brought.get(s.key) or read_study(s) for s in portfolio.studies)
    return Overview(
        portfolio, new_run_id(), clock.now(), studies, by_key, compare(studies, portfolio.settings) if compared else ()
    )
