"""Studies as a portfolio reads them, made up."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from coprod_trust.portfolio.read import Change, Instrument, Standing, StudyRead

ITEMS = frozenset({("i trust them", False), ("they are honest", False)})
SCALE = Instrument(0.0, 10.0, ITEMS)
STANDING = Standing(
    "20260101T000000Z-aaaa", "w2", "After", datetime(2026, 1, 1, tzinfo=UTC), "0.1.0", "f" * 64, 30, 0, ()
)


def change(
    study: str, estimate: float | None = -8.0, std_error: float | None = 2.0, months: float = 6.0, n: int = 30, **more
) -> Change:
    ci = (None, None) if estimate is None or std_error is None else (estimate - 2 * std_error, estimate + 2 * std_error)
    made = Change(
        study=study, finding_id=f"change.municipal.w1-{months:g}", dimension="municipal", scale="municipal",
        label="trust in the municipality", months=months, n_start=n + 2, n=n, estimate=estimate, std_error=std_error,
        df=n - 1, p_value=0.01, p_adjusted=0.02, ci_low=ci[0], ci_high=ci[1], mean_from=60.0, mean_to=52.0,
        method="mixed_model", estimand="mean change", verdict="changed, size unclear", certainty="suggestive",
        exploratory=False, declined=None,
    )  # fmt: skip
    return replace(made, **more)


def study(key: str, *changes: Change, instrument: Instrument = SCALE, files: tuple[str, ...] = (), **more) -> StudyRead:
    """A study that measured municipal trust; without changes given, one over six months."""
    made = StudyRead(
        key,
        Path("/nowhere") / key,
        key,
        f"Study {key}",
        bound=5.0,
        standing=STANDING,
        changes=changes or (change(key),),
        instruments={"municipal": instrument},
        files=frozenset(files or (key,)),
    )
    return replace(made, **more)
