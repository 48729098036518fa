"""Commands that look behind a finding and record what people decide about it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from coprod_trust.cli.folder import json_option, study_argument
from coprod_trust.errors import quoted

if TYPE_CHECKING:
    from coprod_trust.privacy.release import Waiting

who_option = click.option("--who", required=True, help="Who decides.")
why_option = click.option("--why", required=True, help="Why.")
STANCES = ["confirms", "contrasts", "expands", "mentions"]


@click.command()
@study_argument
@click.argument("finding")
@json_option
def trace(study: Path, finding: str, as_json: bool) -> None:
    """Show what a finding rests on, down to rows and segments.

    FINDING is the id in small print beside a sentence of the report, such as change.provider.w1-w2.
    """
    from coprod_trust.cli.show import as_json as text
    from coprod_trust.cli.tracing import trace_lines
    from coprod_trust.trace import trace as behind

    found = behind(study, finding)
    if as_json:
        click.echo(text(found.as_data()))
        return
    for line in trace_lines(found):
        click.echo(line)


@click.command()
@study_argument
@click.argument("finding")
@click.argument("stance", type=click.Choice(STANCES))
@click.argument("segments", metavar="SEGMENT...", nargs=-1, required=True)
@who_option
@why_option
@click.option(
    "--blinded/--not-blinded", default=None, help="Whether the person had not seen the results; else it is not known."
)
def stance(
    study: Path, finding: str, stance: str, segments: tuple[str, ...], who: str, why: str, blinded: bool | None
) -> None:
    """Record what segments do to a finding.

    By what the words do, not by their tone: a segment confirms or contrasts with a finding, expands on it, or mentions
    it. The decision is written to decisions/stance.csv; the next run uses it.
    """
    from coprod_trust.integrate.decide import set_stance

    set_stance(study, segments, finding, stance, who, why, blinded)  # type: ignore[arg-type]
    click.echo(f"Recorded. To use it: coprod-trust run {quoted(study)}", err=True)


@click.command()
@study_argument
@click.argument("finding", required=False)
@who_option
@why_option
@click.option("--wave", metavar="W", help="The published report to sign off, in place of a finding.")
@click.option("--fit", metavar="FIT", help="The fit of numbers and notes, where it is not the one proposed.")
@click.option("--inference", metavar="TEXT", help="What numbers and notes say together; the report prints it.")
def signoff(
    study: Path, finding: str | None, who: str, why: str, wave: str | None, fit: str | None, inference: str | None
) -> None:
    """Stand for a finding's fit with the notes, or for a report.

    The decision is written to decisions/signoff.csv with the figures of today, and ends when they change.
    """
    from coprod_trust.integrate.decide import sign_off_finding, sign_off_report

    if (finding is None) == (wave is None):
        raise click.UsageError("name either a FINDING, or with --wave the report")
    if finding is None:
        if fit or inference:
            raise click.UsageError("--fit and --inference go with a FINDING")
        sign_off_report(study, wave, who, why)
    else:
        sign_off_finding(study, finding, who, why, fit, inference)
    click.echo(f"Recorded. To use it: coprod-trust run {quoted(study)}", err=True)


@click.command()
@study_argument
@click.argument("segments", metavar="[SEGMENT]...", nargs=-1)
@click.option("--who", help="Who decides.")
@click.option("--why", help="Why.")
@click.option("--public", is_flag=True, help="Release for the public edition too, where the consent covers it.")
@click.option("--redact", metavar="SPANS", help="Parts to leave out, such as 4-11 or '4-11 30-38', counted from 0.")
@click.option("--take-back", is_flag=True, help="Take the words back.")
@json_option
def quote(
    study: Path,
    segments: tuple[str, ...],
    who: str | None,
    why: str | None,
    public: bool,
    redact: str | None,
    take_back: bool,
    as_json: bool,
) -> None:
    """Read passages, and release their words for the report.

    Without SEGMENT the passages are listed whose speakers agreed to be quoted, with their words. The decision is
    written to decisions/quote.csv; the next run uses it.
    """
    from coprod_trust.privacy.release import release_quotes, waiting

    if not segments:
        if who or why or public or redact or take_back:
            raise click.UsageError("name the SEGMENT")
        _list_quotes(study, waiting(study), as_json)
        return
    if not who or not why:
        raise click.UsageError("--who and --why are needed to decide")
    release_quotes(study, segments, who, why, "public" if public else "internal", redact, take_back)
    click.echo(f"Recorded. To use it: coprod-trust run {quoted(study)}", err=True)


def _list_quotes(study: Path, passages: tuple[Waiting, ...], as_json: bool) -> None:
    from dataclasses import asdict

    from coprod_trust.cli import show

    if as_json:
        click.echo(show.as_json([asdict(p) for p in passages]))
        return
    for p in passages:
        state = f"released: {p.released}" if p.released else "not released"
        click.echo(f"{show.plain(p.segment_id)}  [{', '.join(p.codes)}]  consent: {p.consent}; {state}")
        click.echo(f"    {show.plain(p.text, 2000)}")
        for stop in p.stopped:
            click.echo(f"    to be left out: {stop}")
    if passages:
        click.echo(f"\n{show.count(len(passages), 'passage')}. To release one after reading it:", err=True)
        click.echo(
            f'    coprod-trust quote {quoted(study)} SEGMENT --who NAME --why "read, points at nobody"', err=True
        )
    else:
        click.echo("No passage may be quoted: no speaker agreed to it.")


ALL = [trace, stance, signoff, quote]
