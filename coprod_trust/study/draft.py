"""A new study folder, with a study.yaml drafted from survey files."""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from coprod_trust.errors import Reason, UsageError, cannot_write
from coprod_trust.study.drafting import notes, people, questions, scales, write
from coprod_trust.study.drafting.facts import read_files
from coprod_trust.study.drafting.platforms import QUALTRICS_TESTS, split_definitions
from coprod_trust.study.drafting.questions import slug
from coprod_trust.study.drafting.scales import ScaleGuess
from coprod_trust.study.drafting.waves import WaveGuess, guess_waves
from coprod_trust.study.drafting.yaml_text import scalar
from coprod_trust.study.load import FILE_NAME, load_study
from coprod_trust.study.schema import schema_text

FOLDERS = ("waves", "notes", "text", "decisions")


def draft(folder: Path, files: Sequence[Path] = ()) -> Path:
    """Make a study folder at ``folder`` and return the path of its study.yaml.

    With ``files``, they are copied into waves/ (projects of coding programs into notes/) and study.yaml is drafted
    from them; it loads, and can be run. Without, study.yaml holds the default instrument. Nothing is left behind where
    this fails.

    Raises UsageError where the folder holds anything or two files have one name, FileRefused for a file that cannot be
    read, StorageError where the folder cannot be written.
    """
    folder = folder.resolve()
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UsageError(
            Reason("the folder is not empty; nothing was written", "name a new or an empty folder", str(folder))
        )
    names = [f.name.casefold() for f in files]
    twice = next((f for f in files if names.count(f.name.casefold()) > 1), None)
    if twice is not None:
        raise UsageError(Reason("two files have the same name", "rename one of them", str(twice)))
    guessed = guess(folder, files) if files else None
    text = write.study_yaml(guessed) if guessed else _empty(folder)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".coprod-trust-", dir=folder.parent) as aside:
            built = Path(aside) / "study"
            _build(built, text, files, guessed.notes.codebook if guessed and guessed.notes else None)
            load_study(built)
            if not folder.exists():
                built.replace(folder)
            else:  # it may be the folder in which the command was given: it must stay the same one
                for child in sorted(built.iterdir(), key=lambda p: p.name == FILE_NAME):
                    child.replace(folder / child.name)
    except OSError as error:
        raise cannot_write(error, folder, "name another folder", "cannot make the folder") from None
    return folder / FILE_NAME


def guess(folder: Path, files: Sequence[Path]) -> write.Guesses:
    """What the files say about the study. Raises FileRefused for a file that cannot be read."""
    projects, others = notes.split_projects(files)
    surveys, definitions = split_definitions(others)
    if not surveys:
        raise UsageError(Reason("no survey file was named", "name the files with the answers after --from"))
    facts = read_files(surveys, definitions.questions)
    waves = [_named(w, definitions.events) for w in guess_waves(facts)]
    ids = people.guess_id(waves)
    group = people.guess_group(waves)
    consent = people.guess_consent(waves)
    taken = {ids.column, *ids.columns.values()}
    taken |= {c for w in waves for f in w.files for c in (f.date_column, f.wave_column) if c}
    taken |= ({group.column} if group else set()) | ({consent[0]} if consent else set())
    platform = _platform(waves, taken)
    taken |= {c for f in facts for c in f.own}
    taken |= {*platform.free_text, *platform.personal, *([platform.mode] if platform.mode else [])}
    taken |= {*([platform.weight] if platform.weight else []), *([platform.status[0]] if platform.status else [])}
    covariates = people.guess_covariates(waves, taken)
    taken |= {c for g in covariates for c in g.columns.values()}
    found, _ = scales.guess_scales(questions.questions_of(waves, taken), [w.id for w in waves])
    found = [replace(s, participants_only=_participants_only(s, waves, group)) for s in found] or _placeholder()
    found, missing, assumed = scales.share_missing(found)
    used = taken | {c for s in found for q in s.questions for c in q.columns.values()}
    columns = dict.fromkeys(n for w in waves for f in w.files for n in f.facts.columns)
    known = {name.casefold() for name in used}
    unused = tuple(n for n in columns if n.casefold() not in known)
    return write.Guesses(
        study_id=slug(folder.name, "study"),
        title=folder.name.replace("-", " ").replace("_", " ").strip().capitalize() or "A study",
        waves=tuple(_labelled(waves)),
        ids=ids,
        group=group,
        consent=consent,
        covariates=tuple(covariates),
        scales=tuple(found),
        platform=replace(platform, unused=unused),
        missing=missing,
        assumed_missing=assumed,
        notes=notes.guess_notes(projects, waves),
    )


def _named(wave: WaveGuess, events: Mapping[str, str]) -> WaveGuess:
    """With the name that REDCap's list of events gives it."""
    label = next((name for event, name in events.items() if re.sub(r"_arm_\d+$", "", event) == wave.label), "")
    return replace(wave, label=label or wave.label)


def _labelled(waves: Sequence[WaveGuess]) -> list[WaveGuess]:
    """With labels as a report would have them, each its own."""
    labels = [
        f"Wave {n}" if len(w.label) < 3 else w.label.replace("_", " ").capitalize() for n, w in enumerate(waves, 1)
    ]
    return [
        replace(w, label=label if labels.count(label) == 1 else f"{label} ({w.id})")
        for w, label in zip(waves, labels, strict=True)
    ]


def _platform(waves: Sequence[WaveGuess], taken: set[str]) -> write.Platform:
    status: tuple[str, tuple[str, ...]] | None = None
    mode = weight = None
    free_text: list[str] = []
    personal: list[str] = []
    qualtrics = {n for w in waves for f in w.files if f.facts.hints.get("preset") == "qualtrics" for n in f.facts.own}
    for column in [c for w in waves for f in w.files for c in f.facts.columns.values()]:
        name = column.name.casefold()
        if column.name in taken or column.name in free_text or column.name in personal:
            continue
        tests = tuple(v for v in column.counts if re.fullmatch(r"(survey )?(test|preview|spam).*", v.casefold()))
        if people.is_personal(column):
            personal.append(column.name)
        elif name == "status" and column.name in qualtrics:
            status = (column.name, QUALTRICS_TESTS)
        elif name in ("status", "distributionchannel", "response_type") and tests:
            status = (column.name, tests)
        elif re.fullmatch(r"mode|modus|afname(wijze)?|survey_?mode|answer_?mode", name) and len(column.counts) <= 6:
            mode = column.name
        elif weight is None and re.fullmatch(r"weight|wgt|gewicht|weging|weegfactor", name) and column.numbers:
            weight = column.name
        elif people.is_free_text(column):
            free_text.append(column.name)
    return write.Platform(status, mode, weight, tuple(free_text), tuple(personal))


def _participants_only(scale: ScaleGuess, waves: Sequence[WaveGuess], group: people.GroupGuess | None) -> bool:
    """Whether there are people of other groups in files that have the scale, and none of them answered it."""
    if group is None or len(group.groups) < 2:
        return False
    codes = set(group.groups[0][2])
    others = 0
    for file in [f for w in waves for f in w.files]:
        in_group = file.facts.columns.get(group.column)
        if in_group is None:
            return False
        rows = [i for i, v in enumerate(in_group.values) if v is not None and v not in codes]
        others += len(rows)
        for question in scale.questions:
            for name in question.columns.values():
                column = file.facts.columns.get(name)
                if column is not None and any(column.values[i] is not None for i in rows):
                    return False
    return others > 0


def _placeholder() -> list[ScaleGuess]:
    """A study needs a scale; where no item was recognised, this one shows its form."""
    why = "no column looks like an item of a scale. This one is a placeholder: put the scales of the questionnaire here"
    question = questions.Question("item_1", {}, {})
    return [ScaleGuess("scale_1", "a scale", 0, 10, (question,), why)]


def _build(folder: Path, text: str, files: Sequence[Path], codebook: str | None) -> None:
    from coprod_trust.study.instrument import default_codebook

    for name in FOLDERS:
        (folder / name).mkdir(parents=True)
    projects, others = notes.split_projects(files)
    for file in projects:
        shutil.copyfile(file, folder / notes.FOLDER / file.name)
    surveys, definitions = split_definitions(others)
    for file in surveys:
        shutil.copyfile(file, folder / "waves" / file.name)
    for file in definitions.files:
        (folder / "instrument").mkdir(exist_ok=True)
        shutil.copyfile(file, folder / "instrument" / file.name)
    (folder / FILE_NAME).write_text(text, encoding="utf-8")
    (folder / write.SCHEMA).write_text(schema_text(), encoding="utf-8")
    (folder / "codebook.csv").write_text(codebook or default_codebook(), encoding="utf-8")
    (folder / "README.md").write_text(README, encoding="utf-8")


def _empty(folder: Path) -> str:
    """A study.yaml for a study that has no files yet: two waves and the default instrument."""
    from coprod_trust.study.instrument import instrument_text

    title = folder.name.replace("-", " ").replace("_", " ").strip().capitalize() or "A study"
    return EMPTY.format(
        schema=write.SCHEMA,
        study_id=slug(folder.name, "study"),
        title=scalar(title),
        instrument=instrument_text().rstrip(),
    )


EMPTY = """\
# yaml-language-server: $schema={schema}
# A new study with the default instrument. Correct what is here; docs/study.md of coprod-trust explains every setting.
# With survey files at hand, coprod-trust init DIR --from FILES drafts this file from them instead.
format: 1
study_id: {study_id}
title: {title}
# The names that respondents know; the report uses them.
provider_name: the provider
municipality_name: the municipality

ids:
  # The column that links a person's rows over the waves.
  column: participant_id

# Everybody is a participant until a column says otherwise:
# groups: {{column: group, participants: participant, values: [{{id: participant, label: Participants, codes: ['1']}}]}}

waves:
  - id: w1
    label: Start
    month: 0
    files: [{{path: 'waves/w1*'}}]
  - id: w2
    label: Six months
    month: 6
    files: [{{path: 'waves/w2*'}}]

covariates:
  - {{id: birth_year, kind: birth_year, low: 1900, high: 2020}}
  - {{id: gender, kind: gender}}

# What stands here before the answers are seen counts as planned; all else is reported as exploratory.
plan:
  primary: [provider, municipal, generalized, peers]
  families:
    - id: F1
      label: Change in trust
      members: [change.provider, change.municipal, change.generalized, change.peers]

{instrument}
"""

README = """\
# This folder is a study

| what | for |
|---|---|
| `study.yaml` | what the study is: waves, scales, groups, the analysis plan. Correct it by hand; every guess says why |
| `study.schema.json` | lets an editor complete study.yaml and underline mistakes |
| `codebook.csv` | the codes for interviews and focus groups; the default codebook, to be adapted |
| `waves/` | survey files as they were received: csv, xlsx, sav, dta, parquet. Never edit one |
| `notes/` | coded notes as they were received, with `guide.csv` (what was asked) and `roster.csv` (who was there) |
| `text/` | your own words for the report: context.md, interpretation.md, recommendations.md |
| `decisions/` | what people decided, one CSV a kind; written by commands |
| `work/` | made by a run. It holds the archive of originals: keep it in backups |
| `published/` | made by a run: `trust.duckdb`, for analysts |
| `reports/` | made by a run: the reports |

1. Correct `study.yaml`.
2. `coprod-trust check .` lists what is wrong with the files, and writes nothing.
3. `coprod-trust run .` makes the database and the report.

The files hold answers of people: keep this folder where only the team can read it.
"""
