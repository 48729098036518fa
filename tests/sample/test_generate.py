"""Running the generator gives what is committed."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from generator.people import draw
from generator.pick import SEED, shows_pattern

from coprod_trust.study import load_study
from coprod_trust.study.instrument import default_scales
from tests.sample.conftest import Generated
from tests.sample.files import rows_of

WRITTEN_BY_HAND = ("README.md", "generate.py", "generator", "text", "work", "published", "reports")


def _files(root: Path) -> set[str]:
    relative = (p.relative_to(root) for p in root.rglob("*") if p.is_file() and "__pycache__" not in p.parts)
    return {p.as_posix() for p in relative if p.parts[0] not in WRITTEN_BY_HAND}


def test_generating_gives_the_committed_files_and_no_others(generated: Generated, sample: Path) -> None:
    assert _files(generated.root) == _files(sample)


def test_text_files_come_out_byte_for_byte(generated: Generated, sample: Path) -> None:
    names = [n for n in _files(sample) if not n.endswith((".xlsx", ".sav"))]
    differing = [n for n in names if (generated.root / n).read_bytes() != (sample / n).read_bytes()]
    assert len(names) > 30
    assert differing == []


@pytest.mark.parametrize("name", ["waves/w2_maart2025.xlsx", "waves/w3_september2025.sav"])
def test_binary_files_come_out_value_for_value(generated: Generated, sample: Path, name: str) -> None:
    fresh, committed = rows_of(generated.root / name), rows_of(sample / name)
    assert len(committed) > 40
    assert [[_plain(v) for v in row] for row in fresh] == [[_plain(v) for v in row] for row in committed]


def test_binary_files_hold_no_time_of_their_making(generated: Generated) -> None:
    import zipfile

    with zipfile.ZipFile(generated.root / "waves/w2_maart2025.xlsx") as book:
        assert {info.date_time for info in book.infolist()} == {(2025, 10, 6, 9, 0, 0)}
        assert book.read("docProps/core.xml").count(b"2025-10-06T09:00:00Z") == 2
    assert (generated.root / "waves/w3_september2025.sav").read_bytes()[92:109] == b"06 Oct 2509:00:00"


def _plain(value: object) -> object:
    return None if isinstance(value, float) and math.isnan(value) else value


def test_the_seed_shows_the_pattern_and_its_neighbours_do_not() -> None:
    assert shows_pattern(draw(SEED))
    assert not any(shows_pattern(draw(seed)) for seed in range(SEED - 8, SEED))


def test_the_readme_says_synthetic_picked_and_not_evidence(sample: Path) -> None:
    readme = " ".join((sample / "README.md").read_text(encoding="utf-8").split())
    for words in (str(SEED), "**picked**", "Nobody in this folder exists", "no evidence", "The numbers are not theirs"):
        assert words in readme
    assert load_study(sample).synthetic


def test_the_study_holds_the_default_instrument(sample: Path) -> None:
    study = load_study(sample)
    assert [s.id for s in study.scales] == [s.id for s in default_scales()]
    for ours, default in zip(study.scales, default_scales(), strict=True):
        assert (ours.dimension, ours.low, ours.high, ours.needed, ours.scored) == (
            default.dimension,
            default.low,
            default.high,
            default.needed,
            default.scored,
        )
        assert [(i.id, i.reverse, i.source, i.wording_status, i.verified) for i in ours.items] == [
            (i.id, i.reverse, i.source, i.wording_status, i.verified) for i in default.items
        ]
        assert not any("[" in i.wording for i in ours.items), "a name that was not filled in"


def test_the_plan_is_registered_before_the_first_wave_opens(sample: Path) -> None:
    study = load_study(sample)
    first = study.waves[0].window
    assert first is not None
    assert study.plan.registered is not None
    assert study.plan.registered < first.start
    families = {f.id: f for f in study.plan.families}
    assert {name: families[name].members for name in ("F1", "F2")} == {
        "F1": ["change.provider", "change.municipal", "change.generalized", "change.peers"],
        "F2": ["association.peers-provider", "association.peers-generalized"],
    }
    assert (families["F3"].adjust, families["F3"].exploratory) == ("holm", False)
    assert (families["F5"].adjust, families["F5"].exploratory) == ("benjamini_hochberg", True)
