"""study.yaml: what is accepted, and what a mistake in it says."""

from pathlib import Path

import pytest

from coprod_trust.errors import StudyError
from coprod_trust.study import load_study, plan_hash
from tests.studies import STUDY_YAML, small_study


def write(root: Path, yaml: str) -> Path:
    root.mkdir(exist_ok=True)
    (root / "study.yaml").write_text(yaml, encoding="utf-8")
    return root


def reasons(root: Path) -> list[str]:
    with pytest.raises(StudyError) as caught:
        load_study(root)
    return [str(r) for r in caught.value.reasons]


def test_a_complete_study_loads(tmp_path: Path) -> None:
    study = load_study(small_study(tmp_path / "s"))
    assert study.wave_ids == ("w1", "w2", "w3")
    assert [s.id for s in study.scales] == ["provider", "municipal", "generalized", "peers"]
    assert study.scale("peers").items[2].reverse


def test_a_folder_without_study_says_how_to_make_one(tmp_path: Path) -> None:
    assert "coprod-trust init" in reasons(tmp_path)[0]


def test_a_misspelt_key_is_named_with_its_line(tmp_path: Path) -> None:
    line = STUDY_YAML.splitlines().index("events:") + 1
    found = reasons(write(tmp_path / "s", STUDY_YAML.replace("events:", "evnets:")))
    assert len(found) == 1
    assert f"study.yaml:{line}" in found[0]
    assert "evnets is not a setting" in found[0]


def test_every_mistake_is_reported_not_only_the_first(tmp_path: Path) -> None:
    broken = STUDY_YAML.replace("month: 6\n", "month: six\n").replace("alpha", "alpha")
    broken = broken.replace("seed: 11", "seed: -1")
    assert len(reasons(write(tmp_path / "s", broken))) == 2


def test_broken_yaml_gives_the_line(tmp_path: Path) -> None:
    found = reasons(write(tmp_path / "s", "format: 1\nwaves: [a\nx: 1\n"))
    assert "not readable as YAML" in found[0]
    assert "study.yaml:" in found[0]


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        ("{'88': dont_know", "{'8': dont_know", "missing code 8 is a valid answer of scale provider"),
        ("{id: muni_1}", "{id: prov_1}", "two items have the id prov_1"),
        ("covariates: [age]", "covariates: [income]", "unknown covariate: income"),
        ("month: 12", "month: 6", "waves must be in order"),
        ("groups: [participant]", "groups: [people]", "unknown group: people"),
        ("id: municipal\n", "id: Municipal\n", "must begin with a small letter"),
        ("id: municipal\n", "id: muni__cipal\n", "single underscores"),
        ("dimension: municipal", "dimension: provider", "two scales measure provider"),
        ("primary: [provider,", "primary: [provider, police,", "unknown scale: police"),
    ],
)
def test_a_contradiction_is_explained(tmp_path: Path, before: str, after: str, says: str) -> None:
    assert before in STUDY_YAML
    assert says in "\n".join(reasons(write(tmp_path / "s", STUDY_YAML.replace(before, after))))


@pytest.mark.parametrize(("items", "needed"), [(1, 1), (2, 2), (3, 2), (4, 3), (5, 4), (7, 5)])
def test_two_thirds_of_the_items_and_at_least_two_must_be_answered(items: int, needed: int) -> None:
    from coprod_trust.study import Item, Scale

    scale = Scale(id="s", label="s", low=0, high=10, items=[Item(id=f"i_{k}") for k in range(items)])
    assert scale.needed == needed


def test_the_plan_hash_depends_on_the_plan_alone(tmp_path: Path) -> None:
    a = plan_hash(load_study(write(tmp_path / "a", STUDY_YAML)))
    assert a == plan_hash(load_study(write(tmp_path / "b", STUDY_YAML.replace("A dozen people", "Another title"))))
    assert a == plan_hash(load_study(write(tmp_path / "c", STUDY_YAML.replace("  seed: 11\n", "  seed:   11\n"))))
    assert a != plan_hash(load_study(write(tmp_path / "d", STUDY_YAML.replace("seed: 11", "seed: 12"))))
