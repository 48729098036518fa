"""What commands have in common: the study they are about, and how a path is shown."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from coprod_trust.errors import with_study


class StudyFolder(click.Path):
    """The folder of a study; its study.yaml may be named instead."""

    name = "study"

    def __init__(self) -> None:
        super().__init__(exists=True, path_type=Path)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Path:
        path = Path(str(super().convert(value, param, ctx)))
        if path.is_file():
            if path.name != "study.yaml":
                self.fail(f"{path} is a file; name the folder of a study", param, ctx)
            path = path.parent
        root = path.resolve()
        if ctx is not None:
            ctx.find_root().obj = root
        return root


def told(text: str) -> str:
    """A message of ours as it is printed: the commands that it proposes name the study that this command is about."""
    context = click.get_current_context(silent=True)
    return with_study(text, context.find_root().obj if context else None)


study_argument = click.argument("study", type=StudyFolder())
wave_option = click.option("--wave", metavar="W", help="Use the data of waves up to this one only.")
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON for other programs.")
