"""Which waves are compared."""

from pathlib import Path

from coprod_trust.study import load_study
from coprod_trust.study.contrasts import contrasts_of
from tests.studies import STUDY_YAML, small_study


def ids(root: Path, yaml: str, scale: str, *waves: str) -> list[tuple[str, bool, bool]]:
    study = load_study(small_study(root, yaml=yaml))
    return [(c.id, c.planned, c.primary) for c in contrasts_of(study, study.scale(scale), waves)]


def test_one_wave_has_nothing_to_compare(tmp_path: Path) -> None:
    assert ids(tmp_path, STUDY_YAML, "provider", "w1") == []


def test_first_to_latest_carries_the_families(tmp_path: Path) -> None:
    assert ids(tmp_path, STUDY_YAML, "provider", "w1", "w2", "w3") == [
        ("w1-w2", True, False),
        ("w1-w3", True, True),
        ("w2-w3", True, False),
    ]


def test_what_the_plan_does_not_name_is_not_planned(tmp_path: Path) -> None:
    yaml = STUDY_YAML.replace("  covariates: [age]", "  covariates: [age]\n  contrasts: [[w1, w3]]")
    found = ids(tmp_path, yaml, "provider", "w1", "w2", "w3")
    assert [c for c, planned, _ in found if planned] == ["w1-w3"]


def test_a_scale_asked_later_is_compared_from_then_on(tmp_path: Path) -> None:
    yaml = STUDY_YAML.replace("groups: [participant]", "groups: [participant]\n    from_wave: w2")
    assert ids(tmp_path, yaml, "peers", "w1", "w2", "w3") == [("w2-w3", True, True)]
