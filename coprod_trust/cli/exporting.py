"""The command that hands the study to other programs."""

from __future__ import annotations

from pathlib import Path

import click

from coprod_trust.cli.folder import study_argument

# As coprod_trust.export.FORMATS has them; written out so that --help answers at once.
FORMATS = ["qdpx", "parquet", "csv", "sav", "dta", "html"]


@click.command()
@study_argument
@click.option("--format", "form", type=click.Choice(FORMATS), required=True, help="What for.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="The file; else in exports/ of the study.")
@click.option("--table", metavar="NAME", help="parquet, csv, sav, dta: a published table; else people, a row each.")
@click.option("--force", is_flag=True, help="Write over a file that is there.")
def export(study: Path, form: str, out: Path | None, table: str | None, force: bool) -> None:
    """Write the last publication for another program.

    qdpx: codes, passages and participants with their trajectories as a REFI-QDA project, for NVivo, ATLAS.ti, MAXQDA or
    QualCoder. Words that may not be quoted are masked. parquet, csv, sav (SPSS), dta (Stata): people with answers and
    scores, labelled, or one table. html: the data dictionary.
    """
    from coprod_trust.export import export as write

    done = write(study, form, out, force, table)
    for remark in done.remarks:
        click.echo(remark, err=True)
    click.echo(done.path)


ALL = [export]
