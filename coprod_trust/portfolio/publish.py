"""The overview written: its pages and its database, built aside and moved into place."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import astuple
from pathlib import Path

from coprod_trust import __version__
from coprod_trust.analysis.rules import PORTFOLIO
from coprod_trust.errors import Busy, Reason
from coprod_trust.portfolio.compare import Comparison
from coprod_trust.portfolio.declare import Portfolio
from coprod_trust.portfolio.material import Overview
from coprod_trust.portfolio.overview import build_overview
from coprod_trust.portfolio.overview_writer import OverviewWriter
from coprod_trust.privacy.disclosure import Edition
from coprod_trust.report.drawings import Drawings
from coprod_trust.report.language import language
from coprod_trust.report.step import write
from coprod_trust.store.portfolio import build_portfolio
from coprod_trust.store.publish import move
from coprod_trust.store.work import storage_error
from coprod_trust.study.report_settings import file_name


def publish_overview(overview: Overview) -> Path:
    """Write the overview in every language, edition and format, and the database; returns the path of the first page.

    Raises Busy where another overview of the portfolio is being written, StorageError where the disk refuses.
    """
    portfolio = overview.portfolio
    settings = portfolio.settings.report
    with _held(portfolio):
        shutil.rmtree(portfolio.outbox, ignore_errors=True)
        try:
            reports = [
                build_overview(overview, language(code), edition)
                for code in settings.languages
                for edition in settings.editions
            ]
            drawings = Drawings()
            for report in reports:
                drawings.add(report, language(report.head.language))
            write(portfolio.outbox / "reports", reports, settings.formats, drawings, __version__, OVERVIEW)
            build_portfolio(portfolio.outbox / portfolio.database.name, rows_of(overview))
            move(portfolio.outbox / portfolio.database.name, portfolio.database)
            for file in sorted(p for p in (portfolio.outbox / "reports").rglob("*") if p.is_file()):
                move(file, portfolio.root / "reports" / file.relative_to(portfolio.outbox / "reports"))
        except Exception as error:
            raise storage_error(error, portfolio.root) or error from None
        shutil.rmtree(portfolio.outbox, ignore_errors=True)
    edition = Edition.INTERNAL if Edition.INTERNAL in settings.editions else settings.editions[0]
    return portfolio.overview(edition, file_name(settings.languages[0], settings.formats[0], OVERVIEW))


OVERVIEW = "overview"


@contextmanager
def _held(portfolio: Portfolio) -> Iterator[None]:
    """Only one overview is written at a time; no study is held by this."""
    from filelock import FileLock, Timeout

    portfolio.lock.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(portfolio.lock, timeout=60)
    try:
        lock.acquire()
    except Timeout:
        raise Busy(
            Reason("another overview of this portfolio is being written", "try again later", str(portfolio.root))
        ) from None
    try:
        yield
    finally:
        lock.release()


def rows_of(overview: Overview) -> Mapping[str, Sequence[Sequence[object]]]:
    """The rows of every table of the portfolio's database, values in the order of their columns."""
    o, settings = overview, overview.portfolio.settings
    months = o.main[0].months if o.main else settings.interval
    return {
        "portfolio": [
            (
                settings.portfolio_id, settings.title, o.run_id, o.made_at.isoformat(), __version__, len(o.studies),
                settings.alpha, months, settings.interval_tolerance,
            )
        ],
        "study": [_study(o, i) for i in range(len(o.studies))],
        "study_problem": [
            (s.key, r.message, r.fix, r.where)
            for s in o.studies
            for r in o.reasons(s)
        ],
        "change": [astuple(c) for s in o.studies for c in s.changes],
        "comparison": [_comparison(c) for c in o.comparisons],
        "comparison_study": [row for c in o.comparisons for row in _members(o, c)],
        "comparison_estimate": [
            (c.comparison_id, method, e.k, e.estimate, e.std_error, e.df, e.p_value, *e.interval)
            for c in o.comparisons
            if c.summary is not None
            for method, e in (("random_effects", c.summary.combined), ("equal_weights", c.summary.by_equal_weights))
        ],
    }  # fmt: skip


def _study(o: Overview, index: int) -> tuple[object, ...]:
    s = o.studies[index]
    outcome, stands = o.outcomes.get(s.key), s.standing
    told = (s.key, s.study_id, s.label, s.synthetic, str(outcome.state) if outcome else None)
    if stands is None:
        return (*told, *[None] * 8, False, None)
    changed = ", ".join(stands.changed) or None
    return (
        *told, stands.wave, stands.wave_label, stands.run_id, stands.finished_at.isoformat(), stands.version,
        stands.plan_hash, stands.n_participants, stands.n_quarantined, o.is_stale(s), changed,
    )  # fmt: skip


def _comparison(c: Comparison) -> tuple[object, ...]:
    named = (c.comparison_id, c.dimension, c.months, c.main, len(c.members), c.n_people, c.bound)
    if c.summary is None:
        return (*named, *[None] * 18, PORTFOLIO.declines(len(c.members)))
    s, fit = c.summary, c.summary.combined
    return (
        *named, fit.estimate, fit.std_error, fit.df, fit.p_value, s.p_adjusted, *fit.interval, fit.tau,
        *fit.tau_interval, fit.q, fit.q_p, fit.i_squared, *(fit.prediction or (None, None)), str(s.verdict),
        str(s.certainty), list(s.warnings), None,
    )  # fmt: skip


def _members(o: Overview, c: Comparison) -> Iterator[tuple[object, ...]]:
    w = OverviewWriter(o, language("en"), Edition.INTERNAL)
    weights = c.summary.combined.weights if c.summary else [None] * len(c.members)
    without = c.summary.without if c.summary and c.summary.without else [None] * len(c.members)
    for member, weight, left in zip(c.members, weights, without, strict=True):
        figures = (left.estimate, left.std_error, left.p_value) if left else (None, None, None)
        yield (c.comparison_id, member.study, member.finding_id, True, None, weight, *figures)
    for out in c.left_out:
        finding = out.change.finding_id if out.change else None
        yield (c.comparison_id, out.study, finding, False, str(w.reason(out, c.months)), *[None] * 4)
