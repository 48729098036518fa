"""What the exports of survey platforms have in common: rows of names, names of columns, and columns of their own.

A preset is declared under files: preset. Only Qualtrics' row of import ids is so unmistakable that it counts without.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Literal

from coprod_trust.ingest.readers.header import SPACE
from coprod_trust.ingest.readers.report import Report

Preset = Literal["qualtrics", "limesurvey", "redcap", "kobo"]


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Columns that the platforms write by themselves, in small letters; known, and never an unknown column of the study.
_OWN: dict[str, frozenset[str]] = {
    "qualtrics": _names("""
        startdate enddate status ipaddress progress finished recordeddate responseid recipientlastname recipientemail
        recipientfirstname externalreference locationlatitude locationlongitude distributionchannel userlanguage
        q_recaptchascore q_relevantidduplicate q_relevantidduplicatescore q_relevantidfraudscore
        q_relevantidlaststartdate q_duplicaterespondent
    """)
    | {"duration (in seconds)", "response id", "ip address"},
    "limesurvey": _names("""
        id submitdate lastpage startlanguage seed startdate datestamp ipaddr refurl token interviewtime
    """),
    "redcap": _names("""
        redcap_event_name redcap_repeat_instrument redcap_repeat_instance redcap_data_access_group
        redcap_survey_identifier
    """),
    "kobo": _names("""
        start end today deviceid subscriberid simserial phonenumber username audit background-audio formhub/uuid uuid
        meta/instanceid instanceid meta/instancename instancename meta/deprecatedid deprecatedid __version__ _version_
        _id _uuid _submission_time _validation_status _notes _status _submitted_by _tags _index _parent_table_name
        _parent_index _submission__id _submission__uuid _submission__submission_time _submission__validation_status
        _submission__notes _submission__status _submission__submitted_by _submission____version__ _submission__tags
        _xform_id_string _attachments _geolocation _bamboo_dataset_id submissiondate key parent_key submitterid
        submittername attachmentspresent attachmentsexpected status reviewstate edits formversion
    """),
}
_IMPORT_ID = re.compile(r'\s*\{\s*"ImportId"')
_CODE_AND_TEXT = re.compile(r"\s*([A-Za-z_][\w-]*(?:\[[^\]]*\])*)\s*(?:\.|:|\||;|-|–)\s+(.+)", re.DOTALL)
_ARM = re.compile(r"_arm_\d+$")


@dataclass(frozen=True)
class Heading:
    """The names of a file's columns, what stands with them, and the last row before the answers, from 1."""

    names: tuple[str, ...]
    labels: tuple[str | None, ...]
    last_row: int


def heading_of(preset: str | None, rows: Sequence[Sequence[str]], header_row: int, report: Report) -> Heading:
    """Take the row of names and what belongs to it as the platform writes them. ``header_row`` counts from 1."""
    names = tuple(rows[header_row - 1])
    below = rows[header_row : header_row + 2]
    import_ids = len(below) == 2 and _import_ids(below[1])
    if preset == "qualtrics" or import_ids:
        if not below:
            return Heading(names, (None,) * len(names), header_row)
        if preset is None:
            report.add(
                "title-rows",
                f"three rows of names, as Qualtrics exports them: names in row {header_row}, wordings below, then ids",
                "the column names in row 1",
                "nothing; declare preset: qualtrics under files to keep this quiet",
                row=header_row,
            )
        labels = [_one_line(cell) for cell in below[0]]
        labels += [None] * (len(names) - len(labels))
        return Heading(names, tuple(labels[: len(names)]), header_row + (2 if import_ids else 1))
    if preset == "limesurvey":
        return Heading(*_code_and_text(names, header_row, report), header_row)
    if preset == "kobo":
        return Heading(without_groups(names), tuple(n if "/" in n else None for n in names), header_row)
    return Heading(names, (None,) * len(names), header_row)


def _import_ids(row: Sequence[str]) -> bool:
    filled = [cell for cell in row if cell.strip(SPACE)]
    return bool(filled) and all(_IMPORT_ID.match(cell) for cell in filled)


def _one_line(text: str) -> str | None:
    """A wording without mark-up and line breaks; None for nothing."""
    return " ".join(re.sub(r"<[^>]*>|&nbsp;", " ", text).split()) or None


def _code_and_text(names: Sequence[str], row: int, report: Report) -> tuple[tuple[str, ...], tuple[str | None, ...]]:
    """Split 'G1Q1[SQ1]. How much do you trust ...' into code and text. A code that comes again gets its number: the
    program lets two groups of questions use one code."""
    codes: list[str] = []
    labels: list[str | None] = []
    seen: Counter[str] = Counter()
    for position, name in enumerate(names, 1):
        match = _CODE_AND_TEXT.fullmatch(name)
        code, label = (match[1], _one_line(match[2])) if match else (name, None)
        seen[code.casefold()] += 1
        if code and seen[code.casefold()] > 1:
            code = f"{code} ({seen[code.casefold()]})"
            report.add(
                "question-code-repeated",
                f"column {position} has the code of an earlier question; it is called {code} here",
                "a code of its own for every question",
                f"if it is needed, name it so in study.yaml: {code}",
                row=row,
                column=code,
            )
        codes.append(code)
        labels.append(label)
    return tuple(codes), tuple(labels)


def without_groups(names: Sequence[str]) -> tuple[str, ...]:
    """Names of questions without the groups that they stand in (group/question, or group-question in ODK Central);
    where two questions would then have one name, both keep their groups."""
    folded = {n.strip(SPACE).casefold() for n in names}
    sign = "/" if any("/" in n for n in names) else "-" if {"key", "submissiondate"} <= folded else None
    if sign is None:
        return tuple(names)
    short = [n.strip(SPACE).rsplit(sign, 1)[-1] for n in names]
    times = Counter(s.casefold() for s in short)
    return tuple(s if times[s.casefold()] == 1 else n for s, n in zip(short, names, strict=True))


def own_columns(preset: str | None, names: Collection[str]) -> list[str]:
    """Which of the columns the platform wrote by itself."""
    own = _OWN.get(preset or "", frozenset())
    found = [n for n in names if " ".join(n.split()).casefold() in own]
    if preset == "redcap":
        # REDCap closes each form with <form>_complete: 0, 1 or 2, how far it was filled in.
        found += [n for n in names if n.casefold().endswith("_complete")]
    if preset == "limesurvey":
        found += [n for n in names if re.fullmatch(r"grouptime\d+", n.casefold())]
    return found


def waves_written(preset: str | None, value: str | None, found: Collection[str]) -> list[str]:
    """The spellings in the file that mean this wave: in REDCap one event has a name in each arm."""
    if preset == "redcap" and value is not None:
        return sorted(v for v in found if value in (v, _ARM.sub("", v)))
    return [value] if value is not None else []


def recognise(names: Sequence[str], rows: Sequence[Sequence[str]] = ()) -> Preset | None:
    """The platform that an export comes from, by its columns and the first rows below them; None: none of these."""
    folded = {" ".join(n.split()).casefold() for n in names}
    if (len(rows) >= 2 and _import_ids(rows[1])) or {"responseid", "recordeddate", "distributionchannel"} <= folded:
        return "qualtrics"
    codes = {m[1].casefold() if (m := _CODE_AND_TEXT.fullmatch(n)) else n.casefold() for n in names}
    if {"submitdate", "lastpage", "startlanguage"} <= codes:
        return "limesurvey"
    if folded & {"redcap_event_name", "redcap_repeat_instrument", "redcap_survey_identifier"}:
        return "redcap"
    if {"_uuid", "_submission_time"} <= folded or {"_parent_table_name", "_parent_index"} <= folded:
        return "kobo"
    if {"key", "submissiondate"} <= folded or "parent_key" in folded:
        return "kobo"
    return None
