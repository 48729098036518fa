"""Which file belongs to which wave, and when the waves were."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import pairwise

from coprod_trust.study.drafting.facts import Facts, FileFacts

_NUMBERED = re.compile(
    r"(?:^|[^a-z])(?:wave|golf|meting|ronde|round|meetmoment|time|year|jaar|follow[ _-]?up|fu|w|t|m)"
    r"[ _.-]?(\d{1,2})(?![0-9])"
)
_FIRST = re.compile(r"nulmeting|baseline|(^|[^a-z])(start|begin|voor|pre|intake)([^a-z]|$)|beginmeting|startmeting")
_LAST = re.compile(r"eindmeting|endline|(^|[^a-z])(end|eind|einde|na|post|exit)([^a-z]|$)")
_MIDDLE = re.compile(r"tussenmeting|midline|(^|[^a-z])(mid|midden|tussen)([^a-z]|$)")
_MONTHS = (
    "januari|january|jan",
    "februari|february|feb",
    "maart|march|mrt|mar",
    "april|apr",
    "mei|may",
    "juni|june|jun",
    "juli|july|jul",
    "augustus|august|aug",
    "september|sept|sep",
    "oktober|october|okt|oct",
    "november|nov",
    "december|dec",
)
_WAVE_COLUMN = re.compile(
    r"wave|golf|meting|meetmoment|ronde|round|redcap_event_name|time ?point|tijdstip|wave_?(id|nr)"
)
_DATE_COLUMN = re.compile(
    r"today|.*(datum|date|submitted|ingevuld|completed_?at|endtime|starttime|recordeddate|tijdstempel|timestamp).*"
)
_FORMATS = ("%Y-%m-%d", "%Y-%m-%d %H:%M:%S", "%d-%m-%Y", "%m-%d-%Y", "%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y", "%Y/%m/%d")


@dataclass(frozen=True)
class FileGuess:
    """A file in a wave, with the hints that it needs and the reasons for them."""

    facts: FileFacts
    wave_column: str | None = None
    wave_value: str | None = None
    date_column: str | None = None
    date_format: str | None = None
    date_note: str = ""


@dataclass(frozen=True)
class WaveGuess:
    """A wave; ``why`` says how its files were recognised. ``month`` counts from the first wave."""

    id: str
    label: str
    why: str
    files: tuple[FileGuess, ...]
    start: date | None = None
    month: int = 0
    month_why: str = ""


def token_of(name: str) -> tuple[int, str] | None:
    """The order of a wave by a file's name, and the words that say so: w1, golf 2, meting3, t0, nulmeting, 2025-03."""
    stem = _ascii(re.sub(r"\.[a-z]+$", "", name.casefold()))
    for pattern, order in ((_FIRST, -1), (_LAST, 9_000_000), (_MIDDLE, 5_000_000)):
        numbered = _NUMBERED.search(stem)
        if numbered:
            return int(numbered.group(1)), numbered.group(0).strip(" _-.")
        found = pattern.search(stem)
        if found:
            return order, found.group(0).strip(" _-.")
    dated = _date_in(stem)
    return (dated[0].year * 100 + dated[0].month, dated[1]) if dated else None


def _ascii(text: str) -> str:
    return unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()


def _date_in(stem: str) -> tuple[date, str] | None:
    """A month in a file's name: 2025-03, 202503, maart2025, march_2025."""
    found = re.search(r"(?<!\d)(20\d\d)[-_.]?(0[1-9]|1[0-2])(?!\d{3})", stem)
    if found:
        return date(int(found.group(1)), int(found.group(2)), 1), found.group(0)
    for number, names in enumerate(_MONTHS, 1):
        found = re.search(rf"(?<![a-z])({names})[ _.-]?(20\d\d)", stem)
        if found:
            return date(int(found.group(2)), number, 1), found.group(0)
    return None


def guess_waves(files: Sequence[FileFacts]) -> list[WaveGuess]:
    """Waves in order. A file with a column that names several waves gives them all; else the names of the files tell,
    and where they do not, the order in which the files were named."""
    several = [(f, column) for f in files if (column := _wave_column(f))]
    waves: dict[str, WaveGuess] = {}
    if several and len(several) == len(files):
        for facts, column in several:
            by_event: dict[str, list[str]] = {}
            for value in _in_order(facts.columns[column]):
                event = re.sub(r"_arm_\d+$", "", value) if facts.hints.get("preset") == "redcap" else value
                by_event.setdefault(event, []).append(value)
            for value, spellings in by_event.items():
                part = facts.only(column, *spellings)
                guess = _dated(FileGuess(part, wave_column=column, wave_value=value))
                why = f"column {column} says which wave a row belongs to; here: {value}"
                before = waves.get(value)
                waves[value] = WaveGuess("", value, why, (*(before.files if before else ()), guess))
        ordered = list(waves.values())
    else:
        ordered = _by_name(files)
    return _timed([replace(w, id=f"w{n}") for n, w in enumerate(ordered, 1)])


def _by_name(files: Sequence[FileFacts]) -> list[WaveGuess]:
    tokens = {id(f): token_of(f.name) for f in files}
    if len(files) > 1 and all(tokens.values()):
        groups: dict[int, list[FileFacts]] = {}
        for f in files:
            token = tokens[id(f)]
            assert token is not None
            groups.setdefault(token[0], []).append(f)
        result = []
        for order in sorted(groups):
            token = tokens[id(groups[order][0])]
            assert token is not None
            why = f"'{token[1]}' in the name of the file"
            result.append(WaveGuess("", token[1], why, tuple(_dated(FileGuess(f)) for f in groups[order])))
        return result
    why = "the order in which the files were named; their names do not say which wave they are"
    return [
        WaveGuess("", f.path.stem, why if len(files) > 1 else "the only file", (_dated(FileGuess(f)),)) for f in files
    ]


def _wave_column(facts: FileFacts) -> str | None:
    for column in facts.columns.values():
        distinct = len(column.counts)
        if column.name == "redcap_event_name" and distinct > 1:
            return column.name
        if _WAVE_COLUMN.fullmatch(column.name.casefold()) and 2 <= distinct <= 12 and column.filled >= 2 * distinct:
            return column.name
    return None


def _in_order(column: Facts) -> list[str]:
    values = list(column.counts)
    tokens = {v: token_of(v) for v in values}
    if all(re.fullmatch(r"\d+", v) for v in values):
        return sorted(values, key=int)
    if all(tokens.values()):
        return sorted(values, key=lambda v: (tokens[v] or (0, ""))[0])
    return values


def _dated(guess: FileGuess) -> FileGuess:
    """With the column of dates, and how they are written where that is not year-month-day."""
    best: FileGuess | None = None
    for column in guess.facts.columns.values():
        if not _DATE_COLUMN.fullmatch(column.name.casefold()) or "birth" in column.words or "geboorte" in column.words:
            continue
        fitting = [f for f in _FORMATS if _fits(column, f)]
        if not fitting or not column.filled:
            continue
        if fitting[0].startswith("%Y"):
            found = replace(guess, date_column=column.name, date_format=None, date_note="")
        elif len(fitting) > 1:
            note = "no day above 12 tells which is the day and which the month"
            found = replace(guess, date_column=column.name, date_format=fitting[0], date_note=note)
        else:
            found = replace(guess, date_column=column.name, date_format=fitting[0], date_note="")
        if best is None or re.match(r"(datum|date|end|submit)", column.name.casefold()):
            best = found
    return best or guess


def _fits(column: Facts, form: str) -> bool:
    """Whether nearly all values are dates written so; an impossible date is left to the gate."""
    parsed = sum(n for v, n in column.counts.items() if _parse(v, form))
    return parsed >= 0.9 * column.filled > 0


def _parse(value: str, form: str) -> date | None:
    """The day; a moment in ISO 8601 (2025-01-07T10:01:12Z, as ODK writes it) counts as year, month and day."""
    try:
        if form == _FORMATS[0] and "T" in value:
            return datetime.fromisoformat(value).date()
        return datetime.strptime(value, form).date()  # noqa: DTZ007 - a day has no zone
    except ValueError:
        return None


def _start(guess: FileGuess) -> date | None:
    if guess.date_column is None:
        return None
    column = guess.facts.columns[guess.date_column]
    forms = [guess.date_format] if guess.date_format else list(_FORMATS[:2])
    days = sorted(d for v in column.counts for f in forms if f and (d := _parse(v, f)))
    # The first tenth: a date typed wrong must not move the wave.
    return days[len(days) // 10] if days else None


def _timed(waves: list[WaveGuess]) -> list[WaveGuess]:
    """With months since the first wave: by the dates in the files, else those in their names, else what their labels
    say (month_6_arm_1), else 0, 1, 2."""
    starts = [min((d for f in w.files if (d := _start(f))), default=None) for w in waves]
    why = "from the dates in the files"
    if not all(starts):
        named = [_date_in(_ascii(w.files[0].facts.name.casefold())) for w in waves]
        # One name for several waves is the day of the export.
        if all(named) and len({w.files[0].facts.name for w in waves}) == len(waves):
            starts, why = [n[0] if n else None for n in named], "from the names of the files"
    result = [replace(w, start=d) for w, d in zip(waves, starts, strict=True)]
    months = [_months(starts[0], d) for d in starts]
    if any(m is None for m in months) or any((b or 0) <= (a or 0) for a, b in pairwise(months)):
        said = [0 if n == 0 else _month_said(w.label) for n, w in enumerate(waves)]
        in_order = len(waves) > 1 and all(m is not None for m in said)
        if in_order and all((b or 0) > (a or 0) for a, b in pairwise(said)):
            return [replace(w, month=m or 0, month_why="their names say it") for w, m in zip(result, said, strict=True)]
        months, why = list(range(len(waves))), "no dates were found that are in order: 0, 1, 2 stand in for months"
    return [replace(w, month=m or 0, month_why=why) for w, m in zip(result, months, strict=True)]


def _month_said(label: str) -> int | None:
    """6 of month_6, 6 months, maand 6; 12 of year_1; None where nothing is said."""
    plain = re.sub(r"[_\-. ]+", " ", label.casefold())
    found = re.search(r"(?:months?|maand(?:en)?|m) ?(\d{1,2})\b|\b(\d{1,2}) ?(?:months?|maand(?:en)?|mo)\b", plain)
    years = re.search(r"(?:years?|jaar) ?(\d)\b|\b(\d) ?(?:years?|jaar)\b", plain)
    if found:
        return int(found[1] or found[2])
    return 12 * int(years[1] or years[2]) if years else None


def _months(first: date | None, day: date | None) -> int | None:
    return None if first is None or day is None else round((day - first).days / 30.44)
