"""The step from scores to rows of finding and estimate."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest
import yaml

import coprod_trust.report
from coprod_trust.analysis import compute, data, mixed_model, store
from coprod_trust.analysis.compute import Results
from coprod_trust.store import open_memory
from coprod_trust.study.model import Plan, Study
from tests.analysis.scored import frames, load, small
from tests.studies import STUDY_YAML, answers

WAVES = ("w1", "w2", "w3")


def quick(yaml_text: str = STUDY_YAML, **plan: object) -> Study:
    """The study without what takes time: the model with covariates and long resampling."""
    return small(yaml_text, **{"covariates": [], "permutations": 199, "bootstraps": 199, **plan})


def people(n: int = 36, non_participants: int = 8) -> dict[str, pd.DataFrame]:
    """Answers of three waves; the last people are non-participants, who are not asked about peers."""
    waves = frames(answers(n))
    for frame in waves.values():
        late = frame["participant_id"] > f"P{n - non_participants:03d}"
        frame.loc[late, "study_group"] = "non_participant"
        frame.loc[late, ["peer_1", "peer_2", "peer_3"]] = np.nan
    return waves


def analysed(con: duckdb.DuckDBPyConnection, study: Study, wave: str = "w3") -> Results:
    return compute.analyse(data.read(con, study, wave))


@pytest.fixture(scope="module")
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with open_memory() as connection:
        study = small()
        load(connection, study, people())
        results = analysed(connection, study)
        store.write(connection, results)
        yield connection


def column(con: duckdb.DuckDBPyConnection, query: str) -> list:
    return [row[0] for row in con.execute(query).fetchall()]


def by_id(results: Results) -> dict:
    return {f.finding_id: f for f in results.findings}


def test_every_dimension_and_contrast_has_a_finding(con):
    ids = column(con, "SELECT finding_id FROM finding WHERE design = 'A1' AND population = 'participants'")
    contrasts = ("w1-w2", "w1-w3", "w2-w3")
    assert sorted(ids) == sorted(
        f"change.{s}.{c}" for s in ("provider", "municipal", "generalized", "peers") for c in contrasts
    )


def test_groups_other_than_participants_have_their_id_as_suffix_and_are_exploratory(con):
    rows = con.execute(
        "SELECT finding_id, population, exploratory, family, n FROM finding WHERE population <> 'participants'"
    ).fetchall()
    assert len(rows) == 9
    assert all(i.endswith(".non_participant") and "peers" not in i for i, *_ in rows)
    assert {(p, e, f, n) for _, p, e, f, n in rows} == {("non_participant", True, None, 8)}


def test_every_finding_has_one_primary_estimate_with_its_figures(con):
    rows = con.execute(
        """SELECT f.finding_id FROM finding f JOIN estimate e USING (finding_id)
        WHERE e.role = 'primary' AND f.estimate IS NOT DISTINCT FROM e.estimate
        AND f.p_value IS NOT DISTINCT FROM e.p_value AND f.method = e.method"""
    ).fetchall()
    assert len(rows) == con.execute("SELECT count(*) FROM finding").fetchone()[0]


def test_every_method_has_words_in_the_reports_catalogue(con):
    catalogue = Path(coprod_trust.report.__file__).parent / "languages" / "en.toml"
    words = tomllib.loads(catalogue.read_text(encoding="utf-8"))["method"]
    used = column(con, "SELECT DISTINCT method FROM estimate")
    assert [m for m in used if m not in words and not m.startswith(("steiger_vs_", "spearman_in_"))] == []


SCORES = """SELECT provider__w1 AS w1, provider__w2 AS w2, provider__w3 AS w3 FROM panel.score_wide
    WHERE study_group = 'participant' ORDER BY participant_id"""


def test_the_model_of_all_who_started_decides_and_the_paired_test_stands_beside(con):
    scores = con.execute(SCORES).df()
    both = scores.dropna(subset=["w1", "w3"])
    moved = (both["w3"] - both["w1"]).round(9)
    n, n_start, estimate, mean_from, mean_to, fell = con.execute(
        "SELECT n, n_start, estimate, mean_from, mean_to, n_fell FROM finding "
        "WHERE finding_id = 'change.provider.w1-w3'"
    ).fetchone()
    assert (n, n_start, fell) == (len(moved), scores["w1"].notna().sum(), (moved < 0).sum())
    assert mean_from == pytest.approx(scores["w1"].mean(), rel=1e-9)
    assert mean_to - mean_from == pytest.approx(estimate, rel=1e-9)
    rows = con.execute(
        "SELECT method, role, n, estimate FROM estimate WHERE finding_id = 'change.provider.w1-w3' "
        "AND method IN ('mixed_model', 'paired_t') ORDER BY method"
    ).fetchall()
    assert rows[0] == ("mixed_model", "primary", n_start, estimate)
    assert rows[1] == ("paired_t", "secondary", n, pytest.approx(moved.mean()))


def test_p_is_adjusted_over_the_family_at_each_contrast(con):
    rows = con.execute(
        """SELECT contrast, list(p_value ORDER BY p_value), list(p_adjusted ORDER BY p_value) FROM finding
        WHERE family = 'F1' GROUP BY contrast"""
    ).fetchall()
    assert len(rows) == 3
    for _, raw, adjusted in rows:
        holm = np.minimum(np.maximum.accumulate(np.array(raw) * [4, 3, 2, 1]), 1)
        assert adjusted == pytest.approx(list(holm), rel=1e-9)


def test_peers_with_municipal_is_answered_though_not_in_the_plan_and_marked_exploratory(con):
    rows = dict(
        con.execute(
            "SELECT finding_id, exploratory FROM finding WHERE finding_id LIKE 'association.%' AND contrast = 'w1-w3'"
        ).fetchall()
    )
    assert rows == {
        "association.peers-provider.w1-w3": False,
        "association.peers-generalized.w1-w3": False,
        "association.peers-municipal.w1-w3": True,
    }


def test_the_engine_decides_and_its_model_with_covariates_stands_beside(con):
    rows = con.execute(
        "SELECT method, role, statistic_name, df > 0, df_method, verdict FROM estimate "
        "WHERE finding_id = 'change.provider.w1-w3' AND method LIKE 'mixed_model%' ORDER BY method"
    ).fetchall()
    assert [r[:5] for r in rows] == [
        ("mixed_model", "primary", "t", True, "Kenward-Roger"),
        ("mixed_model_adjusted", "secondary", "t", True, "Kenward-Roger"),
    ]
    assert rows[0][5] == column(con, "SELECT verdict FROM finding WHERE finding_id = 'change.provider.w1-w3'")[0]
    assert rows[1][5] is None


def test_statsmodels_model_is_a_check_with_its_z_and_no_verdict_where_it_is_asked_for(con):
    measured = data.read(con, small(), "w3")
    found = by_id(compute.analyse(measured, cross_check=True))["change.provider.w1-w3"]
    theirs = [e for e in found.estimates if e.method.startswith("mixedlm")]
    assert [(e.role, e.statistic_name, e.df, e.df_method, e.verdict) for e in theirs] == [
        ("check", "z", None, "none (z)", None)
    ] * 2
    assert not con.execute("SELECT * FROM estimate WHERE method LIKE 'mixedlm%'").fetchall()


def test_a_plan_of_core_analyses_leaves_out_the_designs_beyond_them():
    assert {d.id for d in compute.chosen(Plan(analyses="core"))} == {"A1", "A2", "A3"}
    assert compute.chosen(Plan()) == compute.DESIGNS


def test_wave_means_are_observed_and_modelled_by_group(con):
    rows = con.execute(
        "SELECT population, method, count(*) FROM wave_mean WHERE scale = 'provider' GROUP BY ALL ORDER BY ALL"
    ).fetchall()
    assert rows == [
        ("non_participant", "mixed_model", 3),
        ("non_participant", "observed", 3),
        ("participant", "mixed_model", 3),
        ("participant", "observed", 3),
    ]
    n, mean, sd = con.execute(
        "SELECT count(provider__w2), avg(provider__w2), stddev_samp(provider__w2) FROM panel.score_wide "
        "WHERE study_group = 'participant'"
    ).fetchone()
    found = con.execute(
        "SELECT n, mean, sd FROM wave_mean WHERE scale = 'provider' AND wave = 'w2' AND population = 'participant' "
        "AND method = 'observed'"
    ).fetchone()
    assert found == pytest.approx((n, mean, sd))


def test_reliable_change_uses_the_reliability_and_sd_of_the_group_at_both_waves(con):
    standard_error = con.execute(
        """SELECT sqrt(sum(m.sd ^ 2 * (1 - r.value)))
        FROM reliability r JOIN wave_mean m USING (scale, wave, population)
        WHERE scale = 'peers' AND wave IN ('w1', 'w3') AND population = 'participant' AND method = 'observed'
            AND coefficient = 'alpha'"""
    ).fetchone()[0]
    moved = con.execute(
        "SELECT peers__w3 - peers__w1 FROM panel.score_wide WHERE peers__w3 IS NOT NULL AND peers__w1 IS NOT NULL"
    ).df()
    found = column(con, "SELECT n_fell_reliably FROM finding WHERE finding_id = 'change.peers.w1-w3'")[0]
    assert found == (moved.iloc[:, 0] < -1.959964 * standard_error).sum() > 0


def test_reversed_items_are_turned_before_alpha(con):
    items = con.execute("SELECT peer_1, peer_2, 10 - peer_3 FROM answer.w1 WHERE study_group = 'participant'").df()
    covariance = items.cov().to_numpy()
    alpha = 1.5 * (1 - np.trace(covariance) / covariance.sum())
    found = column(
        con,
        "SELECT value FROM reliability WHERE scale = 'peers' AND wave = 'w1' AND population = 'participant' "
        "AND coefficient = 'alpha'",
    )[0]
    assert found == pytest.approx(alpha)


def test_a_run_up_to_a_wave_knows_nothing_of_later_ones():
    study = quick()
    with open_memory() as con:
        load(con, study, people())
        early = analysed(con, study, "w2")
    with open_memory() as con:
        load(con, study, {w: f for w, f in people().items() if w != "w3"})
        alone = analysed(con, study, "w2")
    assert early.findings == alone.findings
    assert {f.contrast for f in early.findings} == {"w1-w2", "w1"}


def test_a_contrast_has_the_same_figures_in_the_report_of_its_own_wave_and_in_later_ones():
    study = quick()
    with open_memory() as con:
        load(con, study, people())
        at_w2, at_w3 = (by_id(analysed(con, study, w)) for w in ("w2", "w3"))
    for finding_id, finding in at_w2.items():
        later = at_w3[finding_id]
        assert (finding.primary, finding.p_adjusted, finding.family, finding.verdict) == (
            later.primary,
            later.p_adjusted,
            later.family,
            later.verdict,
        )


def test_the_order_of_the_rows_changes_nothing():
    study = quick()
    with open_memory() as con:
        load(con, study, people())
        first = analysed(con, study)
        for table in ("panel.score_wide", "answer.w1", "answer.w2", "answer.w3"):
            con.execute(f"CREATE OR REPLACE TABLE {table} AS SELECT * FROM {table} ORDER BY participant_id DESC")
        assert analysed(con, study) == first


def test_the_step_can_be_run_again_and_leaves_the_same_tables(con):
    study = small()
    before = [con.execute(f"SELECT * FROM {t} ORDER BY ALL").fetchall() for t in ("finding", "estimate", "wave_mean")]
    results = analysed(con, study)
    store.write(con, results)
    after = [con.execute(f"SELECT * FROM {t} ORDER BY ALL").fetchall() for t in ("finding", "estimate", "wave_mean")]
    assert before == after


def test_waves_that_cannot_be_compared_are_declined_and_stay_out_of_the_model():
    study = quick()
    with open_memory() as con:
        load(con, study, people())
        con.execute(
            "UPDATE comparability SET comparable = false, reason = 'answered from 1 to 5 at w2' "
            "WHERE scale = 'provider' AND 'w2' IN (wave_from, wave_to)"
        )
        results = analysed(con, study)
    found = by_id(results)
    for contrast in ("w1-w2", "w2-w3"):
        assert found[f"change.provider.{contrast}"].declined == "answered from 1 to 5 at w2"
        assert found[f"association.peers-provider.{contrast}"].declined == "provider: answered from 1 to 5 at w2"
    assert found["change.provider.w1-w3"].declined is None
    modelled = {m.wave for m in results.wave_means if m.scale == "provider" and m.method == "mixed_model"}
    assert modelled == {"w1", "w3"}
    others = [c.method for c in found["association.peers-generalized.w1-w2"].estimates if "steiger" in c.method]
    assert others == ["steiger_vs_municipal"]


def test_a_blocked_scale_is_declined_with_the_rules_reason():
    study = quick()
    with open_memory() as con:
        load(con, study, people())
        con.execute("UPDATE panel.score_wide SET municipal__w3 = NULL")
        con.execute("INSERT INTO blocked_scale VALUES ('municipal', 'w3', 'rule', 'values outside the scale')")
        results = analysed(con, study)
    finding = by_id(results)["change.municipal.w1-w3"]
    assert finding.declined == "the scale is blocked in w3: values outside the scale"
    reliability = [r for r in results.reliabilities if (r.scale, r.wave) == ("municipal", "w3")]
    assert {r.declined for r in reliability} == {"values outside the scale"}


def test_a_pair_of_waves_that_the_gate_did_not_judge_is_not_compared():
    study = quick()
    with open_memory() as con:
        load(con, study, people())
        con.execute("DELETE FROM comparability WHERE scale = 'provider' AND wave_to = 'w3'")
        finding = by_id(analysed(con, study))["change.provider.w1-w3"]
    assert "not established" in finding.declined


def test_what_the_plan_does_not_hold_is_exploratory():
    study = quick(primary=["provider"], families=[])
    with open_memory() as con:
        load(con, study, people())
        found = by_id(analysed(con, study))
    assert not found["change.provider.w1-w3"].exploratory
    assert found["change.municipal.w1-w3"].exploratory
    assert found["association.peers-provider.w1-w3"].exploratory
    assert found["change.provider.w1-w3"].p_adjusted is None


def test_a_contrast_that_the_plan_does_not_name_is_exploratory():
    study = quick(contrasts=[("w1", "w3")])
    with open_memory() as con:
        load(con, study, people())
        found = by_id(analysed(con, study))
    assert not found["change.provider.w1-w3"].exploratory
    assert found["change.provider.w1-w2"].exploratory


def test_a_scale_first_asked_later_is_adjusted_with_the_others_in_its_first_to_latest_contrast():
    study = quick(STUDY_YAML.replace("    groups: [participant]\n", "    groups: [participant]\n    from_wave: w2\n"))
    with open_memory() as con:
        load(con, study, people())
        found = by_id(analysed(con, study))
    assert "change.peers.w1-w3" not in found
    raw = {s: found[f"change.{s}.w1-w3"].primary.p_value for s in ("provider", "municipal", "generalized")}
    peers = found["change.peers.w2-w3"]
    smaller = sum(p < peers.primary.p_value for p in raw.values())
    assert peers.p_adjusted == pytest.approx(
        min(
            1,
            max(
                peers.primary.p_value * (4 - smaller),
                *(found[f"change.{s}.w1-w3"].p_adjusted for s, p in raw.items() if p < peers.primary.p_value),
                0,
            ),
        )
    )


def test_one_wave_gives_means_and_no_change():
    study = quick()
    with open_memory() as con:
        load(con, study, {"w1": people()["w1"]})
        results = analysed(con, study, "w1")
    assert {f.design for f in results.findings} == {"A3"}
    assert {m.wave for m in results.wave_means} == {"w1"}


def test_nothing_scored_gives_nothing():
    with open_memory() as con:
        results = analysed(con, quick())
    assert results == Results((), (), (), results.tables)
    assert not any(results.tables.values())


def test_a_dozen_people_are_analysed_without_falling_over():
    study = quick()
    with open_memory() as con:
        load(con, study, frames(answers(14)))
        results = analysed(con, study)
        store.write(con, results)
        assert column(con, "SELECT count(*) FROM finding WHERE verdict IS NOT NULL")[0] >= 12


def test_a_group_of_which_too_few_answered_has_no_finding_of_its_own():
    study = quick()
    with open_memory() as con:
        load(con, study, people(36, non_participants=4))
        results = analysed(con, study)
    assert {f.population for f in results.findings} == {"participants"}


def test_participants_and_others_are_compared_at_the_first_wave(con):
    rows = con.execute(
        "SELECT finding_id, n, exploratory, verdict FROM finding WHERE finding_id LIKE 'selection.%' "
        "ORDER BY finding_id"
    ).fetchall()
    n_start = con.execute("SELECT count(provider__w1) FROM panel.score_wide").fetchone()[0]
    assert rows == [(f"selection.{s}.w1", n_start, True, None) for s in ("generalized", "municipal", "provider")]
    difference = con.execute(
        """SELECT avg(provider__w1) FILTER (study_group = 'participant')
        - avg(provider__w1) FILTER (study_group = 'non_participant') FROM panel.score_wide"""
    ).fetchone()[0]
    found = con.execute("SELECT estimate FROM finding WHERE finding_id = 'selection.provider.w1'").fetchone()[0]
    assert found == pytest.approx(difference)


def test_a_planned_comparison_at_the_start_is_adjusted_in_its_family():
    family = {"id": "F3", "members": ["selection.provider", "selection.municipal"]}
    study = quick(families=[family])
    with open_memory() as con:
        load(con, study, people())
        found = by_id(analysed(con, study))
    raw = sorted(found[f"selection.{s}.w1"].primary.p_value for s in ("provider", "municipal"))
    adjusted = sorted(found[f"selection.{s}.w1"].p_adjusted for s in ("provider", "municipal"))
    assert adjusted == pytest.approx([min(1, 2 * raw[0]), min(1, max(2 * raw[0], raw[1]))])
    assert not found["selection.provider.w1"].exploratory
    assert found["selection.generalized.w1"].p_adjusted is None


def test_under_eight_people_in_the_smaller_group_the_comparison_declines():
    study = quick()
    with open_memory() as con:
        load(con, study, people(36, non_participants=7))
        finding = by_id(analysed(con, study))["selection.provider.w1"]
    assert "at least 8 people in the smaller group; there are 7" in finding.declined


def test_people_with_flagged_answers_stay_in_and_are_left_out_once_as_a_sensitivity_analysis():
    study = quick()
    with open_memory() as con:
        load(con, study, people())
        before = by_id(analysed(con, study))
        con.execute("INSERT INTO flagged_answer VALUES ('P005', 'w2', 'straight_lining'), ('P006', 'w3', 'other')")
        after = by_id(analysed(con, study))
        rest = con.execute(SCORES.replace("ORDER", "AND participant_id <> 'P005' ORDER")).df()
    old, new = before["change.provider.w1-w2"], after["change.provider.w1-w2"]
    assert old.primary == new.primary
    assert old.by_method("without_flagged") is None
    without = new.by_method("without_flagged")
    assert (without.n, without.role) == (new.primary.n - 1, "sensitivity")
    again = mixed_model.fit(WAVES[:2], rest.to_numpy()[:, :2]).contrast("w1", "w2", without.role)
    assert without.estimate == pytest.approx(again.estimate, rel=1e-9)
    assert without.p_value == pytest.approx(again.p_value, rel=1e-8)
    assert after["change.provider.w1-w3"].by_method("without_flagged").n == new.primary.n - 2
    related = after["association.peers-provider.w2-w3"]
    assert related.by_method("without_flagged").n == related.primary.n - 2


def test_with_a_reliability_below_zero_no_reliable_change_is_counted():
    study = quick()
    waves = people()
    waves["w1"]["prov_1"] = 10 - waves["w1"]["prov_2"] + np.arange(len(waves["w1"])) % 2
    with open_memory() as con:
        load(con, study, waves)
        results = analysed(con, study)
    alpha = next(
        r for r in results.reliabilities if (r.scale, r.wave, r.population) == ("provider", "w1", "participant")
    )
    assert alpha.value < 0
    found = by_id(results)
    assert found["change.provider.w1-w3"].n_fell_reliably is None
    assert found["change.provider.w2-w3"].n_fell_reliably is not None


@pytest.mark.parametrize("declared", ["covariate", "linked"])
def test_who_was_not_to_be_asked_again_is_in_no_analysis_of_change(declared):
    raw = yaml.safe_load(STUDY_YAML)
    raw["plan"] |= {"covariates": [], "permutations": 199, "bootstraps": 199}
    raw["covariates"] = [*raw.get("covariates", []), {"id": "panel_half", "kind": "category"}]
    rule = {"covariate": "panel_half", "values": ["again"]} if declared == "covariate" else {"only_linked": True}
    waves = {w: frame.copy() for w, frame in people(40, 10).items()}
    once = [f"P{i:03d}" for i in range(1, 9)]
    for wave, frame in waves.items():
        frame["panel_half"] = np.where(frame["participant_id"].isin(once), "once", "again")
        waves[wave] = frame if wave == "w1" else frame[~frame["participant_id"].isin(once)]

    def found(follow_up: object) -> dict:
        with open_memory() as con:
            study = Study.model_validate({**raw, "follow_up": follow_up})
            load(con, study, waves)
            return by_id(analysed(con, study))

    every, followed = found(None), found(rule)
    change = "change.provider.w1-w2"
    assert followed[change].n_start == every[change].n_start - 8
    assert followed[change].n == every[change].n
    words = {"covariate": "who were not to be asked again", "linked": "who are in no other wave"}[declared]
    assert f"left out: 8 {words}" in followed[change].note
    # the same as where these people had never been asked anything
    for wave, frame in waves.items():
        waves[wave] = frame[~frame["participant_id"].isin(once)]
    without = found(None)
    assert followed[change].estimates == without[change].estimates
    # they are still among those who are compared with others at the start
    at_start = "selection.provider.w1"
    assert followed[at_start].estimates == every[at_start].estimates != without[at_start].estimates
    left = [f for f in followed if f.startswith("retention.")]
    assert all(followed[f].n_start == without[f].n_start for f in left)


def test_a_study_that_does_not_say_how_people_were_followed_is_refused():
    with pytest.raises(ValueError, match="only_linked"):
        Study.model_validate({**yaml.safe_load(STUDY_YAML), "follow_up": {}})
    with pytest.raises(ValueError, match="measured once: nowhere"):
        Study.model_validate({**yaml.safe_load(STUDY_YAML), "follow_up": {"covariate": "nowhere", "values": ["yes"]}})
