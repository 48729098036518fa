"""The sample study from files to report: ours against the report that a user would write in R, and what Prefect costs.

The R report (peer_r/) does the paired tests, effect sizes and mixed models with Kenward-Roger of the same four
dimensions on data of the same shape; it neither checks, archives, links notes nor publishes a database.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from io import StringIO
from pathlib import Path

from bench.run import HERE, ROOT, Measurement, Process, fastest, timed

RUNS = 3
PEER = HERE / "peer_r"
SAMPLE = ROOT / "data" / "sample"
CLI = [sys.executable, "-m", "coprod_trust"]
_MADE_BY_A_RUN = shutil.ignore_patterns("work", "published", "reports")


def measure() -> list[Measurement]:
    """Seconds and memory of ``run --direct``, of the flow with no server running, of the R report, and of --help.

    Ours and R's runs take turns, so that whatever else the machine does falls on both.
    """
    help_ = fastest(timed([*CLI, "--help"]) for _ in range(RUNS))
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        render, missing = _peer(scratch)
        directs, peers = [], []
        for i in range(RUNS):
            directs.append(_run(scratch / f"direct{i}", "--direct"))
            if render:
                peers.append(timed(render))
        flow = _run(scratch / "flow", home=scratch / "prefect")
    direct, peer = fastest(directs), fastest(peers) if peers else None
    against = {"against": "R report", "missing": missing}
    return [
        Measurement("coprod-trust --help", help_.seconds, limit=0.5),
        Measurement(
            "sample study, run --direct", direct.seconds, reference=peer and peer.seconds, limit=1.5, **against
        ),
        Measurement("sample study, processor time", direct.cpu_seconds, reference=peer and peer.cpu_seconds, **against),
        Measurement("sample study, peak memory", direct.peak_mb, "MB", reference=peer and peer.peak_mb, **against),
        Measurement("sample study, flow, no server running", flow.seconds, limit=30),
        Measurement("orchestration: flow minus direct", flow.seconds - direct.seconds),
    ]


def _run(study: Path, *options: str, home: Path | None = None) -> Process:
    """A first run on a fresh copy of the sample, with the analyses that the R report has."""
    shutil.copytree(SAMPLE, study, ignore=_MADE_BY_A_RUN)
    settings = study / "study.yaml"
    settings.write_text(_comparable(settings.read_text("utf-8")), "utf-8")
    return timed([*CLI, "run", study, *options], {"PREFECT_HOME": str(home), "PREFECT_API_URL": ""} if home else None)


def _comparable(study_yaml: str) -> str:
    """The study with what the R report has: the core analyses, in one report in HTML."""
    from ruamel.yaml import YAML

    yaml = YAML(typ="safe")
    document = yaml.load(study_yaml)
    document["plan"]["analyses"] = "core"
    document["report"] = {"languages": ["en"], "editions": ["internal"], "formats": ["html"]}
    out = StringIO()
    yaml.dump(document, out)
    return out.getvalue()


def _peer(scratch: Path) -> tuple[list[str], str]:
    """The command that makes the R report, or why it cannot be made here."""
    if not shutil.which("Rscript"):
        return [], "R is not installed: no ratio"
    data = scratch / "peer"
    data.mkdir()
    timed([sys.executable, PEER / "make_sample.py", "60", data])
    shutil.copy(PEER / "report.Rmd", scratch)
    command = f"rmarkdown::render('{scratch}/report.Rmd', params = list(dir = '{data}'), quiet = TRUE)"
    try:
        timed(["Rscript", "-e", command])
    except RuntimeError as error:
        return [], f"the R report could not be made: {str(error).splitlines()[-1][:80]}"
    return ["Rscript", "-e", command], ""
