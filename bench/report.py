"""What the report of a wave costs: of the sample study as a run writes it, and of a large one.

The sample's figure is that of the run's own step, which also builds the published database: one report (English,
internal: the longest edition) as HTML, PDF and Word. The large report is made from the sample's rows until it has 200
findings, each with all its estimates, and has 2,000 quotes printed; it is worded, checked and rendered in one process.
"""

from __future__ import annotations

import re
import shutil
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from bench.run import OUT, ROOT, Measurement, timed

if TYPE_CHECKING:
    from coprod_trust.report.model import Report

RUNS = 3
FINDINGS, QUOTES = 200, 2_000
SAMPLE = ROOT / "data" / "sample"
CLI = [sys.executable, "-m", "coprod_trust"]
FORMATS = ("html", "pdf", "docx")
SAID = "They listened when I asked, and nobody came back to tell us what had been done with it in the end. "


def measure() -> list[Measurement]:
    """Seconds of the sample's report, and seconds and size of the large one."""
    with tempfile.TemporaryDirectory() as folder:
        studies = [_study(Path(folder) / str(i)) for i in range(RUNS)]
        seconds = min(_step_seconds(study) for study in studies)
        large = timed([sys.executable, "-m", "bench.report", studies[0], Path(folder) / "large"])
        files = [p for p in (Path(folder) / "large").rglob("*") if p.is_file()]
        sizes = {p.suffix: p.stat().st_size / 1e6 for p in files}
    if set(sizes) != {f".{form}" for form in FORMATS}:
        raise RuntimeError(f"the large report is not in {', '.join(FORMATS)}: {sorted(sizes)}")
    named = f"{FINDINGS} findings, {QUOTES:,} quotes"
    return [
        Measurement("sample study, one report in three formats", seconds, limit=8),
        Measurement(f"{named}, three formats", large.seconds, limit=30),
        Measurement(f"{named}, the three files together", sum(sizes.values()), "MB", limit=15),
        Measurement(f"{named}, peak memory", large.peak_mb, "MB"),
    ]


def _study(root: Path) -> Path:
    """The sample with that one report."""
    from ruamel.yaml import YAML

    shutil.copytree(SAMPLE, root, ignore=shutil.ignore_patterns("work", "published", "reports"))
    yaml = YAML(typ="safe")
    document = yaml.load((root / "study.yaml").read_text("utf-8"))
    document["report"] = {"languages": ["en"], "editions": ["internal"], "formats": list(FORMATS)}
    with (root / "study.yaml").open("w", encoding="utf-8") as out:
        yaml.dump(document, out)
    return root


def _step_seconds(study: Path) -> float:
    """Run the study and read what its step took from what the run prints."""
    from coprod_trust.steps import STEPS

    title = next(step.title for step in STEPS if step.name == "report")
    timed([*CLI, "run", study, "--direct"])
    said = (OUT / "stderr.txt").read_text("utf-8")
    found = re.search(rf"^{re.escape(title)}: .*\(([\d.]+) s\)$", said, re.MULTILINE)
    if not found:
        raise RuntimeError("the run does not say what its report took")
    return float(found.group(1))


def large(study: Path) -> Report:
    """A report with that many findings and quotes, from the working database of a study that has run."""
    from coprod_trust.report.build import build_report
    from coprod_trust.report.language import language
    from coprod_trust.report.model import Quote, Theirs, Words
    from coprod_trust.report.read import read_material
    from coprod_trust.store import StudyPaths, open_work
    from coprod_trust.study import load_study

    with open_work(StudyPaths(study)) as con:
        run_id, wave = con.execute("SELECT run_id, wave FROM run ORDER BY started_at DESC LIMIT 1").fetchone() or (
            "",
            "",
        )
        material = read_material(con, load_study(study), wave, run_id, study)
    there = [f for f in material.findings if not f.declined]
    more = [
        replace(f, finding_id=f"{f.finding_id}.again{i}", exploratory=True)
        for i, f in ((i, there[i % len(there)]) for i in range(FINDINGS))
    ]
    material = replace(material, findings=(*material.findings, *more)[:FINDINGS])
    report = build_report(material, language("en"))
    quotes = tuple(
        Quote(Theirs(f"{i}: {SAID * 2}"), Words("One participant said."), f"segment-{i}") for i in range(QUOTES)
    )
    sections = [replace(s, blocks=(*s.blocks, *quotes)) if s.id == "said" else s for s in report.sections]
    return replace(report, sections=tuple(sections))


def main(study: str, folder: str) -> None:
    """Make the large report of that study in ``folder``."""
    from coprod_trust.report.drawings import Drawings
    from coprod_trust.report.language import language
    from coprod_trust.report.step import write
    from coprod_trust.study.report_settings import ReportFormat

    report, drawings = large(Path(study)), Drawings()
    drawings.add(report, language("en"))
    write(Path(folder), [report], [ReportFormat(form) for form in FORMATS], drawings, "bench")


if __name__ == "__main__":
    main(*sys.argv[1:])
