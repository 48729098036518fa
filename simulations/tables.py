"""Put the results of the simulations into docs/simulations.md, between its markers: python -m simulations.tables"""

from __future__ import annotations

import csv
import re
from pathlib import Path

HERE = Path(__file__).parent
DOCUMENT = HERE.parent / "docs" / "simulations.md"
METHODS = {
    "primary": "**the report's model**",
    "unstructured kenward-roger": "unstructured, Kenward-Roger",
    "compound-symmetry kenward-roger": "compound symmetry, Kenward-Roger",
    "random-intercept kenward-roger": "random intercept, Kenward-Roger",
    "random-intercept satterthwaite": "random intercept, Satterthwaite",
    "ar1 kenward-roger": "AR(1), Kenward-Roger",
    "paired_t": "paired t of completers",
    "statsmodels MixedLM z": "random intercept, z (statsmodels)",
}


def rows_of(name: str) -> list[dict[str, str]]:
    with (HERE / "results" / f"{name}.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def tables() -> dict[str, str]:
    """Per marker the table between it and its end."""
    cells = rows_of("change_tests")
    null = [r for r in cells if float(r["change"]) == 0]
    half = [r for r in cells if float(r["change"]) != 0]
    return {
        "type-one-error": _by_people(null, "rejected", bias=False),
        "bias": _by_people(null, "bias", bias=True),
        "coverage": _by_people(half, "covered", bias=False) if half else "",
        "null-twin": _null_twin(rows_of("null_twin")),
    }


def _by_people(rows: list[dict[str, str]], what: str, bias: bool) -> str:
    people = sorted({int(r["people"]) for r in rows})
    lines = []
    for waves in sorted({r["waves"] for r in rows}):
        lines += [
            f"| {waves} waves | " + " | ".join(f"{n} people" for n in people) + " |",
            "|---|" + "---|" * len(people),
        ]
        for method, words in METHODS.items():
            found = {int(r["people"]): r for r in rows if r["method"] == method and r["waves"] == waves}
            if found:
                lines.append(f"| {words} | " + " | ".join(_cell(found.get(n), what, bias) for n in people) + " |")
        lines.append("")
    return "\n".join(lines).strip()


def _cell(row: dict[str, str] | None, what: str, bias: bool) -> str:
    if row is None:
        return "not run"
    if bias:
        return f"{float(row['bias']):+.2f} ± {float(row['bias_mc_error']):.2f}"
    share, error = float(row[f"{what}_share"]), float(row[f"{what}_mc_error"])
    return f"{100 * share:.1f} ± {100 * error:.1f}"


def _null_twin(rows: list[dict[str, str]]) -> str:
    n = len(rows)

    def share(column: str) -> str:
        found = sum(int(r[column] or 0) > 0 for r in rows)
        p = found / n
        return f"| {found} of {n} | {100 * p:.1f} ± {100 * (p * (1 - p) / n) ** 0.5:.1f} |"

    coded = [r for r in rows if r["codes_compared"]]
    significant = sum(int(r["codes_significant"]) > 0 for r in coded)
    p = significant / len(coded)
    return "\n".join(
        [
            "| studies in which | studies | % |",
            "|---|---|---|",
            "| a sentence of the first family has a direction verb (first to latest wave) " + share("direction_verbs"),
            "| one has it between any two waves " + share("direction_verbs_any_contrast"),
            "| a change of the first family is *clear* " + share("clear"),
            "| a change is *too small to matter* and that is *clear*, which is true " + share("clear_too_small"),
            "| a code goes with a change (after Benjamini-Hochberg, any of four trusts and three contrasts) "
            f"| {significant} of {len(coded)} | {100 * p:.1f} ± {100 * (p * (1 - p) / len(coded)) ** 0.5:.1f} |",
        ]
    )


def written(text: str) -> str:
    """The document with its tables made anew."""
    for marker, table in tables().items():
        text = re.sub(
            rf"(<!-- {marker} -->\n).*?(<!-- end -->)",
            lambda m, table=table: f"{m.group(1)}\n{table}\n\n{m.group(2)}",
            text,
            flags=re.DOTALL,
        )
    return text


if __name__ == "__main__":
    DOCUMENT.write_text(written(DOCUMENT.read_text(encoding="utf-8")), encoding="utf-8")
