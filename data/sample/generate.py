"""Writes the sample study into a folder: python data/sample/generate.py [DIR], by default the folder it stands in.

Synthetic from first to last. The seed is `generator.pick.SEED`; it was picked so that the pattern shows
(generator/pick.py says by which rule), and running this again gives the same files.
"""

from __future__ import annotations

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parents[1])]

from generator.declaration import study_yaml  # noqa: E402
from generator.people import draw  # noqa: E402
from generator.pick import SEED  # noqa: E402
from generator.survey import write_waves  # noqa: E402


def generate(root: Path) -> None:
    """Write every generated file of the sample study under ``root``."""
    root.mkdir(parents=True, exist_ok=True)
    people = draw(SEED)
    (root / "study.yaml").write_text(study_yaml(), encoding="utf-8", newline="\n")
    write_waves(root, people, SEED)


if __name__ == "__main__":
    generate(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE)
