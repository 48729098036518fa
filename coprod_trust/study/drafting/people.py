"""Which columns say who answered: id, group, consent, and what is known of a person."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from coprod_trust.study.drafting.facts import ID_NAME, Facts, number
from coprod_trust.study.drafting.waves import FileGuess, WaveGuess

_ID = re.compile(ID_NAME)
_GROUP = re.compile(r"(study_?)?(group|groep)|arm|conditi(e|on)|onderzoeksgroep|respondent_?type|type_?respondent")
_TAKES_PART = re.compile(r"participants?|deelnemers?|interventi(e|on)|treatment|programma|programme|experimental|wel")
_NOT = re.compile(r"(niet|non|not|no)[ _-]?.*|control.*|vergelijk.*|comparison|wachtlijst|waiting.*")
_CONSENT = re.compile(r".*(consent|toestemming|akkoord|informed).*")
_YES = re.compile(r"ja|yes|y|j|1|true|waar|akkoord|agree(d)?|i agree|ik ga akkoord|consent(ed)?|toestemming")
_WITHDRAWN = re.compile(r".*(withdrawn|ingetrokken|withdrew).*")
_PERSONAL = re.compile(
    r".*(e-?mail|telefoon|telephone|phone|mobiel|voornaam|achternaam|first_?name|last_?name|surname|adres|address|"
    r"postcode|zip_?code|ip_?addr\w*|bsn|latitude|longitude|recipient\w*)|naam|name|ip"
)


@dataclass(frozen=True)
class IdGuess:
    """The column with the ids; ``columns`` where a file has another one. ``normalise`` is written as it stands."""

    column: str
    why: str
    columns: dict[str, str] = field(default_factory=dict)
    normalise: dict[str, object] = field(default_factory=dict)
    pattern: str | None = None
    linked: str = ""


@dataclass(frozen=True)
class GroupGuess:
    """The column with the groups: label, id and codes of each, the participants first."""

    column: str
    groups: tuple[tuple[str, str, tuple[str, ...]], ...]
    why: str


@dataclass(frozen=True)
class CovariateGuess:
    """Something known of a person; ``columns`` by wave where the name differs."""

    id: str
    kind: str
    columns: dict[str, str]
    why: str
    varying: bool = False
    low: float | None = None
    high: float | None = None
    codes: dict[str, str] = field(default_factory=dict)


def _files(waves: Sequence[WaveGuess]) -> list[FileGuess]:
    return [f for w in waves for f in w.files]


def guess_id(waves: Sequence[WaveGuess]) -> IdGuess:
    """The column whose values differ between all rows of a file and come back in the other files."""
    files = _files(waves)
    names = list(dict.fromkeys(n for f in files for n in f.facts.columns))
    scored = sorted(((_id_score(n, files), -names.index(n), n) for n in names), reverse=True)
    score, _, best = scored[0]
    columns: dict[str, str] = {}
    known = {v for f in files if best in f.facts.columns for v in _keys(f.facts.columns[best])}
    for f in files:
        own = f.facts.columns.get(best)
        others = {n: len(_keys(c) & known) for n, c in f.facts.columns.items() if n != best and _unique(c)}
        richest = max(others, key=lambda n: others[n], default=None)
        if own is None and richest is not None and others[richest]:
            columns[f.facts.name] = richest
    why = f"{_share(best, files)}; its name {'says so' if _ID.fullmatch(best.casefold()) else 'does not say so'}"
    if score <= 0:
        why = "no column looks like an id: this one is a placeholder"
    normalise, pattern = _spelling(
        [v for f in files if (c := f.facts.columns.get(columns.get(f.facts.name, best))) for v in c.counts]
    )
    return IdGuess(best, why, columns, normalise, pattern, _linked(waves, best, columns))


def _keys(column: Facts) -> set[str]:
    return {re.sub(r"[^A-Z0-9]", "", v.upper()) for v in column.counts}


def _unique(column: Facts) -> bool:
    return column.filled > 0 and len(column.counts) >= 0.9 * column.filled


def _id_score(name: str, files: Sequence[FileGuess]) -> float:
    """Higher for a column that is there, filled and different in every row of every file, and comes back."""
    held = [f.facts.columns[name] for f in files if name in f.facts.columns]
    if any(is_personal(c) or c.name in (f.date_column, f.wave_column) for c in held for f in files):
        return 0.0
    if not all(_unique(c) for c in held if c.filled) or not any(c.filled for c in held):
        return 0.0
    if any(name in f.facts.own for f in files) and name.casefold() not in ("externalreference", "token"):
        return 0.0
    strange = re.compile(r".*[.:/ ].*|\d{4}-\d\d-\d\d|.{41,}")
    if any(strange.fullmatch(v) for c in held for v in list(c.counts)[:50]):
        return 0.0
    filled = sum(c.filled for c in held) / max(1, sum(len(c.values) for c in held))
    overlap = 0.0
    for a, b in pairwise(held):
        overlap += len(_keys(a) & _keys(b)) / max(1, min(len(a.counts), len(b.counts))) / max(1, len(held) - 1)
    named = 1.0 if _ID.fullmatch(name.casefold()) else 0.0
    return 0.1 + len(held) / len(files) + filled + 2 * overlap + named


def _share(name: str, files: Sequence[FileGuess]) -> str:
    held = sum(name in f.facts.columns for f in files)
    return f"in {held} of {len(files)} file(s), with another value in (nearly) every row"


def _linked(waves: Sequence[WaveGuess], column: str, columns: dict[str, str]) -> str:
    sets = [
        {v for f in w.files if (c := f.facts.columns.get(columns.get(f.facts.name, column))) for v in _keys(c)}
        for w in waves
    ]
    return "; ".join(
        f"{len(a & b)} of {len(a)} people of {w.id} come back in {v.id}"
        for (a, w), (b, v) in zip(
            list(zip(sets, waves, strict=True)), list(zip(sets, waves, strict=True))[1:], strict=False
        )
    )


def _spelling(ids: Sequence[str]) -> tuple[dict[str, object], str | None]:
    """How ids are made alike, where most are letters and then a number: P007, p7 and 007 are one person."""
    parts = [re.fullmatch(r"([A-Z]*)[^A-Z0-9]*(\d+)", re.sub(r"[^A-Z0-9-]", "", v.upper())) for v in ids]
    fitting = [p for p in parts if p]
    if not ids or len(fitting) < 0.95 * len(ids):
        return {"strip": True}, None
    prefix, times = Counter(p.group(1) for p in fitting).most_common(1)[0]
    if not prefix or times < 0.8 * len(fitting):
        return {"strip": True}, None
    digits = Counter(len(p.group(2)) for p in fitting).most_common(1)[0][0]
    if any(p.group(1) not in ("", prefix) for p in fitting) or digits > 18:
        return {"strip": True}, None
    return (
        {"strip": True, "upper": True, "remove": "[^A-Z0-9]", "prefix": prefix, "digits": digits},
        f"{prefix}[0-9]{{{digits}}}",
    )


def guess_group(waves: Sequence[WaveGuess]) -> GroupGuess | None:
    """A column named for groups with a few words in it."""
    for name in dict.fromkeys(n for f in _files(waves) for n in f.facts.columns):
        held = [f.facts.columns[name] for f in _files(waves) if name in f.facts.columns]
        counts = sum((c.counts for c in held), Counter[str]())
        if not _GROUP.fullmatch(name.casefold()) or not 1 <= len(counts) <= 6:
            continue
        labels = {v: next((c.value_labels[v] for c in held if v in c.value_labels), v) for v in counts}
        merged: dict[str, list[str]] = {}
        for value in counts:
            merged.setdefault(" ".join(labels[value].casefold().split()), []).append(value)
        ordered = sorted(merged, key=lambda w: (_order(w), -sum(counts[v] for v in merged[w])))
        ids = [
            "participant" if i == 0 else ("non_participant" if i == 1 and _NOT.fullmatch(w) else "")
            for i, w in enumerate(ordered)
        ]
        groups = tuple((i, w, tuple(merged[w])) for i, w in zip(ids, ordered, strict=True))
        return GroupGuess(name, groups, f"its name, and {len(ordered)} different value(s)")
    return None


def _order(word: str) -> int:
    return 2 if _NOT.fullmatch(word) else 0 if _TAKES_PART.fullmatch(word) else 1


def guess_consent(waves: Sequence[WaveGuess]) -> tuple[str, list[str], list[str], list[str]] | None:
    """The column, the values that grant consent, those that withdraw it, and the waves that have it."""
    for name in dict.fromkeys(n for f in _files(waves) for n in f.facts.columns):
        held = [f.facts.columns[name] for f in _files(waves) if name in f.facts.columns]
        counts = sum((c.counts for c in held), Counter[str]())
        if not _CONSENT.fullmatch(name.casefold()) or not 1 <= len(counts) <= 5:
            continue
        labels = {v: next((c.value_labels[v] for c in held if v in c.value_labels), v) for v in counts}
        granted = [v for v in counts if _YES.fullmatch(labels[v].casefold().strip())]
        withdrawn = [v for v in counts if _WITHDRAWN.fullmatch(labels[v].casefold())]
        if granted:
            return name, granted, withdrawn, [w.id for w in waves if all(name in f.facts.columns for f in w.files)]
    return None


def is_personal(column: Facts) -> bool:
    """Whether the name of a column says that it identifies people."""
    return column.identifier or bool(_PERSONAL.fullmatch(column.name.casefold()))


def is_free_text(column: Facts) -> bool:
    """Whether people wrote sentences in it."""
    texts = [v for v in column.counts if number(v) is None]
    return bool(texts) and sum(len(v) for v in texts) / len(texts) >= 25 and len(texts) >= 0.5 * column.filled


_KINDS: tuple[tuple[str, str, str], ...] = (
    ("birth_year", "birth_year", r"birth_?(year|yr)|birthyr|year_of_birth|yob|geb(oorte)?_?jaar|geboortejaar"),
    ("age", "number", r"age|leeftijd|age_?years|leeftijd_?jaren"),
    ("gender", "gender", r"gender\w{0,8}|sex|geslacht"),
    ("team", "team", r"team(naam|name)?|locatie|location|site|werkplek"),
    ("education", "category", r"education(_?level)?|opleiding(sniveau)?|educ\w{0,4}"),
    ("entry_reason", "entry_reason", r"(reden_?(van_?)?(instroom|start|deelname)|entry_?reason|reason_?(for_)?entry)"),
    (
        "exit_reason",
        "exit_reason",
        r"(reden_?(van_?)?(uitstroom|stop|vertrek)|exit_?reason|reason_?(for_)?(exit|leaving))",
    ),
    ("hours", "number", r"uren(_?per_?week)?|hours(_?per_?week)?"),
)
# Questions whose column has a number for a name, as Qualtrics gives out.
_ASKED = {
    "birth_year": r"(in )?(what|which) year were you born|year of birth|in welk jaar (bent|ben) (u|je) geboren|"
    r"geboortejaar",
    "age": r"how old are you|what is your age|(your )?age( in years)?|hoe oud (bent|ben) (u|je)|(uw |je )?leeftijd",
    "gender": r"what is your gender|(your )?gender|what is your sex|wat is (uw|je) geslacht|geslacht",
}
_GENDERS = (
    ("man", r"m|man|male|mannelijk"),
    ("woman", r"v|f|w|vrouw|woman|female|vrouwelijk"),
    ("other", r"x|o|other|anders|non-?binary|nonbinair|non-?binair|overig"),
)


def guess_covariates(waves: Sequence[WaveGuess], taken: set[str]) -> list[CovariateGuess]:
    """Age, birth year, gender, team and the like, by the names of columns and what is in them."""
    found: list[CovariateGuess] = []
    for id_, kind, pattern in _KINDS:
        columns: dict[str, str] = {}
        held: list[Facts] = []
        for w in waves:
            for f in w.files:
                free = [c for n, c in f.facts.columns.items() if n not in taken]
                match = next(
                    (c for c in free if re.fullmatch(pattern, c.name.casefold())),
                    next((c for c in free if id_ in _ASKED and re.fullmatch(_ASKED[id_], _question(c))), None),
                )
                if match is not None and _plausible(match, kind, id_):
                    columns.setdefault(w.id, match.name)
                    if columns[w.id] == match.name:
                        held.append(match)
        if not held:
            continue
        codes = _genders(held) if kind == "gender" else {}
        low, high = {"age": (10, 110), "birth_year": (1900, 2020), "hours": (0, 168)}.get(id_, (None, None))
        varying = id_ == "hours" and len(columns) > 1
        why = f"the name or wording of column {', '.join(dict.fromkeys(columns.values()))}"
        found.append(CovariateGuess(id_, kind, columns, why, varying, low, high, codes))
        taken |= set(columns.values())
    return found


def _question(column: Facts) -> str:
    return " ".join((column.label or "").casefold().split()).rstrip("?:. ")


def _plausible(column: Facts, kind: str, id_: str) -> bool:
    if kind in ("number", "birth_year"):
        low, high = {"age": (5, 120), "birth_year": (1900, 2020)}.get(id_, (0, 168))
        values = column.numbers
        return bool(values) and sum(n for v, n in values.items() if low <= v <= high) >= 0.8 * values.total()
    return column.filled > 0


def _genders(held: Sequence[Facts]) -> dict[str, str]:
    codes: dict[str, str] = {}
    for column in held:
        for value in column.counts:
            word = column.value_labels.get(value, value).casefold().strip()
            gender = next((g for g, pattern in _GENDERS if re.fullmatch(pattern, word)), None)
            if gender and gender != value:
                codes[value] = gender
    return codes
