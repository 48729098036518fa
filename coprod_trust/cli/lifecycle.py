"""The commands for a study that lives for years. Each imports what it needs when it is called."""

from __future__ import annotations

from pathlib import Path

import click

from coprod_trust.cli.folder import json_option, study_argument, told
from coprod_trust.errors import EXIT_REFUSED, quoted

who_option = click.option("--who", required=True, help="Who decides.")
why_option = click.option("--why", required=True, help="Why.")


@click.command()
@study_argument
@click.option("--wave", required=True, metavar="W", help="The wave of the answer.")
@click.option("--column", required=True, help="The column, as the file writes it.")
@click.option("--participant", metavar="ID", help="The person whose answer it is.")
@click.option("--row", type=click.IntRange(1), help="Or the row, as a spreadsheet counts.")
@click.option("--file", help="The file, as in study.yaml; needed where several files of the wave have that row.")
@click.option("--value", help="The right value.")
@click.option("--blank", is_flag=True, help="There is no answer: the cell becomes blank.")
@who_option
@why_option
def correct(
    study: Path,
    wave: str,
    column: str,
    participant: str | None,
    row: int | None,
    file: str | None,
    value: str | None,
    blank: bool,
    who: str,
    why: str,
) -> None:
    """Record another value for one cell; the file stays as it is.

    The decision is written to decisions/correction.csv; the next run uses it and holds the value against every rule.
    """
    from coprod_trust.lifecycle.correct import Cell
    from coprod_trust.lifecycle.correct import correct as record

    if (value is None) != blank:
        raise click.UsageError("give either --value or --blank")
    record(study, Cell(wave, column, participant, file, row), value, who, why)
    click.echo(f"Recorded. To use it: coprod-trust run {quoted(study)}", err=True)


@click.command()
@study_argument
@click.argument("path", metavar="FILE")
@click.option(
    "--with",
    "replacement",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The revised file, which is copied into the place of the old one.",
)
@who_option
@why_option
def revise(study: Path, path: str, replacement: Path | None, who: str, why: str) -> None:
    """Replace an imported file by a revised one, on record.

    FILE is its path in the study's folder, such as waves/w1.csv. Without --with, what lies there now is the revision.
    The old file stays in the archive; the decision is written to decisions/revision.csv.
    """
    from coprod_trust.lifecycle.revise import revise as record

    for line in record(study, path, who, why, replacement).lines():
        click.echo(line)
    click.echo(f"Recorded. To use it: coprod-trust run {quoted(study)}", err=True)


@click.command()
@study_argument
@click.option("--register", is_flag=True, help="Put the plan on record, before answers are seen.")
@click.option("--amend", is_flag=True, help="Record what was changed in it since.")
@click.option("--who", help="Who decides; needed with either.")
@click.option("--why", help="Why; needed with --amend.")
@json_option
def plan(study: Path, register: bool, amend: bool, who: str | None, why: str | None, as_json: bool) -> None:
    """Show, register or amend the analysis plan.

    The plan stands in study.yaml; its records, each with its hash, in decisions/amendment.csv. Every run holds what was
    done against it.
    """
    from coprod_trust.cli import show
    from coprod_trust.plan import record

    if register and amend:
        raise click.UsageError("give either --register or --amend")
    if ((register or amend) and not who) or (amend and not why):
        raise click.UsageError("--register needs --who; --amend needs --who and --why")
    if register:
        state = record.register(study, str(who), *([why] if why else []))
    elif amend:
        state = record.amend(study, str(who), str(why))
    else:
        state = record.plan_state(study)
    if as_json:
        click.echo(show.as_json(state.as_data()))
        return
    for line in state.lines():
        click.echo(told(line))


@click.command()
@study_argument
@click.argument("wave")
@click.option("--thaw", is_flag=True, help="Allow a change to the frozen wave; the next report prints why.")
@who_option
@why_option
def freeze(study: Path, wave: str, thaw: bool, who: str, why: str) -> None:
    """Freeze a wave as it was published, or thaw it by name.

    Manifest, keys and rows go to frozen/WAVE. A run that would change a frozen wave is refused.
    """
    from coprod_trust.freeze import freeze as frozen

    if thaw:
        frozen.thaw(study, wave, who, why)
        click.echo(f"Wave {wave} may be changed. When it stands again, freeze it anew.", err=True)
        return
    manifest = frozen.freeze(study, wave, who, why)
    click.echo(
        f"Frozen: {manifest.n_rows:,} rows of {manifest.people:,} people, {len(manifest.files)} files.", err=True
    )
    click.echo(study / "frozen" / wave / "manifest.json")


@click.command()
@study_argument
@click.argument("wave", required=False)
@click.option("--quick", is_flag=True, help="Compare hashes only; do not compute the findings again.")
@click.pass_context
def verify(ctx: click.Context, study: Path, wave: str | None, quick: bool) -> None:
    """Prove that a frozen report came from its rows.

    Looks at files, rows and reports by their hashes, computes the findings again from the files, and says how many
    rows were erased. The exit status is 1 where anything does not hold.
    """
    from coprod_trust.freeze.verify import verify as look

    found = look(study, wave, rerun=not quick)
    for verified in found:
        for line in verified.lines():
            click.echo(line)
    if not all(v.holds for v in found):
        ctx.exit(EXIT_REFUSED)


@click.command()
@study_argument
@click.argument("participant", metavar="ID")
@click.option(
    "--replace-files", is_flag=True, help="Also put the remaining rows in place of files in waves/ and notes/."
)
@who_option
@why_option
@click.pass_context
def withdraw(ctx: click.Context, study: Path, participant: str, replace_files: bool, who: str, why: str) -> None:
    """Take a person out of everything that is kept, and prove it.

    Archive, freezes, decisions, databases and reports are made anew without the person; then every file is opened and
    searched. The exit status is 1 where anything is left. It cannot be undone.
    """
    from coprod_trust.withdraw.withdraw import withdraw as take_out

    done = take_out(study, participant, who, why, replace_files)
    for line in done.lines():
        click.echo(line)
    if done.left:
        ctx.exit(EXIT_REFUSED)


@click.command()
@study_argument
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), help="The file; else beside the study's folder."
)
def backup(study: Path, out: Path | None) -> None:
    """Write the whole study into one file, with hashes.

    Everything that a run cannot make again, and what is published. It holds people's answers: keep it as safe as the
    study.
    """
    from coprod_trust.lifecycle.backup import backup as write

    done = write(study, out)
    click.echo(f"{done.files:,} files.", err=True)
    click.echo(done.path)


@click.command()
@click.argument("folder", metavar="STUDY", type=click.Path(path_type=Path, file_okay=False))
@click.argument("file", metavar="BACKUP", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def restore(folder: Path, file: Path) -> None:
    """Put a backup back, into a new folder.

    Every file is held against its hash first. People who withdrew after the backup was made are in it: withdraw them
    again.
    """
    from coprod_trust.lifecycle.backup import restore as put_back

    done = put_back(folder, file)
    made_at = done.made_at[:16].replace("T", " ")
    click.echo(f"{done.files:,} files, as of {made_at} UTC.", err=True)
    click.echo("Whoever withdrew after that is in them: withdraw them again.", err=True)
    click.echo(f"Next: coprod-trust status {quoted(done.path)}", err=True)
    click.echo(done.path)


@click.command()
@study_argument
@click.argument("alias", metavar="[ID_IN_WAVE", required=False)
@click.argument("person", metavar="ID]", required=False)
@click.option("--wave", metavar="W", help="The wave in which the first id stands.")
@click.option("--different", is_flag=True, help="They are two people; do not propose them again.")
@click.option(
    "--review", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="A review file, filled in."
)
@click.option(
    "--crosswalk", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Ids wave by wave, as CSV."
)
@click.option("--who", help="Who decides; needed for every decision.")
@click.option("--why", help="Why; needed for every decision.")
def link(
    study: Path,
    alias: str | None,
    person: str | None,
    wave: str | None,
    different: bool,
    review: Path | None,
    crosswalk: Path | None,
    who: str | None,
    why: str | None,
) -> None:
    """Propose and decide which ids of different waves are one person.

    Without anything else, pairs that may be one person go into a review file: fill in its column decision (same or
    different) and give it back with --review. Nothing is merged without a decision.
    """
    from coprod_trust.lifecycle import link as linking

    deciding = [x is not None for x in (alias, review, crosswalk)]
    if sum(deciding) > 1 or (alias is not None and (person is None or wave is None)):
        raise click.UsageError("give ID_IN_WAVE, ID and --wave, or --review, or --crosswalk")
    if any(deciding) and not (who and why):
        raise click.UsageError("a decision needs --who and --why")
    if alias is not None:
        linking.link(study, str(wave), alias, str(person), str(who), str(why), same=not different)
    elif review is not None:
        same, apart = linking.take_review(study, review, str(who), str(why))
        click.echo(f"Recorded: {same} same, {apart} different.", err=True)
    elif crosswalk is not None:
        click.echo(f"Recorded: {linking.take_crosswalk(study, crosswalk, str(who), str(why))} links.", err=True)
    else:
        proposals = linking.propose(study)
        click.echo(
            f"Pairs that may be one person each: {len(proposals)}. Decide in the file, then give it to --review:",
            err=True,
        )
        click.echo(linking.write_review(study, proposals))
        return
    click.echo(f"To use it: coprod-trust run {quoted(study)}", err=True)


ALL = [correct, revise, link, plan, freeze, verify, withdraw, backup, restore]
