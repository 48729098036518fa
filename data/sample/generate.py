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
from generator.dictionary import dictionary  # noqa: E402
from generator.notes import write_notes  # noqa: E402
from generator.people import draw  # noqa: E402
from generator.pick import SEED  # noqa: E402
from generator.survey import Dirt, write_waves  # noqa: E402


def generate(root: Path, seed: int = SEED) -> list[Dirt]:
    """Write every generated file of the sample study under ``root``; returns the errors planted in them."""
    root.mkdir(parents=True, exist_ok=True)
    people = draw(seed)
    (root / "study.yaml").write_text(study_yaml(), encoding="utf-8", newline="\n")
    dirt = [*write_waves(root, people, seed), *write_notes(root, people, seed)]
    (root / "DATA_DICTIONARY.md").write_text(dictionary(dirt), encoding="utf-8", newline="\n")
    return dirt


if __name__ == "__main__":
    generate(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE)
