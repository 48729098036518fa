"""What ``trace`` prints."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby

from coprod_trust.cli.show import count, plain
from coprod_trust.cli.tables import table_lines
from coprod_trust.trace import Record, Trace

MOST_PEOPLE = 200
_STANCES = {
    "confirms": "for it",
    "contrasts": "against it",
    "expands": "beyond it",
    "mentions": "mention it",
    "unresolved": "coders differ",
}


def trace_lines(trace: Trace) -> Iterable[str]:
    """From the finding down to rows and segments, for a person."""
    f = trace.finding
    yield f"{f['finding_id']} (design {f['design']})"
    if f["sentence"]:
        yield f["sentence"]
    yield f"estimand: {f['estimand']}; population: {f['population']}"
    yield f"verdict: {f['verdict'] or 'none'}; certainty: {f['certainty'] or 'none'}"
    if f["declined"]:
        yield f"not estimated: {f['declined']}"
    yield from _plan(trace)
    yield from _estimates(trace)
    yield from _rows(trace)
    yield from _meta(trace)
    yield from _segments(trace)
    yield from ("", f"run {trace.run['run_id']} (waves up to {trace.run['wave']}), version {trace.run['version']}")


def _plan(trace: Trace) -> Iterable[str]:
    p = trace.plan
    yield from ("", "Plan")
    yield f"  {'planned' if p['planned'] else 'not in the plan: exploratory'}" + (
        f"; registered {p['registered']}" if p["registered"] else "; no date of registration"
    )
    if p["family"]:
        members = f": {', '.join(p['members'])}" if p["members"] else ""
        yield f"  family {p['family']}{members}" + (f"; adjusted by {p['adjust']}" if p["adjust"] else "")
    yield f"  bound {p['equivalence_bound']:g} points, alpha {p['alpha']:g}, plan {p['plan_hash'][:12]}"
    if p["changed_since"]:
        yield "  study.yaml holds another plan by now than the published run read"


def _estimates(trace: Trace) -> Iterable[str]:
    yield from ("", "Numbers")
    names = (
        "role",
        "method",
        "n",
        "estimate",
        "ci_low",
        "ci_high",
        "statistic",
        "df",
        "p_value",
        "verdict",
        "declined",
    )
    rows = [[_short(e[name]) for name in names] for e in trace.estimates]
    yield from (f"  {line}" for line in table_lines(names, rows))
    if trace.finding["p_adjusted"] is not None:
        yield f"  p adjusted in its family: {_short(trace.finding['p_adjusted'])}"


def _short(value: object) -> object:
    return float(f"{value:.4g}") if isinstance(value, float) else value


def _rows(trace: Trace) -> Iterable[str]:
    people = trace.people()
    yield from ("", f"Rows ({count(len(people), 'person', 'people')}, {count(len(trace.rows), 'row')})")
    if trace.n_rows_differ:
        yield f"  {trace.n_rows_differ}"
    for file in trace.files:
        if file["kind"] == "survey":
            yield f"  {plain(file['file'])}  SHA-256 {file['sha256'][:16]}…  wave {file['wave']}"
    shown = [list(rows) for _, rows in groupby(trace.rows, key=lambda r: r["participant_id"])][:MOST_PEOPLE]
    for rows in shown:
        places = "; ".join(f"{r['wave']} {plain(r['file'])}:{r['row_number']}" for r in rows)
        yield f"  {plain(rows[0]['participant_id'])}  {places}"
    if len(people) > len(shown):
        yield f"  and {len(people) - len(shown):,} more; --json lists all"


def _meta(trace: Trace) -> Iterable[str]:
    m = trace.meta_inference
    if m is None:
        return
    yield from ("", "Numbers and notes (participants)")
    silent = "what was asked is not known" if m["n_silent_asked"] is None else (
        f"silent though asked {m['n_silent_asked']}, not asked {m['n_not_asked']}"
    )  # fmt: skip
    yield (
        f"  confirm {m['n_confirms']}, contrast {m['n_contrasts']}, go beyond {m['n_expands']}, mention "
        f"{m['n_mentions']}, in all {m['n_speaking']} speak to it; {silent}"
    )
    if not m["weighed"]:
        yield "  nobody has set a stance on it"
    yield f"  fit proposed: {m['fit'] or 'none, since ' + str(m['no_fit'])}"
    if m["signed_off"]:
        stale = f"; no longer stands: {m['sign_off_stale']}" if m["sign_off_stale"] else ""
        yield f"  signed off as {m['signed_fit']} by {plain(m['signed_off'])} on {m['signed_on']}{stale}"
        if m["inference"]:
            yield f"  {plain(m['inference'], 500)}"


def _segments(trace: Trace) -> Iterable[str]:
    set_by_people = [s for s in trace.segments if not s["derived"]]
    derived = [s for s in trace.segments if s["derived"]]
    if not trace.segments:
        yield from ("", "Segments: none")
        return
    for stance, words in _STANCES.items():
        mine = [s for s in set_by_people if s["stance"] == stance]
        if mine:
            yield from (
                "",
                f"Segments {words} ({len(mine)})"
                if stance != "unresolved"
                else f"Segments on which coders differ ({len(mine)})",
            )
            yield from (_segment(s) for s in mine)
    if derived:
        agree = sum(s["stance"] == "confirms" for s in derived)
        yield from (
            "",
            f"Derived from directions, never counted: {agree} would confirm, {len(derived) - agree} contrast",
        )


def _segment(s: Record) -> str:
    marks = [
        *(["blinded"] if s["blinded"] else []),
        *([f"stale: {s['stale_reason']}"] if s["stale"] else []),
        "decided" if s["origin"] == "decision" else "by coders",
    ]
    who = plain(s["participant_id"] or "nobody identified")
    words = s["text"] or s["paraphrase"]
    said = f"  {plain(words, 300)}" if words else f"  (withheld: {s['withheld']})"
    place = f"{plain(s['file'])}:{s['row_number']}" if s["file"] else plain(s["document"])
    about = "; ".join([", ".join(s["codes"] or ["codes open"]), *marks])
    return f"  {plain(s['segment_id'])}  {who}  {place}  [{about}]\n   {said}"
