"""Kills runs of a small study with SIGKILL, one at every chosen moment, runs each again, and tells what was published.

    python -m tests.store.killing FOLDER

A run passes moments: a statement is about to reach the database, or something in the study's folder is about to be
written, renamed or removed. The process imports everything once and forks for each run. Only forks are watched and
killed; nothing of the package is changed. Prints JSON: the moments, what an undisturbed run published, and what each
killed and repeated run published.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import pkgutil
import shutil
import signal
import sys
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import duckdb

from coprod_trust import beside

EARLIER, LATER = "2025-02-01T09:00:00+00:00", "2025-08-01T09:00:00+00:00"
WATCHED = {"open", "os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.chmod", "shutil.rmtree"}
HEAVY = (
    "pandas",
    "pyarrow",
    "scipy.stats",
    "statsmodels.api",
    "pingouin",
    "vl_convert",
    "jinja2",
    "filelock",
)


class Watch:
    """Counts the moments of a run and kills the process at one of them."""

    def __init__(self, root: Path, kill_at: int | None = None, inside: bool = False) -> None:
        self.root, self.kill_at, self.inside = str(root), kill_at, inside
        self.moments: list[str] = []

    def pass_(self, moment: str) -> None:
        if self.kill_at is not None and len(self.moments) == self.kill_at:
            if self.inside:
                threading.Thread(target=self._soon, daemon=True).start()
            else:
                os.kill(os.getpid(), signal.SIGKILL)
        self.moments.append(moment)

    @staticmethod
    def _soon() -> None:
        time.sleep(0.0005)
        os.kill(os.getpid(), signal.SIGKILL)

    def audit(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event not in WATCHED or not arguments or not str(arguments[0]).startswith(self.root):
            return
        if event == "open" and not (isinstance(arguments[2], int) and arguments[2] & (os.O_WRONLY | os.O_RDWR)):
            return
        self.pass_(f"{event} {str(arguments[0])[len(self.root) + 1 :]}")

    def connect(self, *arguments: Any, **settings: Any) -> Any:
        return Watched(one_thread(*arguments, **settings), self)


_connect = duckdb.connect


def one_thread(*arguments: Any, config: dict[str, str] | None = None, **settings: Any) -> duckdb.DuckDBPyConnection:
    """Two runs go on side by side; more threads would only stand in each other's way."""
    return _connect(*arguments, config={**(config or {}), "threads": "1"}, **settings)


class Watched:
    """A connection whose statements are moments."""

    def __init__(self, con: duckdb.DuckDBPyConnection, watch: Watch) -> None:
        self._con, self._watch = con, watch

    def execute(self, statement: Any, *values: Any) -> Any:
        text = statement if isinstance(statement, str) else statement.query
        self._watch.pass_("sql " + " ".join(text.split())[:60])
        self._con.execute(statement, *values)
        return self

    def cursor(self) -> Any:
        return Watched(self._con.cursor(), self._watch)

    def executemany(self, statement: Any, *values: Any) -> Any:
        self._watch.pass_("sql " + " ".join(str(statement).split())[:60])
        self._con.executemany(statement, *values)
        return self

    def __getattr__(self, name: str) -> Any:
        return getattr(self._con, name)

    def __enter__(self) -> Any:
        return self

    def __exit__(self, *_: object) -> None:
        self._con.close()


def in_fork(work: Callable[[], object], result: Path | None = None) -> int:
    """Do something in a fork, write what it returns as JSON; returns the signal that ended it, or 0."""
    child = os.fork()
    if child == 0:
        status = 1
        try:
            found = work()
            if result is not None:
                result.write_text(json.dumps(found, default=str), encoding="utf-8")
            status = 0
        except BaseException as error:
            print(f"{type(error).__name__}: {error}", file=sys.stderr, flush=True)
        finally:
            os._exit(status)
    _, status = os.waitpid(child, 0)
    if os.WIFEXITED(status) and os.WEXITSTATUS(status):
        raise SystemExit("a fork failed")
    return os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0


def run(root: Path, moment: str, wave: str, watch: Watch | None = None) -> list[str]:
    """Run the study directly, by the clock of ``moment``; returns the moments passed, the steps' ends among them."""
    from coprod_trust.runner import run_direct

    os.environ["COPROD_TRUST_NOW"] = moment
    if watch is None:
        duckdb.connect = one_thread  # type: ignore[assignment]
        run_direct(root, wave)
        return []
    duckdb.connect = watch.connect  # type: ignore[assignment]
    sys.addaudithook(watch.audit)
    run_direct(root, wave, lambda step, phase, _: watch.pass_(f"step {step.name} {phase}"))
    return watch.moments


def published(root: Path) -> dict[str, Any]:
    """Every published table, page and archived file, with the ids of runs taken out."""
    con = _connect(str(root / "published" / "trust.duckdb"), read_only=True)
    ids = [i for (i,) in con.execute("SELECT run_id FROM run ORDER BY started_at").fetchall()]
    tables = con.execute(
        "SELECT schema_name || '.' || table_name FROM duckdb_tables() UNION ALL "
        "SELECT schema_name || '.' || view_name FROM duckdb_views() WHERE NOT internal ORDER BY ALL"
    ).fetchall()
    found: dict[str, Any] = {t: sorted(repr(r) for r in con.execute(f"FROM {t}").fetchall()) for (t,) in tables}
    con.close()
    for path in sorted((root / "reports").rglob("*")):
        if path.is_file():
            found[str(path.relative_to(root))] = path.read_text(encoding="utf-8", errors="replace")
    archive = root / "work" / "archive"
    found["archive"] = {p.name: p.read_text(errors="replace") for p in sorted(archive.iterdir())}
    found["work"] = sorted(p.name for p in (root / "work").iterdir())
    text = json.dumps(found, default=str)
    for number, run_id in enumerate(ids):
        text = text.replace(run_id, f"RUN{number}")
    return dict(json.loads(text))


CHANGES = (
    "os.rename work/archive",
    "open work/archive/index",
    "os.rename work/outbox/trust.duckdb",
    "os.rename work/outbox/reports/w2/internal/report.en.html",
    "shutil.rmtree work/outbox",
)


def chosen(moments: list[str]) -> list[tuple[int, bool]]:
    """Where to kill: between the steps, within the first commit of each step and the last checkpoint, before a change
    of a file that others see, when coded tables are there that no answer is read from yet, and when all that is left is
    to say that the run has finished."""
    last = max(n for n, m in enumerate(moments) if m.startswith("sql UPDATE run SET finished_at"))
    points: dict[tuple[int, bool], None] = {}
    committed: set[str] = set()
    step = ""
    for number, moment in enumerate(moments[: last + 1]):
        if moment.startswith("step "):
            step = moment
            if moment.endswith("started"):
                points[number, False] = None
        elif moment.startswith("sql COMMIT") and step not in committed and step.endswith("started"):
            committed.add(step)
            points[number, True] = None
        elif moment.startswith("sql CHECKPOINT"):
            points[number, True] = None
        elif moment.startswith(CHANGES) and not moment.endswith(".part"):
            points[number, False] = None
    coded = next(n for n, m in enumerate(moments) if m.startswith("sql INSERT INTO part "))
    points[coded, False] = None
    points[last, False] = None
    return sorted(points)


def prepare() -> None:
    """Import everything that a run imports, so that no fork pays for it."""
    import coprod_trust

    for module in pkgutil.walk_packages(coprod_trust.__path__, "coprod_trust."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    for name in HEAVY:
        importlib.import_module(name)
    gc.freeze()  # a collection in a fork would copy every page it looks at


def main(folder: Path, every: int) -> dict[str, Any]:
    """Play it through below ``folder``, with a kill at every so many of the chosen moments, the last one among them."""
    from tests.store.killed_study import killed_study

    prepare()
    new = killed_study(folder / "new")
    template = Path(shutil.copytree(new, folder / "template"))
    in_fork(lambda: run(template, EARLIER, "w1"))
    calm = Path(shutil.copytree(template, folder / "calm"))
    in_fork(lambda: run(calm, LATER, "w2", Watch(calm)), folder / "moments.json")
    moments = read(folder / "moments.json")
    points = chosen(moments)[::-every][::-1]
    halves = [folder / "even.json", folder / "odd.json"]
    work: list[Callable[[], object]] = [
        lambda: killed(template, moments, points[0::2]),
        lambda: killed(template, moments, points[1::2]),
    ]
    both_in_forks(work, halves)
    return {
        "moments": moments,
        "calm": state(calm),
        "killed": [k for half in halves for k in read(half)],
        "first": state(template),
        "first_killed_often": killed_often(new, moments),
        "rebuilt": rebuilt(calm),
    }


def killed(template: Path, moments: list[str], points: list[tuple[int, bool]]) -> list[dict[str, Any]]:
    """Kill at each of the points. The runs after that have a second process beside them, as a run by command has."""
    with beside.second_process():
        return [killed_once(template, moments, *p) for p in points]


def killed_once(template: Path, moments: list[str], number: int, inside: bool) -> dict[str, Any]:
    """Kill the later run of a copy at a moment (inside: while the statement is at work), and run it again."""
    root = Path(shutil.copytree(template, template.with_name(f"killed{number}{inside:d}")))

    def disturbed() -> None:
        beside._beside = None  # it belongs to the process that was forked
        run(root, LATER, "w2", Watch(root, number, inside))

    ended_by = in_fork(disturbed)
    left = runs_published(root)
    run(root, LATER, "w2")
    after = json.loads(json.dumps(published(root)))
    shutil.rmtree(root)
    return {
        "moment": moments[number],
        "step": next((m.split()[1] for m in reversed(moments[: number + 1]) if m.startswith("step ")), "before"),
        "ended_by": ended_by,
        "left": left,
        "after": after,
    }


def runs_published(root: Path) -> int:
    with _connect(str(root / "published" / "trust.duckdb"), read_only=True) as con:
        row = con.execute("SELECT count(*) FROM run").fetchone()
    assert row is not None
    return int(row[0])


def killed_often(new: Path, moments: list[str]) -> dict[str, Any]:
    """The first run of a study, killed again and again, each time later, and then left in peace."""
    for part in (0.3, 0.7):
        watch = Watch(new, int(part * len(moments)))
        if in_fork(partial(run, new, EARLIER, "w1", watch)) != signal.SIGKILL:
            raise SystemExit("the run ended before it could be killed")
    in_fork(lambda: run(new, EARLIER, "w1"))
    return state(new)


def rebuilt(calm: Path) -> dict[str, Any]:
    """The study without its work/, the archive apart, run again."""
    for path in (calm / "work").iterdir():
        if path.is_file():
            path.unlink()
    in_fork(lambda: run(calm, "2025-09-01T09:00:00+00:00", "w2"))
    return state(calm)


def state(root: Path) -> dict[str, Any]:
    """What is published of the study, read in a fork."""
    result = root.with_suffix(".state.json")
    in_fork(lambda: published(root), result)
    return dict(read(result))


def read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def both_in_forks(work: list[Callable[[], object]], results: list[Path]) -> None:
    """Two pieces of work side by side."""
    children = []
    for piece, result in zip(work, results, strict=True):
        child = os.fork()
        if child == 0:
            try:
                result.write_text(json.dumps(piece()), encoding="utf-8")
                os._exit(0)
            except BaseException as error:
                print(f"{type(error).__name__}: {error}", file=sys.stderr, flush=True)
            finally:
                os._exit(1)
        children.append(child)
    ended = [os.waitpid(child, 0)[1] for child in children]
    if any(ended):
        raise SystemExit("killing and running again failed")


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]).resolve(), int(sys.argv[2]))))
