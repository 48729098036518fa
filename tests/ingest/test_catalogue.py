from __future__ import annotations

from pathlib import Path

import pytest

from coprod_trust.errors import StudyError
from coprod_trust.ingest.catalogue import CATALOGUE, RULES, reference, severities, severity
from coprod_trust.study import Severity, Study
from tests.studies import STUDY_YAML


def study(**rules: str) -> Study:
    from ruamel.yaml import YAML

    document = YAML(typ="safe").load(STUDY_YAML)
    return Study.model_validate({**document, "rules": {k.replace("_", "-"): v for k, v in rules.items()}})


def test_every_number_from_1_to_71_has_a_rule_and_no_id_is_used_twice() -> None:
    assert {rule.number for rule in CATALOGUE} >= set(range(1, 72))
    assert len(RULES) == len(CATALOGUE)


def test_a_study_sets_the_severity_of_a_rule_and_leaves_the_others() -> None:
    assert severity(study(birth_year_differs="warn"), "birth-year-differs") is Severity.WARN
    assert severity(study(), "birth-year-differs") is Severity.QUARANTINE


def test_a_rule_that_is_off_has_no_severity() -> None:
    assert severity(study(id_new="off"), "id-new") is None


def test_a_misspelt_rule_is_an_error_that_names_the_nearest() -> None:
    with pytest.raises(StudyError, match="write birth-year-differs"):
        severities(study(birth_year_difers="warn"))


def test_a_rule_without_which_nothing_can_be_read_cannot_be_softened() -> None:
    with pytest.raises(StudyError, match="always refuse"):
        severities(study(file_unreadable="warn"))


def test_the_committed_list_of_rules_is_current() -> None:
    committed = (Path(__file__).resolve().parents[2] / "docs" / "rules.md").read_text(encoding="utf-8")
    assert committed == reference(), "write it again: python -m coprod_trust.ingest.catalogue > docs/rules.md"
