"""The application: its commands, and the exit status of everything that can go wrong.

0 done; 1 a file or the study was refused; 2 wrong usage; 3 another run holds the study; 70 a defect of ours;
130 stopped by the user.
"""

from __future__ import annotations

import errno
from pathlib import Path
from typing import Any

import click

from coprod_trust import __version__
from coprod_trust.cli import commands
from coprod_trust.errors import DISK, EXIT_DEFECT, EXIT_STOPPED, Reason, StorageError, UserError


class Application(click.Group):
    """A group of commands in which no user ever sees a traceback."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """In the order in which a study needs them."""
        return list(self.commands)

    def invoke(self, ctx: click.Context) -> Any:
        from coprod_trust.cli.show import show_defect, show_refusal
        from coprod_trust.defects import Defect, write_log

        try:
            return super().invoke(ctx)
        except UserError as error:
            show_refusal(error)
            ctx.exit(error.exit_status)
        except Defect as error:
            show_defect(str(error), error.log)
            ctx.exit(EXIT_DEFECT)
        except (click.exceptions.Exit, click.ClickException, click.Abort):
            raise
        except KeyboardInterrupt:
            click.echo(commands.STOPPED, err=True)
            ctx.exit(EXIT_STOPPED)
        except Exception as error:
            if isinstance(error, OSError) and error.errno == errno.EPIPE:
                raise
            root = ctx.find_root().obj
            refusal = _refusal(error, root)
            if refusal is not None:
                show_refusal(refusal)
                ctx.exit(refusal.exit_status)
            command = ctx.invoked_subcommand or "coprod-trust"
            show_defect(f"{command} failed with {type(error).__name__}", write_log(error, command, root))
            ctx.exit(EXIT_DEFECT)


def _refusal(error: Exception, root: Path | None) -> UserError | None:
    """What a full disk, a folder that is not one's own or a damaged working database comes to; None for all else."""
    from coprod_trust.store.paths import StudyPaths
    from coprod_trust.store.work import known_error

    known = known_error(error, StudyPaths(root or Path()))
    if known is None or not isinstance(error, OSError):
        return known
    place = str(Path(error.filename)) if isinstance(error.filename, str) else ""
    said, fix = DISK[error.errno or 0]
    if error.errno in (errno.EACCES, errno.EPERM):
        said, fix = "this user may not read or write it", "ask its owner, or work as the user to whom the study belongs"
    return StorageError(Reason(said, f"{fix}, and run again", place))


@click.group(
    cls=Application,
    commands=commands.ALL,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, message="%(prog)s %(version)s")
def application() -> None:
    """From survey waves and coded notes to an evaluation report on trust.

    A STUDY is a folder with a study.yaml. Start with: coprod-trust init DIR --from FILES

    Exit status: 0 done; 1 a file or the study was refused; 2 wrong usage; 3 another run holds the study; 70 a defect
    of coprod-trust; 130 stopped by you.
    """


def main() -> None:
    """Entry point of the command ``coprod-trust``."""
    application(prog_name="coprod-trust")
