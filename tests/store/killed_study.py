"""A study of a dozen people with two waves, two scales and notes: small enough to be run fifty times."""

from __future__ import annotations

from pathlib import Path

from tests.notes.study import write_notes
from tests.studies import answers, small_study, write_csv


def killed_study(root: Path) -> Path:
    """The study's folder at ``root``. One cell and one row are dirty, so that there is a quarantine."""
    small_study(root)
    write_notes(root)
    path = root / "study.yaml"
    text = path.read_text(encoding="utf-8").replace("permutations: 999", "permutations: 99")
    text = text.replace("bootstraps: 999", "bootstraps: 199")
    head, scales = text.split("  - id: municipal\n")
    _, peers = scales.split("  - id: peers\n")
    text = f"{head}  - id: peers\n{peers}"
    text = text.replace("primary: [provider, municipal, generalized, peers]", "primary: [provider, peers]")
    text = text.replace(
        "change.provider, change.municipal, change.generalized, change.peers", "change.provider, change.peers"
    )
    text = text.replace("association.peers-provider, association.peers-generalized", "association.peers-provider")
    path.write_text(text, encoding="utf-8")
    rows = answers()
    rows["w2"][3]["prov_2"] = "77"
    rows["w2"][5]["pid"] = ""
    for wave in ("w1", "w2"):
        kept = [{k: v for k, v in r.items() if k[:4] not in ("muni", "gen_")} for r in rows[wave]]
        write_csv(root / "waves" / f"{wave}.csv", kept)
    (root / "waves" / "w3.csv").unlink()
    return root
