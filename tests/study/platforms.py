"""Two waves of one invented panel, as each survey platform exports them: the same answers in every format.

The headers are those of real exports; people, answers and ids are invented. P003 does not come back.
"""

from __future__ import annotations

import csv
import io
import json
import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from zipfile import ZipFile

TRUSTED = {
    "prov": "the workshop's staff",
    "muni": "the municipality",
    "gen": "most people",
    "peer": "your fellow participants",
}
ASPECTS = ("keep their word", "be fair", "know what they do")
WORDS = ("Not at all", "A little", "Somewhat", "Quite a bit", "Completely")
DAYS = ("2025-01-{:02d} 10:00:12", "2025-07-{:02d} 11:10:40")
ITEMS = [f"{scale}_{i}" for scale in TRUSTED for i in (1, 2, 3)]
Cells = Sequence[object]


def question(item: str) -> tuple[str, str]:
    """What was asked, and of which aspect."""
    scale, _, number = item.partition("_")
    return f"How much do you trust {TRUSTED[scale]} to ...", ASPECTS[int(number) - 1]


def panel() -> list[tuple[int, list[dict[str, int]]]]:
    """Sixteen people, each with answers from 1 to 5 to every item in both waves; every scale has both ends."""
    source = random.Random(4)
    found = []
    for person in range(1, 17):
        level = {scale: source.gauss(3.4, 1.0) for scale in TRUSTED}
        shared = source.gauss(-0.6, 0.3)
        waves = [
            {i: min(5, max(1, round(level[i.partition("_")[0]] + shared * w + source.gauss(0, 0.5)))) for i in ITEMS}
            for w in (0, 1)
        ]
        found.append((person, waves))
    return found


def rows(wave: int) -> Iterable[tuple[int, str, dict[str, int]]]:
    """Person, moment and answers."""
    for person, waves in panel():
        if (person, wave) != (3, 1):
            yield person, DAYS[wave].format(6 + person), waves[wave]


def write(path: Path, lines: Iterable[Cells], quoting: int = csv.QUOTE_MINIMAL) -> Path:
    with path.open("w", newline="", encoding="utf-8") as handle:
        csv.writer(handle, quoting=quoting).writerows(lines)
    return path


def qualtrics(folder: Path) -> list[Path]:
    """Three rows of heads, answers in words, and a preview that somebody made to look."""
    own = {"StartDate": "startDate", "EndDate": "endDate", "Status": "status", "IPAddress": "ipAddress",
           "Progress": "progress", "Duration (in seconds)": "duration", "Finished": "finished",
           "RecordedDate": "recordedDate", "ResponseId": "_recordId", "RecipientEmail": "recipientEmail",
           "ExternalReference": "externalDataReference", "DistributionChannel": "distributionChannel"}  # fmt: skip
    names = [f"Q{n}_{i}" for n in (5, 6, 7, 8) for i in (1, 2, 3)]
    asked = ["How old are you?", "What is your gender?", *(" - ".join(question(i)) for i in ITEMS)]
    found = []
    for wave in (0, 1):
        ids = [*own.values(), *(f"QID{n}" for n in range(2, 2 + len(asked)))]
        lines: list[Cells] = [[*own, "Q2", "Q3", *names], [*own, *asked],
                              [json.dumps({"ImportId": i}, separators=(",", ":")) for i in ids]]  # fmt: skip
        for person, at, answers in rows(wave):
            lines.append([at, at, "IP Address", "10.0.0.1", 100, 321, "True", at, f"R_{wave}{person}x", "",
                          f"P{person:03d}", "email", 24 + person, "Female" if person % 3 else "Male",
                          *(WORDS[answers[i] - 1] for i in ITEMS)])  # fmt: skip
        at = DAYS[wave].format(5)
        lines.append([at, at, "Survey Preview", "", 100, 20, "True", at, "R_look", "", "", "preview", "", "",
                      *["Somewhat"] * 12])  # fmt: skip
        found.append(write(folder / f"Trust_wave_{wave + 1}.csv", lines))
    return found


def limesurvey(folder: Path) -> list[Path]:
    """Heads of code and wording; people are known by the token that they were invited with."""
    heads = ["id. Response ID", "submitdate. Date submitted", "lastpage. Last page", "startlanguage. Start language",
             "seed. Seed", "token. Access code", "ipaddr. IP address", "age. How old are you?"]  # fmt: skip
    for item in ITEMS:
        asked, aspect = question(item)
        heads.append(f"{item[:-2]}[SQ00{item[-1]}]. {asked} [{aspect}]")
    return [
        write(
            folder / f"results-survey{wave + 1}.csv",
            [heads, *([n, at, 4, "en", n, f"tk{n:03d}x", "10.0.0.2", 24 + n, *a.values()] for n, at, a in rows(wave))],
            csv.QUOTE_ALL,
        )
        for wave in (0, 1)
    ]


def redcap(folder: Path) -> list[Path]:
    """One longitudinal file with an event a wave, and the data dictionary."""
    lines: list[Cells] = [["record_id", "redcap_event_name", "age", *ITEMS, "trust_complete"]]
    for person, waves in panel():
        for wave, event in enumerate(("start_arm_1", "month_6_arm_1")):
            if (person, wave) != (3, 1):
                lines.append([person, event, "" if wave else 24 + person, *waves[wave].values(), 2])
    choices = " | ".join(f"{n}, {word}" for n, word in enumerate(WORDS, 1))
    head = ["Variable / Field Name", "Form Name", "Section Header", "Field Type", "Field Label",
            "Choices, Calculations, OR Slider Labels"]  # fmt: skip
    fields: list[Cells] = [head, ["record_id", "trust", "", "text", "Record ID", ""],
                           ["age", "trust", "", "text", "Age", ""]]  # fmt: skip
    fields += [[i, "trust", "", "radio", " ".join(question(i)), choices] for i in ITEMS]
    return [
        write(folder / "Study_DATA_2025-08-01.csv", lines),
        write(folder / "Study_DataDictionary_2025-08-01.csv", fields),
    ]


def kobo(folder: Path) -> list[Path]:
    """A workbook a wave, the questions in groups."""
    import openpyxl

    found = []
    for wave in (0, 1):
        book = openpyxl.Workbook()
        sheet = book.active
        sheet.append(["start", "end", "today", "person/code", "person/age",
                      *(f"trust_{i[:-2]}/{i}" for i in ITEMS),
                      "_id", "_uuid", "_submission_time", "_index"])  # fmt: skip
        for person, at, answers in rows(wave):
            moment = at.replace(" ", "T") + ".000+02:00"
            sheet.append([moment, moment, at[:10], f"P{person:03d}", 24 + person, *answers.values(), 1000 + person,
                          f"uuid-{wave}-{person}", moment[:19], person])  # fmt: skip
        found.append(folder / f"Trust_survey_wave{wave + 1}.xlsx")
        book.save(found[-1])
    return found


def odk(folder: Path) -> list[Path]:
    """An archive a wave: the form is a household, the people are its repeating group."""
    found = []
    for wave in (0, 1):
        form: list[Cells] = [["SubmissionDate", "start", "house-street", "meta-instanceID", "KEY", "SubmitterName"]]
        for home in range(1, 5):
            at = DAYS[wave].format(6 + home).replace(" ", "T") + "Z"
            form.append([at, "", f"Street {home}", f"uuid:{home}", f"uuid:{home}", "clerk"])
        people: list[Cells] = [["member-code", "member-age", *(f"member-{i}" for i in ITEMS), "PARENT_KEY", "KEY"]]
        for person, _, answers in rows(wave):
            key = f"uuid:{(person - 1) // 4 + 1}"
            people.append([f"P{person:03d}", 24 + person, *answers.values(), key, f"{key}/member[{person}]"])
        found.append(folder / f"trust_{wave + 1}.zip")
        with ZipFile(found[-1], "w") as archive:
            for name, lines in (("trust", form), ("trust-member", people)):
                text = io.StringIO()
                csv.writer(text).writerows(lines)
                archive.writestr(f"{name}.csv", text.getvalue())
    return found


PLATFORMS: Mapping[str, Callable[[Path], list[Path]]] = {
    f.__name__: f for f in (qualtrics, limesurvey, redcap, kobo, odk)
}
