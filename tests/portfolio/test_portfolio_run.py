"""Studies side by side: what one brings does not touch another."""

import os
import signal

import pytest
from click.testing import CliRunner

from coprod_trust.cli import app
from coprod_trust.errors import StudyError
from coprod_trust.portfolio import run as running
from coprod_trust.portfolio.declare import Listed, load_portfolio
from coprod_trust.portfolio.run import Outcome, State, exit_status, run_studies
from coprod_trust.store import StudyPaths, study_lock
from tests.studies import STUDY_YAML, small_study

QUICK = (
    STUDY_YAML.replace("permutations: 999", "permutations: 99")
    .replace("bootstraps: 999", "bootstraps: 199")
    .replace("plan:\n", "plan:\n  analyses: core\n")
)


def quick(root, seed=5):
    return small_study(root, seed=seed, yaml=QUICK.replace("study_id: small", f"study_id: {root.name}"))


def test_studies_are_those_listed_or_those_that_lie_there(tmp_path):
    for name in ("south", "north"):
        quick(tmp_path / name)
    assert [s.key for s in load_portfolio(tmp_path).studies] == ["north", "south"]
    (tmp_path / "studies.yaml").write_text("studies: [{path: south, label: South}, {path: 'n*'}]")
    assert [(s.key, s.label) for s in load_portfolio(tmp_path / "studies.yaml").studies] == [
        ("south", "South"),
        ("north", None),
    ]
    (tmp_path / "studies.yaml").write_text("studies: [{path: west}, {path: south}, {path: south}]\n")
    with pytest.raises(StudyError) as refused:
        load_portfolio(tmp_path)
    assert [r.message for r in refused.value.reasons] == ["no study lies at west", "south is listed twice"]
    (tmp_path / "studies.yaml").write_text("title: X\nstudys: []\n")
    with pytest.raises(StudyError, match=r"studies.yaml:2: studys is not a setting\n.*docs/portfolio.md"):
        load_portfolio(tmp_path)


@pytest.fixture(scope="module")
def ran(tmp_path_factory):
    """A portfolio of a study that is up to date, a refused one and one that another run holds, through the command."""
    root = tmp_path_factory.mktemp("portfolio")
    assert running.run_study(Listed(quick(root / "good"), "good")).state is State.RUN
    (quick(root / "refused") / "waves" / "w2.csv").write_text("")
    busy = quick(root / "busy")
    with study_lock(StudyPaths(busy)):
        first = CliRunner().invoke(app.application, ["portfolio", str(root), "--direct", "--jobs", "1"])
    return root, first


def test_one_study_stops_no_other_and_is_told_in_plain_words(ran):
    root, first = ran
    assert first.exit_code == 1, first.output
    assert first.stdout.strip().splitlines()[-1] == str(root / "reports" / "internal" / "overview.en.html")
    assert "good: up to date, waves up to w3" in first.stderr
    assert "2 studies of 3 did not go through" in first.stderr
    assert "another run holds this study" in first.stderr
    assert (root / "good" / "published" / "trust.duckdb").is_file()


def test_a_study_in_which_nothing_has_changed_is_not_run_again(ran):
    root, _ = ran
    good = Listed(root / "good", "good")
    assert running.run_study(good).state is State.CURRENT
    with (root / "good" / "waves" / "w3.csv").open("a") as file:
        file.write("\n")
    assert running._up_to_date("good", good.root) is None


def test_status_lists_how_every_study_stands(ran):
    root, _ = ran
    told = CliRunner().invoke(app.application, ["portfolio", str(root), "status"])
    assert told.exit_code == 0, told.output
    lines = {line.split()[0]: line for line in told.stdout.splitlines() if line}
    assert "nothing has been published yet" in lines["busy"]
    assert lines["good"].split()[1] == "w3"


def test_the_exit_status_is_that_of_the_gravest():
    def status(*states):
        return exit_status([Outcome(str(i), s) for i, s in enumerate(states)])

    assert status(State.RUN, State.CURRENT) == 0
    assert status(State.RUN, State.BUSY) == 3
    assert status(State.BUSY, State.REFUSED) == 1
    assert status(State.REFUSED, State.FAILED) == 70


def _fatal(listed, again=False):
    if listed.key == "deadly":
        os.kill(os.getpid(), signal.SIGKILL)
    return Outcome(listed.key, State.RUN)


def test_a_process_that_dies_takes_no_other_study_with_it(tmp_path, monkeypatch):
    monkeypatch.setattr(running, "run_study", _fatal)
    studies = [Listed(tmp_path / k, k) for k in ("one", "deadly", "two")]
    outcomes = run_studies(studies, jobs=2)
    assert [(o.key, o.state) for o in outcomes] == [
        ("one", State.RUN),
        ("deadly", State.FAILED),
        ("two", State.RUN),
    ]
    assert outcomes[1].reasons[0].message == "its process ended before its time"
