"""What commands have in common: the study they are about, and how a path is shown."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Any

import click


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


def quoted(path: Path) -> str:
    """A path as it can be pasted into a shell."""
    return shlex.quote(str(path))


study_argument = click.argument("study", type=StudyFolder())
wave_option = click.option("--wave", metavar="W", help="Use the data of waves up to this one only.")
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON for other programs.")
