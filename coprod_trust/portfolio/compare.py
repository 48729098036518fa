"""Which changes of which studies may be put together, and the summary of those that may.

Changes are comparable where they are of the same dimension, measured with the same instrument over the same time, and
estimated for the same people by the same method. What differs from most is left out, with the reason.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from coprod_trust.analysis.finding import Certainty, Verdict
from coprod_trust.analysis.multiplicity import adjust
from coprod_trust.analysis.rules import (
    FEW_PEOPLE_A_STUDY,
    FEW_STUDIES,
    PORTFOLIO,
    SummaryChecks,
    certainty_of_summary,
    heterogeneous,
    verdict_on_change,
)
from coprod_trust.portfolio.combine import Combined, Mean, equal_weights, leave_one_out, random_effects
from coprod_trust.portfolio.declare import Declaration
from coprod_trust.portfolio.read import Change, StudyRead
from coprod_trust.study.model import Dimension

T = TypeVar("T", bound=Hashable)


@dataclass(frozen=True)
class LeftOut:
    """A study that is not in a comparison. ``reason`` is a key of the catalogue (``overview.left_out``), ``values``
    what its text names; ``change`` is the change that stands by itself, where there is one."""

    study: str
    reason: str
    values: Mapping[str, object]
    change: Change | None = None


@dataclass(frozen=True)
class Summary:
    """The mean change over the studies of a comparison and what was made of it by the rules."""

    combined: Combined
    by_equal_weights: Mean
    without: tuple[Combined, ...]
    p_adjusted: float | None
    verdict: Verdict
    certainty: Certainty
    warnings: tuple[str, ...]
    """Keys of the catalogue (``overview.warning``)."""


@dataclass(frozen=True)
class Comparison:
    """The changes of one dimension over one interval. ``main``: the interval that the overview is about; the others
    stand beside it. ``summary`` is None where too few studies may be put together."""

    dimension: str
    months: float
    main: bool
    members: tuple[Change, ...]
    left_out: tuple[LeftOut, ...]
    bound: float
    summary: Summary | None

    @property
    def comparison_id(self) -> str:
        """``portfolio.municipal.6``: dimension and months."""
        return f"portfolio.{self.dimension}.{f'{self.months:g}'.replace('.', '_')}"

    @property
    def n_people(self) -> int:
        """People with both scores in the studies of the summary."""
        return sum(c.n or 0 for c in self.members)


def compare(studies: Sequence[StudyRead], settings: Declaration) -> tuple[Comparison, ...]:
    """Every comparison that the studies allow: for each dimension the main interval, then others that at least two
    studies share. The main ones are one family of tests (Holm)."""
    bound = settings.equivalence_bound or min((s.bound for s in studies if s.bound is not None), default=5.0)
    doubled = _doubled(studies)
    interval = settings.interval or _shared_interval([c.months for s in studies for c in s.changes], settings)
    found = []
    for dimension in Dimension:
        if interval is None or not any(c.dimension == dimension for s in studies for c in s.changes):
            continue
        months = interval
        others = _other_intervals(studies, dimension, months, settings)
        found += [_comparison(studies, settings, dimension, m, m == months, bound, doubled) for m in (months, *others)]
    return _summarised(tuple(found), settings.alpha)


def _other_intervals(
    studies: Sequence[StudyRead], dimension: str, main: float, settings: Declaration
) -> tuple[float, ...]:
    """Further intervals that at least two studies have, each once, in order of time."""
    left = [c.months for s in studies for c in s.changes if c.dimension == dimension]
    taken = [main]
    while True:
        left = [m for m in left if all(abs(m - t) > settings.interval_tolerance for t in taken)]
        shared = _shared_interval(left, settings)
        if shared is None or sum(abs(m - shared) <= settings.interval_tolerance for m in left) < 2:
            return tuple(sorted(taken[1:]))
        taken.append(shared)


def _shared_interval(months: Sequence[float], settings: Declaration) -> float | None:
    """The interval that most of these lie at, the longest of several; None where there are none."""
    if not months:
        return None
    near = {m: sum(abs(m - other) <= settings.interval_tolerance for other in months) for m in set(months)}
    exact = Counter(months)
    return max(near, key=lambda m: (near[m], exact[m], m))


def _comparison(
    studies: Sequence[StudyRead],
    settings: Declaration,
    dimension: Dimension,
    months: float,
    main: bool,
    bound: float,
    doubled: Mapping[str, str],
) -> Comparison:
    there: list[tuple[StudyRead, Change]] = []
    out: list[LeftOut] = []
    for study in studies:
        change, reason = _candidate(study, dimension, months, settings.interval_tolerance)
        if change is None or reason is not None:
            out.append(reason or LeftOut(study.key, "not_measured", {}))
        elif study.key in doubled:
            out.append(LeftOut(study.key, "same_files", {"study": doubled[study.key]}, change))
        else:
            there.append((study, change))
    if dimension not in settings.same_instrument:
        there, different = _keep_most(
            there, lambda s, _: s.instruments.get(dimension), lambda s, c, most: _instrument(s, c, dimension, most)
        )
        out += different
    there, different = _keep_most(
        there, lambda _, c: (c.method, c.estimand), lambda s, c, _: LeftOut(s.key, "method", {"method": c.method}, c)
    )
    out += different
    order = {s.key: i for i, s in enumerate(studies)}
    return Comparison(
        str(dimension),
        months,
        main,
        tuple(c for _, c in there),
        tuple(sorted(out, key=lambda o: order[o.study])),
        bound,
        None,
    )


def _candidate(
    study: StudyRead, dimension: Dimension, months: float, tolerance: float
) -> tuple[Change | None, LeftOut | None]:
    if study.standing is None:
        return None, LeftOut(study.key, "not_published", {})
    mine = [c for c in study.changes if c.dimension == dimension]
    if not mine:
        measured = dimension in study.instruments
        return None, LeftOut(study.key, "no_change" if measured else "not_measured", {})
    near = [c for c in mine if abs(c.months - months) <= tolerance]
    if not near:
        longest = max(mine, key=lambda c: c.months)
        return None, LeftOut(study.key, "interval", {"months": longest.months}, longest)
    change = min(near, key=lambda c: (abs(c.months - months), -c.months))
    if change.estimate is None or change.declined:
        return None, LeftOut(study.key, "declined", {"reason": change.declined or ""}, change)
    if not change.std_error or change.std_error <= 0:
        return None, LeftOut(study.key, "no_error", {}, change)
    return change, None


def _keep_most(
    there: Sequence[tuple[StudyRead, Change]],
    kind: Callable[[StudyRead, Change], T],
    reason: Callable[[StudyRead, Change, T], LeftOut],
) -> tuple[list[tuple[StudyRead, Change]], list[LeftOut]]:
    """The studies of the kind that most have (then most people), and the others with the reason."""
    if not there:
        return [], []
    kinds = [kind(s, c) for s, c in there]
    people: Counter[T] = Counter()
    for k, (_, c) in zip(kinds, there, strict=True):
        people[k] += c.n or 0
    held = Counter(kinds)
    most = max(held, key=lambda k: (held[k], people[k]))
    kept = [sc for k, sc in zip(kinds, there, strict=True) if k == most]
    return kept, [reason(s, c, most) for k, (s, c) in zip(kinds, there, strict=True) if k != most]


def _instrument(study: StudyRead, change: Change, dimension: str, most: object) -> LeftOut:
    mine = study.instruments.get(dimension)
    low, high = getattr(most, "low", None), getattr(most, "high", None)
    if mine is not None and (mine.low, mine.high) != (low, high):
        ends = {"low": mine.low, "high": mine.high, "other_low": low, "other_high": high}
        return LeftOut(study.key, "answer_scale", ends, change)
    return LeftOut(study.key, "instrument", {}, change)


def _doubled(studies: Sequence[StudyRead]) -> dict[str, str]:
    """Studies that read a survey file which one before them read too: the same people would count twice."""
    first: dict[str, str] = {}
    doubled: dict[str, str] = {}
    for study in studies:
        for sha in sorted(study.files):
            if first.setdefault(sha, study.key) != study.key:
                doubled.setdefault(study.key, first[sha])
    return doubled


def _summarised(comparisons: tuple[Comparison, ...], alpha: float) -> tuple[Comparison, ...]:
    fits = [random_effects(*_figures(c)) if PORTFOLIO.declines(len(c.members)) is None else None for c in comparisons]
    family = [i for i, (c, f) in enumerate(zip(comparisons, fits, strict=True)) if c.main and f is not None]
    adjusted = dict(zip(family, adjust([fits[i].p_value for i in family], "holm"), strict=True))  # type: ignore[union-attr]
    return tuple(
        c if fit is None else replace(c, summary=_summary(c, fit, adjusted.get(i), alpha))
        for i, (c, fit) in enumerate(zip(comparisons, fits, strict=True))
    )


def _figures(c: Comparison) -> tuple[list[float], list[float]]:
    return [m.estimate or 0.0 for m in c.members], [m.std_error or 0.0 for m in c.members]


def _summary(c: Comparison, fit: Combined, p_adjusted: float | None, alpha: float) -> Summary:
    estimates, errors = _figures(c)
    p = fit.p_value if p_adjusted is None else p_adjusted
    # What was adjusted once is adjusted alike in the checks, so that they ask of the studies and not of the family.
    factor = p / fit.p_value if fit.p_value > 0 else 1.0

    def verdict(x: Combined | Mean) -> Verdict:
        return verdict_on_change(min(1.0, x.p_value * factor), x.interval, x.interval_90, c.bound, alpha)

    mine = verdict_on_change(p, fit.interval, fit.interval_90, c.bound, alpha)
    without, plain = leave_one_out(estimates, errors), equal_weights(estimates)
    checks = SummaryChecks(
        same_without_any_one=all(verdict(w) == mine for w in without) if without else None,
        same_equal_weights=verdict(plain) == mine,
        prediction=fit.prediction,
    )
    certainty = certainty_of_summary(mine, p, fit.estimate, checks, c.bound, alpha)
    return Summary(fit, plain, without, p_adjusted, mine, certainty, _warnings(c, fit, checks))


def _warnings(c: Comparison, fit: Combined, checks: SummaryChecks) -> tuple[str, ...]:
    people = sorted(m.n or 0 for m in c.members)
    prediction = fit.prediction
    found = {
        "few_studies": fit.k < FEW_STUDIES,
        "heterogeneous": heterogeneous(fit.q_p, fit.i_squared),
        "prediction_both_ways": prediction is not None and prediction[0] < 0 < prediction[1],
        "few_people": people[len(people) // 2] < FEW_PEOPLE_A_STUDY,
        "one_study": checks.same_without_any_one is False,
        "equal_weights": checks.same_equal_weights is False,
    }
    return tuple(key for key, holds in found.items() if holds)
