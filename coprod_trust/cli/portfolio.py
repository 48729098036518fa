"""The command for many studies. It imports what it needs when it is called."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from coprod_trust.cli.folder import json_option
from coprod_trust.errors import EXIT_STOPPED, quoted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from coprod_trust.portfolio.declare import Portfolio
    from coprod_trust.portfolio.material import Overview
    from coprod_trust.portfolio.run import Outcome


@click.command()
@click.argument("folder", metavar="PORTFOLIO", type=click.Path(exists=True, path_type=Path))
@click.argument("action", type=click.Choice(["run", "overview", "status"]), default="run")
@click.option("--again", is_flag=True, help="Also run studies in which nothing has changed.")
@click.option("--jobs", type=click.IntRange(1), metavar="N", help="Studies at once; by default as many as processors.")
@click.option("--direct", is_flag=True, help="Without Prefect.")
@click.option("--dask", metavar="ADDRESS", help="On a Dask cluster: its scheduler's address, or local.")
@click.option("--deployment", metavar="NAME", help="On the workers of a Prefect work pool: study/portfolio.")
@json_option
@click.pass_context
def portfolio(
    ctx: click.Context,
    folder: Path,
    action: str,
    again: bool,
    jobs: int | None,
    direct: bool,
    dask: str | None,
    deployment: str | None,
    as_json: bool,
) -> None:
    """Run many studies side by side and compare them.

    PORTFOLIO is a folder with studies.yaml, or one in which studies lie. run: runs each study in which something has
    changed, then makes the overview; overview: makes it from what is published; status: how every study stands.
    The last line on stdout is the overview's path.
    """
    from coprod_trust.portfolio.declare import load_portfolio
    from coprod_trust.portfolio.material import material
    from coprod_trust.portfolio.publish import publish_overview
    from coprod_trust.portfolio.run import exit_status

    if direct and dask:
        raise click.UsageError("--direct is without Prefect, and Dask works through Prefect")
    if deployment and (direct or dask):
        raise click.UsageError("--deployment is for the workers of a Prefect work pool, without --direct or --dask")
    if action != "run" and (again or jobs or direct or dask or deployment):
        raise click.UsageError("--again, --jobs, --direct, --dask and --deployment are for run")
    if as_json and action != "status":
        raise click.UsageError("--json is for status")
    found = load_portfolio(folder)
    ctx.find_root().obj = found.root
    if action == "status":
        _status(material(found, compared=False), as_json)
        return
    outcomes: Sequence[Outcome] = ()
    if action == "overview":
        page = publish_overview(material(found))
    elif direct:
        from coprod_trust.portfolio.run import run_studies

        try:
            outcomes = run_studies(found.studies, again, jobs, _teller(found))
        except KeyboardInterrupt:
            _stopped()
            ctx.exit(EXIT_STOPPED)
        page = publish_overview(material(found, outcomes))
    else:
        from pipelines.run import run_portfolio_flow

        on_stop = _left_to_workers if deployment else _stopped
        outcomes, page = run_portfolio_flow(found, again, jobs, dask, deployment, _teller(found), on_stop)
    _tell(outcomes)
    click.echo(page)
    ctx.exit(exit_status(outcomes))


def _stopped() -> None:
    click.echo("Stopped. Studies that had ended are published; of the others nothing of this run is kept.", err=True)


def _left_to_workers() -> None:
    click.echo(
        "Stopped waiting. The workers go on with what they were given; cancel it in Prefect's UI, or with: "
        "prefect flow-run cancel. The overview is made by: coprod-trust portfolio PORTFOLIO overview",
        err=True,
    )


class _teller:  # noqa: N801 - a function with a count
    """Says on stderr what became of each study, as it ends."""

    def __init__(self, found: Portfolio) -> None:
        self._total, self._told = len(found.studies), 0

    def __call__(self, outcome: Outcome) -> None:
        self._told += 1
        wave = f", waves up to {outcome.wave}" if outcome.wave else ""
        waiting = f", {outcome.quarantined:,} in quarantine" if outcome.quarantined else ""
        place = f"[{self._told}/{self._total}]"
        click.echo(f"{place} {outcome.key}: {outcome.state}{wave}{waiting} ({outcome.seconds:.1f} s)", err=True)


def _tell(outcomes: Sequence[Outcome]) -> None:
    """Every reason of every study that was not run, after all of them."""
    from coprod_trust.cli.show import count, show_reasons

    failed = [o for o in outcomes if not o.done]
    if not failed:
        return
    click.echo(f"\n{count(len(failed), 'study', 'studies')} of {len(outcomes)} did not go through:", err=True)
    for outcome in failed:
        click.echo(f"\n{outcome.key} ({outcome.state})", err=True)
        show_reasons(outcome.reasons)


def _status(o: Overview, as_json: bool) -> None:
    from coprod_trust.cli.show import as_json as json_text
    from coprod_trust.report.language import language

    t = language("en")
    rows = []
    for s in o.studies:
        stands = s.standing
        changed = ", ".join(stands.changed) if stands else ""
        rows.append(
            {
                "study": s.key,
                "label": s.label,
                "wave": stands.wave if stands else None,
                "finished_at": stands.finished_at if stands else None,
                "n_participants": stands.n_participants if stands else None,
                "n_quarantined": stands.n_quarantined if stands else None,
                "stale": o.is_stale(s),
                "stands": str(t.say(f"overview.stands.{o.stands(s)}", changed=changed)),
                "reasons": [{"message": r.message, "fix": r.fix, "where": r.where} for r in s.reasons],
            }
        )
    if as_json:
        click.echo(json_text(rows))
        return
    from coprod_trust.cli.show import show_reasons
    from coprod_trust.status import columns

    names = ("study", "wave", "participants", "in quarantine", "published", "how it stands")
    cells = [
        (
            str(r["study"]),
            str(r["wave"] or ""),
            *("" if r[k] is None else f"{r[k]:,}" for k in ("n_participants", "n_quarantined")),
            f"{r['finished_at']:%Y-%m-%d}" if r["finished_at"] else "",
            str(r["stands"]),
        )
        for r in rows
    ]
    for line in columns(names, cells):
        click.echo(line)
    for s in o.studies:
        show_reasons(s.reasons)
    if any(r["stale"] or r["wave"] is None for r in rows):
        click.echo(f"To run what is not up to date: coprod-trust portfolio {quoted(o.portfolio.root)} run", err=True)


ALL = [portfolio]
