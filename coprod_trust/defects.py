"""Where the traceback of a defect of ours goes: a file beside the study's data, never the terminal, never Prefect.

A traceback of a library may quote a value of the data (a text that is not a number, say), so it stays where the data
is.
"""

from __future__ import annotations

import os
import platform
import tempfile
import traceback
from pathlib import Path

from coprod_trust import __version__, clock


class Defect(Exception):
    """Something of ours failed; ``log`` holds the traceback. The message names the kind of error only."""

    def __init__(self, what: str, error: BaseException, log: Path | None) -> None:
        self.what = what
        self.kind = type(error).__name__
        self.log = log
        place = f"; the traceback is in {log}" if log else ""
        super().__init__(f"{what} failed with {self.kind}{place}")


def write_log(error: BaseException, what: str, root: Path | None) -> Path | None:
    """Write the traceback to ``work/logs`` of the study (or a temporary folder) and return the file.

    Readable by its owner alone. None where nothing can be written.
    """
    name = f"defect-{clock.now():%Y%m%dT%H%M%S}-{os.getpid()}.log"
    text = (
        f"coprod-trust {__version__}, Python {platform.python_version()}, {platform.platform()}\n"
        f"while: {what}\n\n{''.join(traceback.format_exception(error))}"
    )
    folders = [root / "work" / "logs"] if root is not None and root.is_dir() else []
    for folder in (*folders, Path(tempfile.gettempdir())):
        try:
            folder.mkdir(parents=True, exist_ok=True)
            path = folder / name
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
                file.write(text)
        except OSError:
            continue
        return path
    return None
