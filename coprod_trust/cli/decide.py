"""Commands that look behind a finding and record what people decide about it."""

from __future__ import annotations

from pathlib import Path

import click

from coprod_trust.cli.folder import json_option, quoted, study_argument

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
