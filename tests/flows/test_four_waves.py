"""docs/four-waves.md, played through: a study of four waves on a real server, by the clock of its dates.

Each test is one moment of the page. Commands are typed as the page shows them, and what is seen must stand on the page.
"""

import csv
import json
import os
import re
import shlex
import signal
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import numpy as np
import pytest
from click.testing import CliRunner
from ruamel.yaml import YAML
from scipy.optimize import minimize

from coprod_trust.cli.app import application
from coprod_trust.clock import ENVIRONMENT_VARIABLE
from coprod_trust.steps import STEPS
from coprod_trust.store.query import query
from coprod_trust.trace import trace
from tests.flows.conftest import ROOT, background, process_of
from tests.flows.four_waves import MISTYPED, PEOPLE, UNKNOWN, WITHDREW, hand_in, new_study

pytestmark = [pytest.mark.server, pytest.mark.scenario]

PAGE = (ROOT / "docs" / "four-waves.md").read_text(encoding="utf-8")
SEEN = " ".join(PAGE.split())
STUDY = "four-waves"


class Story:
    """The study's folder, its clock, and the program that serves it."""

    def __init__(self, server, folder):
        self.server, self.folder = server, folder
        self.root = new_study(folder / STUDY)
        self.clock = folder / "clock.txt"
        self.serving = self.process = None

    def at(self, moment):
        """It is now ``moment``, for every program."""
        assert moment[:10] in PAGE
        self.clock.write_text(moment)

    def types(self, line, status=0):
        """Type a command as the page shows it; returns all that it printed."""
        assert line in PAGE, line
        result = CliRunner().invoke(application, shlex.split(line)[1:])
        assert result.exit_code == status, result.output
        return result.output

    def serve(self):
        more = {ENVIRONMENT_VARIABLE: f"@{self.clock}"}
        self.serving = background(
            self.server, self.folder / "serve.log", "coprod_trust", "serve", self.root, "--every", "0.2", **more
        )
        self.process = self.serving.__enter__()

    def looks(self):
        return self.server.looks("four_waves")

    def next_look(self, before):
        """The last look that was begun after those ``before``, when all have ended."""
        known = {r["id"] for r in before}

        def ended():
            new = [r for r in self.looks() if r["id"] not in known]
            return new if new and all(r["state_type"] in {"COMPLETED", "FAILED", "CRASHED"} for r in new) else None

        return self.server.until("end of a look", ended, seconds=120)[0]["state"]

    def morning(self):
        """The look of six o'clock, begun as the schedule begins it."""
        before = self.looks()
        self.server.start("four_waves", "due")
        return self.next_look(before)

    def ask(self, select):
        with query(self.root, select) as answer:
            return list(answer)

    def stands(self):
        """How each wave stands, as ``status`` says."""
        self.types("coprod-trust status four-waves")
        answer = CliRunner().invoke(application, ["status", STUDY, "--json"])
        return [w["sentence"] for w in json.loads(answer.stdout)["waves"]]


def sees(text, *lines):
    """What the page says is seen stands in ``text``."""
    found = " ".join(text.split())
    for line in lines:
        assert " ".join(line.split()) in SEEN, f"not on the page: {line}"
        assert " ".join(line.split()) in found, text


class Letters(BaseHTTPRequestHandler):
    """Takes what Prefect's automations send."""

    def do_POST(self):
        self.server.letters.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def letters(server):
    """What automations.yaml has sent so far, through a webhook block, once its id is filled in."""
    from prefect.blocks.notifications import CustomWebhookNotificationBlock
    from prefect.events.schemas.automations import AutomationCore
    from prefect.settings import PREFECT_API_URL, temporary_settings

    with HTTPServer(("127.0.0.1", 0), Letters) as post:
        post.letters = []
        threading.Thread(target=post.serve_forever, daemon=True).start()
        with temporary_settings({PREFECT_API_URL: server.api}):
            block = CustomWebhookNotificationBlock(
                name="post",
                url=f"http://127.0.0.1:{post.server_port}/",
                json_data={"subject": "{{subject}}", "body": "{{body}}"},
            )
            block_id = block.save("post", _sync=True)
        text = (ROOT / "automations.yaml").read_text().replace("00000000-0000-0000-0000-000000000000", str(block_id))
        for automation in YAML(typ="safe").load(text)["automations"]:
            server.post("automations/", AutomationCore.model_validate(automation).model_dump(mode="json"))
        yield post.letters
        post.shutdown()


@pytest.fixture(scope="module")
def story(server, letters, tmp_path_factory):
    folder = tmp_path_factory.mktemp("story")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        told = Story(server, folder)
        patch.setenv(ENVIRONMENT_VARIABLE, f"@{told.clock}")
        yield told
        if told.serving is not None:
            told.serving.__exit__(None, None, None)


def test_on_its_date_the_first_wave_is_published(story):
    story.at("2025-01-06T09:00")
    story.types("coprod-trust plan four-waves --register --who evaluator")
    hand_in(story.root, "w1")
    assert story.stands()[0] == "not due before 2025-01-13"

    story.at("2025-01-13T06:00")
    story.serve()
    state = story.next_look([])
    assert state["name"] == "Waiting"
    sees(state["message"], "wave w2: not due before 2025-07-14")
    assert story.stands() == [
        "done", "not due before 2025-07-14", "not due before 2026-01-12", "not due before 2026-07-13",
    ]  # fmt: skip
    assert (story.root / "reports" / "w1" / "internal" / "report.en.html").is_file()
    sees(
        story.types("coprod-trust status four-waves"),
        "w1    Start            2025-01-13  15       14        1            done",
        "w2    Six months       2025-07-14                                  not due before 2025-07-14",
        "2 rows or cells wait in quarantine at w1",
    )
    assert story.ask("SELECT rows_in, accepted, quarantined FROM source_file WHERE kind = 'survey'") == [(15, 14, 1)]


def test_the_run_is_shown_in_prefect(story):
    shown = story.server.artifacts()
    quality = json.loads(shown["four-waves-w1-data-quality"]["data"])
    assert [(q["wave"], q["rows_in"], q["quarantined"]) for q in quality] == [("w1", 15, 1)]
    report = story.root / "reports" / "w1" / "internal" / "report.en.html"
    assert report.as_uri() in shown["four-waves-w1-report"]["data"]
    assert [row["how it stands"] for row in json.loads(shown["four-waves-schedule"]["data"])] == story.stands()

    (run,) = story.server.runs(name={"any_": [f"{STUDY} w1"]})
    assert "coprod-trust.four_waves" in run["tags"]
    tasks = story.server.post("task_runs/filter", {"task_runs": {"flow_run_id": {"any_": [run["id"]]}}})
    assert [t["name"] for t in sorted(tasks, key=lambda t: t["start_time"])] == [step.name for step in STEPS]
    limit = story.server.get("v2/concurrency_limits/coprod-trust.four_waves")
    assert (limit["limit"], limit["active_slots"]) == (1, 0)


def test_a_late_file_is_waited_for_and_read_when_it_comes(story):
    story.at("2025-07-14T06:00")
    state = story.morning()
    assert state["name"] == "Waiting for files"
    sees(state["message"], "wave w2: due since 2025-07-14; waiting for waves/w2.csv")
    assert story.ask("SELECT wave FROM run") == [("w1",)]

    story.at("2025-07-29T14:20")
    before = story.looks()
    hand_in(story.root, "w2")
    story.next_look(before)
    assert story.stands()[:2] == ["done", "done"]
    assert story.ask("SELECT estimate FROM finding WHERE finding_id = 'change.provider.w1-w2'") == [(-15.0,)]


def test_a_correction_moves_what_depends_on_it_and_says_so(story):
    story.at("2025-08-01T10:00")
    before = story.looks()
    story.types(
        "coprod-trust correct four-waves --wave w2 --participant P005 --column prov_2 --value 7 "
        '--who evaluator --why "typed as 1; 7 on paper"'
    )
    story.next_look(before)
    moved = story.types(
        'coprod-trust sql four-waves "SELECT finding_id, estimate_before, estimate, verdict FROM difference"'
    )
    sees(
        moved,
        "change.municipal.w1-w2    -12.914406269  -12.914406269  changed and matters",
        "change.provider.w1-w2             -15.0  -13.571428571  changed and matters",
    )
    adjusted = (
        "SELECT p_value = p_value_before, p_adjusted = p_adjusted_before FROM difference "
        "WHERE finding_id = 'change.municipal.w1-w2'"
    )
    assert story.ask(adjusted) == [(True, False)], "only its p adjusted together with the other one's has moved"
    (line,) = [r for r in csv.DictReader((story.root / "waves" / "w2.csv").open()) if r["pid"] == MISTYPED]
    assert line["prov_2"] == "1", "the file itself stays as it came"


def test_a_frozen_wave_stays_and_is_proven(story):
    story.at("2025-08-04T09:00")
    before = story.looks()
    sees(
        story.types('coprod-trust freeze four-waves w2 --who evaluator --why "for the council of 7 August"'),
        "Frozen: 27 rows of 14 people, 2 files.",
    )
    assert story.stands()[1] == "done and frozen"
    proven = story.types("coprod-trust verify four-waves")
    sees(
        proven,
        "Frozen wave w2: 27 rows, 0 erased since.",
        "yes  the files received are in the archive, byte for byte: 2 files",
        "yes  every frozen row can be proven by its keyed hash: 27 of 27 proven, 0 erased",
        "yes  the same rows are in use today: no difference",
        "yes  the report is the one that was frozen: 3 files",
        "yes  the findings come out of these files again: 2 findings, all figures alike",
    )
    assert "NO" not in proven
    assert "not told" not in proven
    state = story.next_look(before)
    assert state["type"] == "COMPLETED", "a frozen wave is not run again, and that is no failure"


def test_a_killed_computer_leaves_the_last_publication_and_is_made_good(story):
    story.at("2026-01-12T06:00")
    published = story.root / "published" / "trust.duckdb"
    inode = published.stat().st_ino
    hand_in(story.root, "w3")
    outbox = story.root / "work" / "outbox"
    story.server.until("run at work", outbox.exists, seconds=60)
    (look,) = [r for r in story.looks() if r["state_type"] == "RUNNING"]
    for pid in (process_of(look["id"]), story.process.pid):
        os.kill(pid, signal.SIGKILL)
    story.serving.__exit__(None, None, None)
    sees(
        story.types("coprod-trust status four-waves"),
        "A run began and has not ended: it is at work, was refused, or was interrupted.",
    )
    assert published.stat().st_ino == inode
    assert story.ask("SELECT max(wave) FROM run") == [("w2",)]

    before = story.looks()
    story.serve()
    story.next_look(before)
    assert story.stands()[2] == "done"
    states = {r["name"]: r["state_type"] for r in reversed(story.server.runs(state={"type": {"any_": ["CRASHED"]}}))}
    assert states == {STUDY: "CRASHED", f"{STUDY} w3": "CRASHED"}


def test_somebody_who_withdraws_is_gone_and_every_number_that_moved_is_listed(story):
    story.at("2026-02-02T11:00")
    before = story.looks()
    gone = story.types(
        'coprod-trust withdraw four-waves P007 --replace-files --who evaluator --why "asked for it by letter"'
    )
    sees(
        gone,
        "3 rows and passages taken out; rebuilt: w1, w2, w3.",
        "for their words: nothing is left in anything that coprod-trust keeps.",
        "Published findings that moved: 8, none with another conclusion",
        "change.municipal.w1-w2: -12.91 (n = 13, changed and matters) -> -13.00 (n = 12, changed and matters)",
        "change.provider.w1-w2: -13.57 (n = 13, changed and matters) -> -13.81 (n = 12, changed and matters)",
    )
    for path in (story.root / "waves").iterdir():
        assert WITHDREW not in path.read_text()
    proven = story.types("coprod-trust verify four-waves")
    sees(
        proven,
        "Frozen wave w2: 27 rows, 2 erased since.",
        "yes  every frozen row can be proven by its keyed hash: 25 of 27 proven, 2 erased",
        "not told  the findings come out of these files again: 2 rows were erased",
    )
    assert "NO" not in proven
    assert story.next_look(before)["type"] == "COMPLETED"
    assert story.stands()[:3] == ["done", "done and frozen", "done"]


def test_the_last_wave_is_reported(story):
    story.at("2026-07-13T06:00")
    before = story.looks()
    hand_in(story.root, "w4")
    state = story.next_look(before)
    assert (state["name"], state["message"]) == ("Completed", "every wave is done")
    sees(state["message"], "every wave is done")
    assert story.stands() == ["done", "done and frozen", "done", "done"]
    shown = story.server.artifacts()
    findings = json.loads(shown["four-waves-w4-findings"]["data"])
    assert {r["finding_id"]: r["n"] for r in findings} == dict(story.ask("SELECT finding_id, n FROM finding"))


def test_the_schedule_stays_when_serve_stops(story):
    story.process.send_signal(signal.SIGINT)
    assert story.process.wait(30) == 0
    daily = story.server.deployment("four_waves", "due")
    assert daily["paused"] is False
    assert [s["schedule"]["cron"] for s in daily["schedules"] if s["active"]] == ["0 6 * * *"]


def line_of(story, row):
    """The line of the first file that a traced row names, as the archive keeps it, with what was corrected."""
    table = (story.root / "work" / "archive" / row["sha256"]).read_text(encoding="utf-8").splitlines()
    line = dict(zip(table[0].split(","), table[row["row_number"] - 1].split(","), strict=True))
    for decision in csv.DictReader((story.root / "decisions" / "correction.csv").open()):
        if (decision["wave"], decision["participant_id"]) == (row["wave"], line["pid"]):
            line[decision["column"]] = decision["value"]
    return line


def score(line, outcome):
    """0 to 100, from three answers of 0 to 10."""
    first, second, third = (float(line[f"{outcome[:4]}_{i}"]) for i in (1, 2, 3))
    return 10 * (first + second + (10 - third if outcome == "municipal" else third)) / 3


def unstructured_means(scores):
    """Means by wave in the model that the report names: an unstructured covariance within persons, by REML.

    ``scores``: person, wave, score. Written out here, apart from the project's own engine.
    """
    waves = sorted({w for _, w, _ in scores})
    people = {}
    for person, wave, value in scores:
        people.setdefault(person, []).append((waves.index(wave), value))
    places = np.tril_indices(len(waves))

    def fitted(parameters):
        root = np.zeros((len(waves), len(waves)))
        root[places] = parameters
        covariance = root @ root.T
        information, weighted, fit, logdet = np.zeros_like(root), np.zeros(len(waves)), 0.0, 0.0
        for person in people.values():
            at, y = [i for i, _ in person], np.array([v for _, v in person])
            inverse = np.linalg.inv(covariance[np.ix_(at, at)])
            information[np.ix_(at, at)] += inverse
            weighted[at] += inverse @ y
            fit += y @ inverse @ y
            logdet -= np.linalg.slogdet(inverse)[1]
        means = np.linalg.solve(information, weighted)
        return logdet + np.linalg.slogdet(information)[1] + fit - weighted @ means, means

    start = (10 * np.eye(len(waves)))[places]
    best = minimize(lambda p: fitted(p)[0], start, method="BFGS", options={"gtol": 1e-6})
    return dict(zip(waves, fitted(best.x)[1], strict=True))


def test_every_number_of_the_last_report_can_be_explained_from_the_first_file(story):
    report = json.loads((story.root / "reports" / "w4" / "internal" / "findings.json").read_text())
    assert len(report["findings"]) == 8
    from_first_file = 0
    for told in report["findings"]:
        behind = trace(story.root, told["finding_id"])
        lines = [(row, line_of(story, row)) for row in behind.rows]
        assert all(row["participant_id"] == line["pid"] for row, line in lines)
        assert WITHDREW not in {line["pid"] for _, line in lines}
        from_first_file += any(row["file"] == "waves/w1.csv" for row, _ in lines)

        scores = [(line["pid"], row["wave"], score(line, told["outcome"])) for row, line in lines]
        earlier, later = told["contrast"].split("-")
        means = unstructured_means(scores)
        assert told["estimate"] == pytest.approx(means[later] - means[earlier], abs=2e-3), told["finding_id"]

        by_wave = {w: {p: s for p, at, s in scores if at == w} for w in (earlier, later)}
        changes = np.array([by_wave[later][p] - s for p, s in by_wave[earlier].items() if p in by_wave[later]])
        paired = next(e for e in told["estimates"] if e["method"] == "paired_t")
        assert (told["n"], paired["n"]) == (len(changes), len(changes))
        assert paired["estimate"] == pytest.approx(changes.mean())
        assert paired["std_error"] == pytest.approx(changes.std(ddof=1) / np.sqrt(len(changes)))
        assert f"{abs(told['estimate']):.1f}" in told["sentence"]
    assert from_first_file == 8

    sees(
        story.types("coprod-trust trace four-waves change.provider.w1-w4"),
        "Rows (13 people, 48 rows)",
        "P003  w1 waves/w1.csv:4; w2 waves/w2.csv:3; w3 waves/w3.csv:3; w4 waves/w4.csv:2",
    )
    history = story.types(
        'coprod-trust sql four-waves "SELECT run.wave, estimate FROM finding_history JOIN run USING (run_id) '
        "WHERE finding_id = 'change.provider.w1-w2' ORDER BY run.started_at\""
    )
    sees(
        history,
        "w2 -15.0 w2 -13.571428571 w3 -13.571428571 w2 -13.811851471 w3 -13.811851471 w4 -13.811851471",
    )


def test_the_automations_tell_whom_they_shall(story, letters):
    """Of the late file, of the computer that died, and of each report."""
    told = [(letter["subject"], letter["body"]) for letter in letters]
    late = [body for subject, body in told if subject == f"{STUDY}: a wave is due and waits for files"]
    assert late
    assert all(body.startswith("wave w2: due since 2025-07-14; waiting for waves/w2.csv") for body in late)
    assert (f"{STUDY}: the last publication stays", "stopped or killed") in told
    ready = [subject for subject, body in told if body == f"Study {story.root}"]
    assert ready == [f"{STUDY} {wave}: the report is ready" for wave in ("w1", "w2", "w2", "w3", "w4")]


def test_prefect_knows_no_value_and_nobody(story):
    stored = story.server.stored()
    assert "four-waves-w4-findings" in stored
    assert "coprod-trust.study.changed" in stored
    assert UNKNOWN not in stored
    assert not [p for p in PEOPLE if re.search(rf"\b{p}\b", stored)]
