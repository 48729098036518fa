"""What a platform exports becomes a study by ``init --from``, and a report, with the same findings for each."""

from __future__ import annotations

from pathlib import Path

import pytest

from coprod_trust.check import check
from coprod_trust.runner import run_direct
from coprod_trust.store.query import query
from coprod_trust.study import Study, load_study
from coprod_trust.study.draft import draft
from tests.study.platforms import PLATFORMS, TRUSTED, panel


def drafted(folder: Path, platform: str) -> tuple[Path, Study]:
    exports = folder / "exports"
    exports.mkdir()
    root = folder / "study"
    draft(root, PLATFORMS[platform](exports))
    return root, load_study(root)


@pytest.mark.parametrize("platform", PLATFORMS)
def test_an_export_is_drafted_with_its_people_scales_and_waves(tmp_path: Path, platform: str) -> None:
    root, study = drafted(tmp_path, platform)
    assert [(w.id, w.month) for w in study.waves] == [("w1", 0), ("w2", 6)]
    assert [(len(s.items), s.low, s.high) for s in study.scales] == [(3, 1, 5)] * 4
    if platform in ("qualtrics", "limesurvey", "redcap"):
        assert [s.dimension for s in study.scales] == ["provider", "municipal", "generalized", "peers"]
        assert study.scales[1].label == "trust in the municipality", "as sentences speak of it, not as it was asked"
    assert "age" in {c.id for c in study.covariates}
    found = check(root)
    assert not found.refused
    left_out = {"test-row", "id-missing"} if platform == "qualtrics" else set()
    assert {p.rule for p in found.problems if str(p.severity) != "warn"} == left_out


@pytest.mark.scenario
@pytest.mark.parametrize("platform", PLATFORMS)
def test_a_drafted_export_runs_to_a_report_with_the_findings_of_its_answers(tmp_path: Path, platform: str) -> None:
    root, study = drafted(tmp_path, platform)
    page = run_direct(root).report.read_text(encoding="utf-8")
    nothing_on_trust = "No scale of this study is declared as one on trust" in page
    assert nothing_on_trust == (platform == "odk"), "its columns do not say what they are about"
    with query(root, "SELECT outcome, n, n_start, estimate FROM finding WHERE finding_id LIKE 'change.%'") as answer:
        found = {str(outcome): (n, start) for outcome, n, start, _ in answer}
    assert found == {s.id: (15, 16) for s in study.scales}
    with query(
        root, "SELECT scale, method, mean FROM wave_mean WHERE method = 'observed' ORDER BY wave DESC"
    ) as answer:
        means = {str(scale): float(str(mean)) for scale, _, mean in answer}
    for scale, name in zip(study.scales, TRUSTED, strict=True):
        answers = [sum(waves[0][f"{name}_{i}"] for i in (1, 2, 3)) / 3 for _, waves in panel()]
        assert means[scale.id] == pytest.approx(sum(25 * (a - 1) for a in answers) / len(answers))
