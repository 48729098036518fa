"""How the overview of a portfolio calls things, and what it keeps back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from coprod_trust.portfolio.compare import Comparison, LeftOut
from coprod_trust.portfolio.material import Overview
from coprod_trust.privacy.disclosure import Edition, minimum_group, suppress
from coprod_trust.report.edition import noted
from coprod_trust.report.language import Language
from coprod_trust.report.model import (
    Column,
    Theirs,
    Words,
)
from coprod_trust.report.writer import Phrases


@dataclass(frozen=True)
class OverviewWriter(Phrases):
    """``o`` is what there is to say."""

    o: Overview
    t: Language
    edition: Edition

    def dimension(self, dimension: str) -> Words:
        """'trust in the municipality'."""
        return self.t.say(f"dimension.{dimension}")

    def title(self, dimension: str) -> Words:
        """The same with a capital."""
        return self.capital(self.dimension(dimension))

    def study(self, key: str) -> Theirs:
        """What the overview calls a study."""
        return Theirs(self.o.study(key).label)

    def months(self, months: float) -> str:
        """Months without decimals that say nothing."""
        return self.t.number(months, 0 if months == int(months) else 1)

    def delta(self, bound: float) -> str:
        return self.t.number(bound, 0 if bound == int(bound) else 1)

    def ci(self, low: float, high: float) -> Words:
        return self.t.say("change.interval", ci=self.t.interval(low, high))

    def overview_columns(self, *keys: str) -> tuple[Column, ...]:
        """Columns of the overview's own; a key that ends in # is a column of numbers."""
        return tuple(Column(self.t.say(f"overview.column.{k.rstrip('#')}"), k.endswith("#")) for k in keys)

    def reason(self, out: LeftOut, wanted: float) -> Words:
        """Why a study is not in a mean; a reason that counts fewer people than the edition shows says just that."""
        if out.reason == "declined" and noted(str(out.values["reason"]), self.edition) is None:
            few = self.t.say("few.declined", minimum=minimum_group(self.edition))
            return self.t.say("overview.left_out.declined", reason=few)
        values: dict[str, Any] = {
            k: self.study(str(v)) if k == "study"
            else self.months(v) if isinstance(v, float)
            else self._method(str(v)) if k == "method"
            else Theirs(self.t.phrase(str(v)))
            for k, v in out.values.items()
        }  # fmt: skip
        return self.t.say(f"overview.left_out.{out.reason}", wanted=self.months(wanted), **values)

    def _method(self, method: str) -> Words:
        return self._known("method", method)

    def hidden(self, c: Comparison) -> frozenset[str]:
        """The studies whose figures this edition keeps back, for the few people behind them: two at least, so that
        none can be had from the mean and the others."""
        counts = {m.study: m.n or 0 for m in (*c.members, *(o.change for o in c.left_out if o.change is not None))}
        return frozenset(key for key, n in suppress(counts, self.edition).items() if n is None)
