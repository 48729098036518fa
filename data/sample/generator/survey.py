"""From people to wave files: the rows as an evaluator has them, errors included.

Every planted error is recorded as `Dirt` where it is planted; the data dictionary is written from that record, so it
cannot name an error that is not there.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from numpy.random import RandomState

from generator.files import Column, write_csv, write_sav, write_xlsx
from generator.instrument import PARTICIPANTS_ONLY, SCALES, filled_in
from generator.people import STRAIGHT_LINER, Person
from generator.pick import SPELT_IN_THREE_WAYS, conflicting, straight_liner

W1_INSIDE, W1_OUTSIDE = "waves/w1_deelnemers.csv", "waves/w1_niet_deelnemers.csv"
W2, W3 = "waves/w2_maart2025.xlsx", "waves/w3_september2025.sav"
FIRST_DAY = {"w1": date(2024, 9, 2), "w2": date(2025, 2, 24), "w3": date(2025, 9, 1)}
FIELDWORK_DAYS = 26
W2_TITLES = ("Vragenlijst 'Samen aan het werk', meting 2", "Export 4 april 2025 - vertrouwelijk", "")
RENAMED = {"mot_worth": "mot_worth_it"}
TEN_POINT = "external_efficacy"
ALREADY_TURNED = "ease_time"
AGREEMENT = {1: "helemaal oneens", 2: "oneens", 3: "neutraal", 4: "eens", 5: "helemaal eens"}
TEXT_ANSWERS = ("eng_again", "eng_more")
DONT_KNOW = {"w1": "weet niet", "w2": "weet niet", "w3": 88}
REFUSED = {"w1": "wil niet zeggen", "w2": "wil niet zeggen", "w3": 99}
REMARKS = (
    "duurde best lang",
    "vraag 12 snapte ik niet helemaal",
    "koffie mag wel beter :)",
    "graag meer plek bij de werkbank",
    "goed dat dit gevraagd wordt",
    "weet niet wie dit gaat lezen",
    "liever op papier",
    "de sfeer is wisselend",
)


@dataclass(frozen=True)
class Dirt:
    """One planted error: what, where (a file; a row as its program counts, and a column, where there is one), the
    rule that catches it and what happens to it."""

    what: str
    file: str
    rule: str
    outcome: str
    row: int | None = None
    column: str | None = None


@dataclass
class Table:
    """Rows of one file before it is written; ``first`` is the row number of the first of them."""

    file: str
    wave: str
    columns: list[str]
    rows: list[dict[str, Any]]
    first: int = 2
    planted: list[tuple[Dirt, dict[str, Any]]] = field(default_factory=list)

    def find(self, participant_id: str) -> dict[str, Any]:
        return next(r for r in self.rows if r["_id"] == participant_id)

    def plant(self, row: dict[str, Any], what: str, rule: str, outcome: str, column: str | None = None) -> None:
        self.planted.append((Dirt(what, self.file, rule, outcome, column=column), row))

    def dirt(self) -> list[Dirt]:
        """The errors planted in rows, with their row numbers."""
        place = {id(row): self.first + i for i, row in enumerate(self.rows)}
        return [Dirt(d.what, d.file, d.rule, d.outcome, place[id(row)], d.column) for d, row in self.planted]


def write_waves(root: Path, people: list[Person], seed: int) -> list[Dirt]:
    """Write the four files of the three waves under ``root``; returns every error planted."""
    rng = RandomState(seed + 1)
    tables = [_table(rng, people, *which) for which in _FILES]
    inside, outside, second, third = tables
    _plant_first(inside, people)
    _plant_second(second, people)
    _plant_third(third, people)
    (root / "waves").mkdir(parents=True, exist_ok=True)
    write_csv(root / inside.file, inside.columns, inside.rows, bom=True, trailing=3)
    write_csv(root / outside.file, outside.columns, outside.rows, bom=False)
    write_xlsx(root / second.file, W2_TITLES, second.columns, second.rows, _explanation(), trailing=2)
    write_sav(root / third.file, _sav_columns(third.columns), third.rows, "Samen aan het werk, meting 3")
    return [*_file_dirt(inside, second), *(d for t in tables for d in t.dirt())]


def asked(participant: bool) -> list[str]:
    """Items that a participant or another person is asked, in the order of the instrument."""
    return [i.id for s in SCALES.values() if participant or s.id not in PARTICIPANTS_ONLY for i in s.items]


_FILES: tuple[tuple[str, str, Callable[[Person], bool]], ...] = (
    (W1_INSIDE, "w1", lambda p: p.participant),
    (W1_OUTSIDE, "w1", lambda p: not p.participant),
    (W2, "w2", lambda p: p.present[1]),
    (W3, "w3", lambda p: p.present[2]),
)
_CONTROL_IN_W3 = (
    "ctl_future",
    "ctl_pushed",
    "ctl_set_mind",
    "ctl_no_way_out",
    "ctl_little_grip",
    "ctl_cannot_change",
    "ctl_helpless",
)


def _table(rng: RandomState, people: list[Person], file: str, wave: str, belongs: Callable[[Person], bool]) -> Table:
    rows = [_row(rng, p, wave) for p in people if belongs(p)]
    if wave == "w3":
        rows.sort(key=lambda r: (r["datum"], r["_id"]))
    participants = file != W1_OUTSIDE
    admin = ["respnr", "groep", "datum", "akkoord", "afname", "geslacht", "geboortejaar"]
    if wave == "w1":
        admin += ["leeftijd", "opleiding", *(["team"] if participants else []), "reden_instroom"]
        admin += ["reden_uitstroom"] if participants else []
    admin += ["uren"] if participants else []
    items = asked(participants)
    if wave == "w3":
        at = min(items.index(i) for i in _CONTROL_IN_W3)
        items[at : at + 7] = _CONTROL_IN_W3
    if wave == "w2":
        items = [RENAMED.get(i, i) for i in items]
    first = {"w1": 2, "w2": len(W2_TITLES) + 2, "w3": 1}[wave]  # SPSS counts cases
    return Table(file, wave, [*admin, *items, "opmerking"], rows, first)


def _row(rng: RandomState, person: Person, wave: str) -> dict[str, Any]:
    w = ("w1", "w2", "w3").index(wave)
    row: dict[str, Any] = {
        "_id": person.participant_id,
        "respnr": person.participant_id,
        "groep": "deelnemer" if person.participant else "niet-deelnemer",
        "datum": FIRST_DAY[wave] + timedelta(days=int(rng.randint(0, FIELDWORK_DAYS))),
        "akkoord": "ja",
        "afname": "papier",
        "geslacht": person.gender if wave != "w3" else {"m": 1, "v": 2}[person.gender],
        "geboortejaar": person.birth_year,
        "leeftijd": 2024 - person.birth_year,
        "opleiding": person.education,
        "team": person.team,
        "reden_instroom": person.entry_reason,
        "reden_uitstroom": person.exit_reason,
        "uren": person.hours[w] if person.participant else None,
        "opmerking": str(rng.choice(REMARKS)) if rng.uniform() < 0.12 else "",
    }
    for item in asked(person.participant):
        row[RENAMED.get(item, item) if wave == "w2" else item] = _answer(rng, person.answer[item][w], item, wave)
    return row


_MOSTLY_ANSWERED = tuple(i.id for s in ("municipal", "generalized") for i in SCALES[s].items)


def _answer(rng: RandomState, value: int, item: str, wave: str) -> Any:
    """The answer as it stands in the file, or a reason for none: a blank, 'don't know', 'rather not say'."""
    chance = rng.uniform()
    if chance < 0.008:
        return None
    if item in _MOSTLY_ANSWERED and chance < 0.03:
        return DONT_KNOW[wave]
    if chance < 0.011:
        return REFUSED[wave]
    if wave == "w2":
        if item.startswith("ext_"):
            return round((value - 1) * 2.5)
        if item == ALREADY_TURNED:
            return 6 - value
        if item in TEXT_ANSWERS:
            return AGREEMENT[value]
    return value


def _plant_first(table: Table, people: list[Person]) -> None:
    stays = [p for p in people if p.participant and all(p.present) and p.participant_id != SPELT_IN_THREE_WAYS]
    row = table.find(stays[3].participant_id)
    row["gen_fair"] = 88
    table.plant(row, "88, the paper form's code for 'don't know', left as a number", "out-of-range", _CELL, "gen_fair")
    twice = dict(table.find(stays[5].participant_id))
    table.rows.append(twice)
    table.plant(twice, "a participant entered twice, the same row", "id-repeated-identical", "one kept, one logged")


def _plant_second(table: Table, people: list[Person]) -> None:
    row = table.find(SPELT_IN_THREE_WAYS)
    row["respnr"] = "p7"
    table.plant(row, "P007 of wave 1, written p7", "ids.normalise", "read as P007, as the study declares", "respnr")
    stays = [p for p in people if p.participant and all(p.present) and p.participant_id != SPELT_IN_THREE_WAYS]
    row = table.find(stays[1].participant_id)
    row["muni_integrity"] = 11
    table.plant(row, "an 11 typed on a scale from 0 to 10", "out-of-range", _CELL, "muni_integrity")
    for p in stays[10:12]:
        table.find(p.participant_id)["afname"] = "telefoon"
        table.plant(
            table.find(p.participant_id), "answered by telephone, on paper before", "mode-changed", _WARN, "afname"
        )
    again = next(p for p in people if not p.participant and p.present[1])
    row = table.find(again.participant_id)
    row["datum"] = "31-02-2025"
    table.plant(row, "a date that does not exist", "date-impossible", _CELL, "datum")
    switched = [p for p in people if not p.participant and p.present[1]][4]
    row = table.find(switched.participant_id)
    row["groep"] = "deelnemer"
    table.plant(row, "a non-participant entered as a participant", "group-switch", _CELL, "groep")
    row = table.find(conflicting(people).participant_id)
    other = dict(row)
    for item in ("prov_trust", "prov_competence", "gen_helpful", "mot_forward"):
        other[item] = 1 if row[item] != 1 else 2
    table.rows.append(other)
    for r in (row, other):
        table.plant(r, "a participant entered twice with different answers", "id-repeated-conflicting", _ROW)


def _plant_third(table: Table, people: list[Person]) -> None:
    row = table.find(SPELT_IN_THREE_WAYS)
    row["respnr"] = "007"
    table.plant(row, "P007 of wave 1, written 007", "ids.normalise", "read as P007, as the study declares", "respnr")
    straight = straight_liner(people)
    row = table.find(straight.participant_id)
    row.update(dict.fromkeys(asked(True), STRAIGHT_LINER))
    table.plant(
        row,
        f"every question answered with {STRAIGHT_LINER}",
        "straight-lining",
        "accepted; left out in a sensitivity analysis",
    )


def _file_dirt(inside: Table, second: Table) -> list[Dirt]:
    first = inside.file
    return [
        Dirt("semicolons between cells, decimal commas in `uren`", first, "delimiter-not-comma", _WARN),
        Dirt("a byte order mark at the beginning", first, "none: read as UTF-8", "taken off"),
        Dirt("three blank rows at the end", first, "none: counted as blank", "left out, counted"),
        Dirt("title rows above the column names", second.file, "title-rows", _WARN),
        Dirt("a second sheet with an explanation", second.file, "waves.w2.files.sheet", "the study names the sheet"),
        Dirt("two blank rows (a space in the first cell)", second.file, "none: counted as blank", "left out, counted"),
        Dirt(
            "item mot_worth has another name",
            second.file,
            "item-renamed",
            "accepted, since the study declares the alias",
            column="mot_worth_it",
        ),
        Dirt(
            "external efficacy asked on 0-10 instead of 1-5",
            second.file,
            "comparability (response format)",
            "no change to or from this wave is computed for this scale",
            column="ext_say, ext_changes, ext_decide_anyway",
        ),
        Dirt(
            "a reverse item that somebody had already turned",
            second.file,
            "reverse-item-reversed",
            "accepted with a warning, never turned by itself",
            column=ALREADY_TURNED,
        ),
        Dirt(
            "engagement exported as words",
            second.file,
            "value_labels",
            "read by the labels that the study declares",
            column="eng_again, eng_more",
        ),
        Dirt("the seven control items in another order", W3, "none: keyed by name", "read by name"),
        Dirt("user-missing codes 77, 88 and 99", W3, "missing_codes", "kept apart by their meaning"),
    ]


_CELL = "cell in quarantine, row accepted"
_ROW = "row in quarantine (both)"
_WARN = "accepted with a warning"


def _explanation() -> list[list[str]]:
    return [
        ["Toelichting bij de export"],
        ["ext_* gevraagd op een schaal van 0 tot 10 (vorige keer 1 tot 5)"],
        ["mot_worth heet nu mot_worth_it"],
        ["Verzonnen gegevens: niemand in dit bestand bestaat."],
    ]


def _sav_columns(names: list[str]) -> list[Column]:
    labels = {
        "respnr": "Respondentnummer",
        "groep": "Groep",
        "datum": "Datum van invullen",
        "akkoord": "Akkoord met deelname aan het onderzoek",
        "afname": "Wijze van afname",
        "geslacht": "Geslacht",
        "geboortejaar": "Geboortejaar",
        "uren": "Uren per week aanwezig",
        "opmerking": "Opmerkingen",
    }
    items = {i.id: (s, i) for s in SCALES.values() for i in s.items}
    columns = []
    for name in names:
        if name in items:
            scale, item = items[name]
            values = dict(AGREEMENT) if scale.high == 5 else {scale.low: "laagst", scale.high: "hoogst"}
            values |= {77: "n.v.t.", 88: "weet niet", 99: "wil niet zeggen"}
            columns.append(Column(name, filled_in(item.wording), values, (77, 88, 99), "F2.0"))
        elif name == "geslacht":
            columns.append(Column(name, labels[name], {1: "man", 2: "vrouw"}, (), "F1.0"))
        else:
            columns.append(Column(name, labels[name], format={"datum": "EDATE10", "geboortejaar": "F4.0"}.get(name)))
    return columns
