"""A working database with findings and notes of a few people, for tests of what the two say together."""

from __future__ import annotations

import duckdb

FINDING = "change.provider.w1-w2"
FELL = ("changed and matters", -10.0, -15.0, -5.0)


def add_finding(
    con: duckdb.DuckDBPyConnection, finding_id: str = FINDING, figures: tuple[object, ...] = FELL, p: float = 0.001
) -> None:
    """A finding with verdict, estimate and interval; outcome, predictor and population by its id."""
    question, subject, contrast, *group = finding_id.split(".")
    predictor, outcome = subject.split("-") if question == "association" else (None, subject)
    con.execute(
        "INSERT INTO finding (finding_id, design, outcome, predictor, contrast, population, estimand, method, "
        "exploratory, verdict, estimate, ci_low, ci_high, p_value, p_adjusted) "
        "VALUES (?, 'A1', ?, ?, ?, ?, 'mean change', 'paired_t', FALSE, ?, ?, ?, ?, ?, ?)",
        [finding_id, outcome, predictor, contrast, group[0] if group else "participants", *figures, p, p],
    )


def add_document(
    con: duckdb.DuckDBPyConnection, document: str, people: str = "", asked: str = "", not_asked: str = ""
) -> None:
    """An interview or focus group at w2: who sat there (ids), and which constructs were and were not asked."""
    con.execute(
        "INSERT INTO document (document, kind, case_name, date, wave) "
        "VALUES (?, 'interview', 'north', DATE '2025-07-20', 'w2')",
        [document],
    )
    for person in people.split():
        con.execute("INSERT INTO roster VALUES (?, ?, 'R', 'citizen', TRUE)", [document, person])
    for constructs, yes in ((asked, True), (not_asked, False)):
        for construct in constructs.split():
            con.execute("INSERT INTO guide VALUES (?, ?, ?)", [document, construct, yes])


def add_segment(
    con: duckdb.DuckDBPyConnection,
    segment_id: str,
    document: str,
    person: str | None,
    stance: str | None = None,
    finding_id: str | None = FINDING,
    code: str = "SUP",
    coder: str = "ann",
    role: str = "citizen",
) -> None:
    """A segment with one coding, or another coder's coding of one that is there."""
    con.execute(
        "INSERT INTO segment (segment_id, source_id, row_number, document, participant_id, speaker_role, wave, text, "
        "consent_quote) SELECT $id, 'segments__1', 2, $document, $person, $role, 'w2', 'some words', 'yes' "
        "WHERE NOT EXISTS (FROM segment WHERE segment_id = $id)",
        {"id": segment_id, "document": document, "person": person, "role": role},
    )
    con.execute(
        "INSERT INTO coding (segment_id, code, coder, stance, finding_id, source_id, row_number) "
        "VALUES (?, ?, ?, ?, ?, 'segments__1', 2)",
        [segment_id, code, coder, stance, finding_id if stance else None],
    )
    con.execute("INSERT INTO segment_code VALUES (?, ?, 'single', 1, 1) ON CONFLICT DO NOTHING", [segment_id, code])


def add_people(con: duckdb.DuckDBPyConnection, *ids: str, group: str = "participant") -> None:
    """People in the survey."""
    con.execute("CREATE TABLE IF NOT EXISTS participant (participant_id VARCHAR, study_group VARCHAR)")
    con.executemany("INSERT INTO participant VALUES (?, ?)", [(i, group) for i in ids])
