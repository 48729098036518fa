"""The commands. Each imports what it needs when it is called, so that ``--help`` answers at once."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from coprod_trust.cli import decide, exporting, lifecycle
from coprod_trust.cli import portfolio as many
from coprod_trust.cli.folder import StudyFolder, json_option, study_argument, wave_option
from coprod_trust.errors import EXIT_REFUSED, quoted

if TYPE_CHECKING:
    from coprod_trust.runner import RunResult

every_option = click.option(
    "--every",
    default=2.0,
    show_default=True,
    type=click.FloatRange(min=0.1),
    help="Seconds between two looks at the folders, for files that have come or changed.",
)

STOPPED = "Stopped. Nothing of this run is kept; the last publication stays."


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path, file_okay=False))
@click.option(
    "--from",
    "files",
    metavar="FILES...",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Survey files to draft study.yaml from, one a wave or several; the further files follow as arguments.",
)
@click.argument("more", metavar="", nargs=-1, type=click.Path(exists=True, dir_okay=False, path_type=Path))
def init(folder: Path, files: tuple[Path, ...], more: tuple[Path, ...]) -> None:
    """Make a new study folder.

    With --from, study.yaml is drafted from the files' names, labels, values and ranges: read it and correct it.
    Projects of coding programs (.qdpx, .qdc, data.qda, Taguette) among them draft the notes section and the codebook.
    """
    from coprod_trust.study.draft import draft

    if more and not files:
        raise click.UsageError("name the survey files after --from")
    click.echo(draft(folder, [*files, *more]))
    click.echo("Next: read study.yaml and correct it, then", err=True)
    click.echo(f"    coprod-trust check {quoted(folder)}", err=True)


@click.command()
@study_argument
@wave_option
@json_option
@click.pass_context
def check(ctx: click.Context, study: Path, wave: str | None, as_json: bool) -> None:
    """Read everything, write nothing, list every problem.

    The exit status is 1 only where run would refuse.
    """
    from coprod_trust.check import check as inspect
    from coprod_trust.cli import show

    found = inspect(study, wave)
    if as_json:
        click.echo(show.as_json(show.checked_as_data(found)))
    else:
        for line in show.problem_lines(found.problems, ids=False):
            click.echo(line)
        show.show_reasons(found.reasons)
        click.echo(show.summary(found))
    if found.refused:
        ctx.exit(EXIT_REFUSED)


@click.command()
@study_argument
@wave_option
@click.option("--direct", is_flag=True, help="Walk the same steps without Prefect.")
@click.option("--cross-check", is_flag=True, help="Also fit the mixed models with statsmodels, beside ours.")
@click.option("--full", is_flag=True, help="Do every step again, also where nothing that it reads has changed.")
def run(study: Path, wave: str | None, direct: bool, cross_check: bool, full: bool) -> None:
    """Run the study, from its files to the report.

    The last line on stdout is the report's path.
    """
    from coprod_trust.beside import second_process
    from coprod_trust.cli.progress import progress

    with second_process(), progress() as display:
        if direct:
            from coprod_trust.runner import run_direct

            result = run_direct(study, wave, display.on_step, cross_check, full)
        else:
            display.waiting("Starting Prefect")
            from pipelines.run import run_flow

            def stopped() -> None:
                display.__exit__(None, None, None)
                click.echo(STOPPED, err=True)

            result = run_flow(study, wave, display.on_step, stopped, cross_check, full)
    _tell(study, result)


def _tell(study: Path, result: RunResult) -> None:
    from coprod_trust.cli.show import count

    if result.quarantined:
        click.echo(
            f"{count(result.quarantined, 'row or cell waits', 'rows or cells wait')} in quarantine; see: "
            f"coprod-trust quarantine {quoted(study)}",
            err=True,
        )
    _tell_what_moved(study)
    click.echo(result.report)


def _tell_what_moved(study: Path) -> None:
    """Which findings differ from the run before; and whether the clock was set back since."""
    from datetime import UTC, datetime

    from coprod_trust.cli.show import count
    from coprod_trust.status import clock_behind
    from coprod_trust.store.query import published

    with published(study) as con:
        row = con.execute(
            "SELECT count(*), count(*) FILTER (concluded_otherwise), (SELECT epoch_us(max(finished_at)) FROM run) "
            "FROM difference"
        ).fetchone()
    assert row is not None
    moved, otherwise, ended = row
    if moved:
        click.echo(
            f"{count(moved, 'finding differs', 'findings differ')} from the run before, {otherwise} in the conclusion; "
            f'see: coprod-trust sql {quoted(study)} "FROM difference"',
            err=True,
        )
    for sentence in clock_behind(datetime.fromtimestamp(ended / 1e6, UTC) if ended else None):
        click.echo(sentence[:1].upper() + sentence[1:] + ".", err=True)


@click.command()
@study_argument
@json_option
def status(study: Path, as_json: bool) -> None:
    """Show waves, rows, the last run and what is due."""
    from coprod_trust.cli import show
    from coprod_trust.status import status as state_of

    state = state_of(study)
    if as_json:
        click.echo(show.as_json(state.as_data()))
        return
    for line in state.lines():
        click.echo(line)


@click.command()
@study_argument
@json_option
def quarantine(study: Path, as_json: bool) -> None:
    """List what waits in quarantine and how to fix it.

    Correct the file it came from, or let it in with: coprod-trust release STUDY PROBLEM_ID --who NAME --why REASON
    """
    from coprod_trust.cli import show
    from coprod_trust.quarantine import waiting

    problems = list(waiting(study))
    if as_json:
        click.echo(show.as_json(show.problems_as_data(problems)))
        return
    for line in show.problem_lines(problems, ids=True):
        click.echo(line)
    if problems:
        click.echo(f"\n{show.count(len(problems), 'problem')}. To let one in:", err=True)
        click.echo(f'    coprod-trust release {quoted(study)} PROBLEM_ID --who NAME --why "the reason"', err=True)
    else:
        click.echo("Nothing waits in quarantine.")


@click.command()
@study_argument
@click.argument("problem_id")
@click.option("--who", required=True, help="Who decides.")
@click.option("--why", required=True, help="Why it may come in.")
@click.option("--value", help="The value to use in place of the one found.")
def release(study: Path, problem_id: str, who: str, why: str, value: str | None) -> None:
    """Let something out of quarantine, on record.

    The decision is written to decisions/release.csv; the next run uses it.
    """
    from coprod_trust.ingest.release import release as record

    record(study, problem_id, who, why, value)
    click.echo(f"Recorded. To use it: coprod-trust run {quoted(study)}", err=True)


@click.command()
@study_argument
@click.argument("query", metavar="SELECT")
@click.option("--format", "form", type=click.Choice(["table", "csv", "json"]), default="table", show_default=True)
def sql(study: Path, query: str, form: str) -> None:
    """Query the published database, read-only.

    With - in place of the query it is read from stdin.
    """
    from coprod_trust.cli.tables import write_rows
    from coprod_trust.store.query import query as ask

    with ask(study, sys.stdin.read() if query == "-" else query) as answer:
        write_rows(answer.names, answer, form)


@click.command()
@click.argument("studies", metavar="STUDY...", nargs=-1, required=True, type=StudyFolder())
@click.option(
    "--cron", default="0 6 * * *", show_default=True, help="When to look for waves that are due (a cron expression)."
)
@click.option(
    "--timezone",
    metavar="ZONE",
    default="UTC",
    show_default=True,
    help="Its time zone, such as Europe/Amsterdam.",
)
@every_option
def serve(studies: tuple[Path, ...], cron: str, timezone: str, every: float) -> None:
    """Run each wave when it is due, through Prefect.

    Runs it again when a file comes or changes. Works until it is stopped with Ctrl-C.
    Uses the server of PREFECT_API_URL, or starts one.
    """
    from pipelines.serve import serve_studies

    try:
        serve_studies(studies, cron, timezone, every)
    except KeyboardInterrupt:
        click.echo("Stopped. The schedule stays; the next serve takes it up again.", err=True)


@click.command()
@click.argument("studies", metavar="STUDY...", nargs=-1, required=True, type=StudyFolder())
@every_option
def watch(studies: tuple[Path, ...], every: float) -> None:
    """Tell Prefect when a file of a study comes or changes.

    For a Prefect server with workers, beside the deployments of prefect.yaml; serve watches by itself. Works until it
    is stopped with Ctrl-C.
    """
    from pipelines.serve import watch_studies

    try:
        watch_studies(studies, every)
    except KeyboardInterrupt:
        click.echo("Stopped.", err=True)


@click.command()
def schema() -> None:
    """Print the JSON Schema of study.yaml, for editors."""
    from coprod_trust.study.schema import schema_text

    click.echo(schema_text(), nl=False)


ALL = [
    init, check, run, status, quarantine, release, sql, *decide.ALL, *lifecycle.ALL, *exporting.ALL, serve, watch,
    *many.ALL, schema,
]  # fmt: skip
