"""Everything by which a person can be found in a study: rows of files, spellings, segments, words."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

import duckdb

from coprod_trust.decisions import Link, read
from coprod_trust.errors import Reason, UsageError
from coprod_trust.ingest.erased import contents
from coprod_trust.ingest.intake import KIND, Intake, intakes
from coprod_trust.ingest.layout import lay_out
from coprod_trust.ingest.problem import FileRefused
from coprod_trust.ingest.readers import Staged, clear, stage, wave_values
from coprod_trust.ingest.step import inspect_into
from coprod_trust.lifecycle.staged import ids_of
from coprod_trust.notes.documents import CITIZEN, PROFESSIONAL, role_of, words
from coprod_trust.notes.step import Notes, read_notes
from coprod_trust.notes.table import Row
from coprod_trust.store import StudyPaths, open_memory, open_work, sql
from coprod_trust.study import File, Study
from coprod_trust.study.ids import normalise
from coprod_trust.withdraw.needles import SHORTEST_WORDS, Needles, words_of


@dataclass(frozen=True)
class Segment:
    """A passage of the person, as the last run read it."""

    segment_id: str
    source_id: str
    row_number: int | None
    document: str
    start: int | None
    end: int | None


@dataclass
class Person:
    """What is known of the person who withdraws. ``rows``: of a survey file, by the hash of its content and the sheet
    or table in it, the numbers of the person's rows; ``answers``: the same by wave and start of the hash, as decisions
    name them."""

    participant_id: str = field(repr=False)
    spellings: set[str] = field(default_factory=set, repr=False)
    ids: set[str] = field(default_factory=set, repr=False)
    words: set[str] = field(default_factory=set, repr=False)
    rows: dict[str, dict[str, set[int]]] = field(default_factory=lambda: defaultdict(lambda: defaultdict(set)))
    answers: set[tuple[str, str, int]] = field(default_factory=set)
    formats: dict[str, str] = field(default_factory=dict)
    hints: dict[str, File] = field(default_factory=dict)
    segments: list[Segment] = field(default_factory=list)
    speakers: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set), repr=False)
    own_documents: set[str] = field(default_factory=set)

    def needles(self, study: Study) -> Needles:
        hints = [f for w in study.waves for f in w.files]
        columns = {study.ids.column, "participant_id", *(f.id_column for f in hints if f.id_column)}
        return Needles(frozenset(self.spellings), words_of(self.words), frozenset(c.casefold() for c in columns))


def find(paths: StudyPaths, study: Study, given: str) -> Person:
    """Look for a person in every file received, in the last run, and in the notes as they are now: the last run may
    have been of an earlier wave. Raises UsageError where nobody has that id, FileRefused for notes that cannot be read.
    """
    person = _known(paths, study, normalise(study.ids, given))
    person.spellings.add(given.strip())
    with open_memory(paths) as con:
        for intake, sha256 in contents(paths, study):
            _in_survey(con, study, intake, sha256, person)
    if paths.database.is_file():
        with open_work(paths) as con:
            _in_notes(con, person)
    _in_rows_of_notes(study, _read_afresh(paths, study), person)
    if not person.answers and not person.segments and not person.speakers:
        raise UsageError(
            Reason(
                "nobody in this study has that id", "check the id; it may be written in any way that the study knows"
            )
        )
    person.spellings -= {""}
    return person


def _known(paths: StudyPaths, study: Study, wanted: str) -> Person:
    """The person under the id in use, with every other id that was linked to it."""
    links = [link for link in read(paths.root, Link) if link.same]
    own = next((link.participant_id for link in links if link.alias == wanted), wanted)
    ids = {own, wanted, *(link.alias for link in links if link.participant_id == own)}
    return Person(own, set(ids), ids)


def _in_survey(con: duckdb.DuckDBPyConnection, study: Study, intake: Intake, sha256: str, person: Person) -> None:
    hints: File = intake.hints.model_copy(update={"wave_column": None, "wave_value": None, "expected_rows": None})
    if hints.layout == "long":
        hints = hints.model_copy(update={"layout": "wide", "item_column": None, "value_column": None})
    clear(con)
    try:
        staged = stage(
            con, intake.path, hints, name=intake.name, wave=intake.wave, kind=KIND, sha256=sha256,
            id_column=study.ids.column, known_waves=wave_values(study, intake.hints), as_view=False,
        )  # fmt: skip
    except FileRefused:
        return  # it was never imported; the search looks into its bytes all the same
    person.formats[sha256], person.hints[sha256] = staged.format, hints
    layout = lay_out(study, intake.wave, intake.hints, staged.columns)
    rows = person.rows[sha256][staged.within]
    for number, raw in ids_of(con, staged.table, layout):
        if normalise(study.ids, raw) in person.ids:
            rows.add(number)
            person.answers.add((intake.wave, sha256[:16], number))
            person.spellings.add(str(raw))
    if rows:
        person.words |= _own_texts(con, staged, rows)


def _own_texts(con: duckdb.DuckDBPyConnection, staged: Staged, rows: set[int]) -> set[str]:
    """Long texts in these rows that stand in no other row: a label of an answer is not anybody's own."""
    found: set[str] = set()
    for column in staged.columns:
        name = sql.ident(column.name)
        texts = con.execute(
            f"SELECT {name} FROM {staged.table} WHERE length({name}) >= $shortest GROUP BY 1 "
            "HAVING bool_and(row_number IN (SELECT unnest($rows)))",
            {"shortest": SHORTEST_WORDS, "rows": sorted(rows)},
        ).fetchall()
        found |= {t for (t,) in texts}
    return found


def _read_afresh(paths: StudyPaths, study: Study) -> Notes:
    """The notes of all waves as they are now."""
    last = study.wave_ids[-1]
    with open_memory(paths) as con:
        if any(intakes(paths, study, wave) for wave in study.waves):
            inspect_into(con, paths.root, study, last)
        notes = read_notes(con, study, paths.root, last)
    if notes.refusals:
        raise FileRefused(*notes.refusals)
    return notes


def _in_rows_of_notes(study: Study, notes: Notes, person: Person) -> None:
    """The person in every row of the notes, also in those that wait in quarantine: by id, by the name that a speaker
    has in the roster or in study.yaml, or as the only one who was there."""
    present: dict[str, set[str | None]] = defaultdict(set)
    for row in (r for t, _ in notes.tallies if t.kind == "roster" for r in t.rows if not r.blank):
        participant = normalise(study.ids, row["participant_id"]) or None
        if role_of(study, row["role"]) != PROFESSIONAL:
            present[row["document"]].add(participant)
        if participant in person.ids:
            person.speakers[row["document"]] |= {row["speaker"]} - {""}
    person.own_documents |= {d for d, people in present.items() if people <= person.ids}
    declared = {words(n) for n, p in study.notes.people.items() if normalise(study.ids, p.participant) in person.ids}
    said, others = set[str](), set[str]()
    for table in (t for t, _ in notes.tallies if t.kind == "segments"):
        for row in table.rows:
            texts = {row[c] for c in ("text", "paraphrase", "original_text")} - {""}
            if not _theirs(study, person, declared, row):
                others |= texts
                continue
            said |= texts
            start, end = (int(row[c]) if row[c].isdecimal() else None for c in ("start_offset", "end_offset"))
            person.segments.append(Segment(row["segment_id"], table.source_id, row.number, row["document"], start, end))
    # Words that somebody else's passage has too are not the person's own.
    person.words |= said - others


def _theirs(study: Study, person: Person, declared: set[str], row: Row) -> bool:
    """Whether a row of coded segments is of something that the person said."""
    document, speaker = row["document"], words(row["speaker"])
    if written := normalise(study.ids, row["participant_id"]):
        return written in person.ids
    if speaker:
        return speaker in declared or speaker in {words(s) for s in person.speakers.get(document, ())}
    return document in person.own_documents and role_of(study, row["speaker_role"]) in (None, CITIZEN)


def _in_notes(con: duckdb.DuckDBPyConnection, person: Person) -> None:
    bind = {"id": person.participant_id}
    for row in con.execute(
        "SELECT segment_id, source_id, row_number, document, start_offset, end_offset FROM segment "
        "WHERE participant_id = $id",
        bind,
    ).fetchall():
        person.segments.append(Segment(*row))
    for column in ("text", "paraphrase", "original_text"):
        # Words that somebody else's passage has too are not the person's own.
        texts = con.execute(
            f"SELECT {column} FROM segment WHERE {column} IS NOT NULL GROUP BY 1 "
            "HAVING bool_and(participant_id IS NOT DISTINCT FROM $id)",
            bind,
        ).fetchall()
        person.words |= {t for (t,) in texts}
    for document, speaker in con.execute(
        "SELECT document, speaker FROM roster WHERE participant_id = $id", {"id": person.participant_id}
    ).fetchall():
        person.speakers[document] |= {speaker} if speaker else set()
    alone = con.execute(
        "SELECT document FROM roster WHERE role IS DISTINCT FROM 'professional' GROUP BY document "
        "HAVING count(DISTINCT participant_id) = 1 AND any_value(participant_id) = $id "
        "AND count(*) = count(participant_id)",
        {"id": person.participant_id},
    ).fetchall()
    person.own_documents |= {d for (d,) in alone}


def same_id(study: Study, person: Person, cell: str) -> bool:
    """Whether a cell is the person's id, in any spelling that the study knows or that was found."""
    return bool(cell) and (normalise(study.ids, cell) in person.ids or cell.strip() in person.spellings)


Replacements = Mapping[str, str]
"""Old content hash: new one, or an empty text where the file went as a whole."""
