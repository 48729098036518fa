"""What is computed beside a run is what would have been computed in it, and nothing stays behind."""

from __future__ import annotations

import operator
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from coprod_trust import beside
from coprod_trust.errors import Reason, UserError
from coprod_trust.report.charts.draw import draw

CHART = {
    "data": {"values": [{"a": 1, "b": 2}]},
    "mark": "point",
    "encoding": {"x": {"field": "a"}, "y": {"field": "b"}},
}


def refuse() -> None:
    raise UserError(Reason("it cannot be", "leave it"))


def unsendable() -> object:
    return lambda: None


def end() -> None:
    os._exit(9)


@pytest.fixture(scope="module")
def processes() -> Iterator[None]:
    with beside.second_process():
        yield


@pytest.mark.usefixtures("processes")
def test_a_function_is_called_in_another_process() -> None:
    assert beside.submit(os.getpid).result() != os.getpid()
    assert beside.submit(operator.add, 1, 2).result() == 3


@pytest.mark.usefixtures("processes")
def test_charts_are_drawn_as_they_are_in_place() -> None:
    drawn = {beside.submit(draw, CHART).result() for _ in range(3)}
    assert drawn == {draw(CHART)}


@pytest.mark.usefixtures("processes")
def test_a_user_s_mistake_comes_back_as_it_is_and_the_process_goes_on() -> None:
    with pytest.raises(UserError) as caught:
        beside.submit(refuse).result()
    assert caught.value.reasons == (Reason("it cannot be", "leave it"),)
    with pytest.raises(ZeroDivisionError) as defect:
        beside.submit(operator.truediv, 1, 0).result()
    assert "operator" in "".join(defect.value.__notes__) or "_answer" in "".join(defect.value.__notes__)
    with pytest.raises(RuntimeError, match="could not be sent"):
        beside.submit(unsendable).result()
    assert beside.submit(operator.add, 1, 2).result() == 3


def test_without_processes_the_same_is_done_in_place(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(beside, "_beside", None)
    assert beside.submit(os.getpid).result() == os.getpid()
    with pytest.raises(UserError):
        beside.submit(refuse).result()


def test_a_process_that_has_died_is_told_and_does_not_hang(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(beside, "_beside", None)
    with beside.second_process(), pytest.raises(RuntimeError, match="ended before its time"):
        beside.submit(end).result()


def test_killing_a_run_leaves_no_process_behind(tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(
        "import os, time\n"
        "from coprod_trust import beside\n"
        "if __name__ == '__main__':\n"
        "    with beside.second_process():\n"
        "        print(beside.submit(os.getpid).result(), flush=True)\n"
        "        time.sleep(60)\n"
    )
    env = {**os.environ, "PYTHONPATH": str(Path(beside.__file__).parents[1])}
    with subprocess.Popen([sys.executable, program], stdout=subprocess.PIPE, text=True, env=env) as run:
        assert run.stdout is not None
        other = int(run.stdout.readline())
        run.send_signal(signal.SIGKILL)
    give_up = time.monotonic() + 20
    while _alive(other) and time.monotonic() < give_up:
        time.sleep(0.05)
    assert not _alive(other)


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    status = Path(f"/proc/{pid}/stat")
    return not (status.exists() and status.read_text().rpartition(")")[2].split()[0] == "Z")
