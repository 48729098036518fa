"""A published study of a few people, without the steps before and after the store's own."""

from __future__ import annotations

from pathlib import Path

import duckdb

from coprod_trust import runner
from coprod_trust.score.step import score
from coprod_trust.steps import Context
from coprod_trust.store import open_work, transaction
from coprod_trust.store.publish import prepare
from coprod_trust.store.record import record_step
from coprod_trust.store.step import run_step as publish
from coprod_trust.study import Study, load_study
from tests.studies import answers, small_study
from tests.working import load_answers

SECRET = "Jo.Example@mail.example"
PRIVATE_WORDS = "I told my neighbour about the letter"
PUBLIC_WORDS = "They kept their word"


def publish_small(root: Path, yaml: str | None = None) -> Study:
    """A study at ``root`` whose run is published from hand-made answers and findings."""
    small_study(root, **({"yaml": yaml} if yaml else {}))
    publish_again(root)
    return load_study(root)


def publish_again(root: Path, wave: str = "w3") -> Context:
    """One run of the study's own steps: score and publish, with everything else filled in by hand."""
    study = load_study(root)
    with runner.study_run(root, wave) as context:
        with open_work(context.paths) as con, transaction(con):
            fill(con, study, wave)
            counts = score(con, study, wave)
        record_step(context.paths, context.run_id, "score", counts)
        page = context.paths.outbox / "reports" / wave / "internal" / "report.en.html"
        page.parent.mkdir(parents=True)
        page.write_text(f"<p>{wave}</p>", encoding="utf-8")
        prepare(context.paths, study, wave, context.run_id)
        publish(context)
        return context


def fill(con: duckdb.DuckDBPyConnection, study: Study, wave: str) -> None:
    """What ingest, notes and analyse leave, in a few rows."""
    for (table,) in con.execute("SELECT table_name FROM duckdb_tables() WHERE schema_name = 'answer'").fetchall():
        con.execute(f"DROP TABLE answer.{table}")
    waves = [w.id for w in study.waves_up_to(wave)]
    load_answers(con, study, {w: [_answers(r) for r in rows] for w, rows in answers().items() if w in waves})
    for table in ("source_file", "problem", "finding", "reliability", "wave_mean", "segment", "quote_gate", "roster"):
        con.execute(f"DELETE FROM {table}")
    con.execute(
        "INSERT INTO source_file SELECT w || '__0123456789abcdef', repeat('0123456789abcdef', 4), "
        "'waves/' || w || '.csv', 'survey', 'csv', w, 'imported', 14, 13, 1, 0, 0, 0, 1, now() FROM unnest(?) AS t(w)",
        [waves],
    )
    con.execute(
        "INSERT INTO problem VALUES ('abcd1234', 'w1__0123456789abcdef', 'waves/w1.csv', 'w1', 5, 'prov_1', "
        "'out_of_range', 'quarantine', 'cell', NULL, $secret, 'outside the scale', '0 to 10', 'correct the answer', "
        "$secret, 'open')",
        {"secret": SECRET},
    )
    con.execute(
        "INSERT INTO finding (finding_id, design, outcome, contrast, population, estimand, n, estimate, method, "
        "exploratory) VALUES ('change.provider.w1-w2', 'A1', 'provider', 'w1-w2', 'participant', 'mean change', 11, "
        "-4.5, 'paired t', FALSE)"
    )
    for w in waves:
        con.execute(
            "INSERT INTO reliability VALUES ('provider', ?, 'participant', 'alpha', .84, .7, .9, 12, 3, NULL)", [w]
        )
        con.execute("INSERT INTO wave_mean VALUES ('provider', ?, 'participant', 'observed', 12, 60, 10, 55, 65)", [w])
    con.execute("INSERT INTO roster VALUES ('d1', 'P001', $secret, 'citizen', TRUE)", {"secret": SECRET})
    for number, (words, consent) in enumerate([(PRIVATE_WORDS, "no"), (PUBLIC_WORDS, "yes"), (PRIVATE_WORDS, None)]):
        con.execute(
            "INSERT INTO segment (segment_id, document, participant_id, speaker, text, paraphrase, consent_quote) "
            "VALUES ($id, 'd1', 'P001', $secret, $words, $words, $consent)",
            {"id": f"s{number}", "secret": SECRET, "words": words, "consent": consent},
        )
        reason = None if consent == "yes" else "no consent to be quoted"
        con.execute(
            "INSERT INTO quote_gate "
            "VALUES ($id, $yes, FALSE, $yes, CASE WHEN $yes THEN 'internal' END, $words, $reason, NULL)",
            {
                "id": f"s{number}",
                "yes": consent == "yes",
                "words": words if consent == "yes" else None,
                "reason": reason,
            },
        )


def _answers(row: dict[str, str]) -> dict[str, object]:
    known = {"pid": "participant_id", "group": "study_group", "date": "response_date"}
    named: dict[str, object] = {known.get(k, k): v for k, v in row.items()}
    named["study_group"] = row["group"].replace("-", "_")
    for name in row:
        if name[-2:] in ("_1", "_2", "_3"):
            named[name] = float(row[name]) if row[name] else "skipped"
    return named
