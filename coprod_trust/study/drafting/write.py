"""Writes the guesses as a study.yaml with the reason for each, and what to check."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from coprod_trust.study.drafting.facts import plain
from coprod_trust.study.drafting.notes import NotesGuess, write_notes
from coprod_trust.study.drafting.people import CovariateGuess, GroupGuess, IdGuess
from coprod_trust.study.drafting.questions import Question, slug
from coprod_trust.study.drafting.scales import ScaleGuess
from coprod_trust.study.drafting.waves import FileGuess, WaveGuess
from coprod_trust.study.drafting.yaml_text import Page, listed, mapped, scalar
from coprod_trust.study.model import MissingReason

SCHEMA = "study.schema.json"


@dataclass(frozen=True)
class Platform:
    """Columns of the survey platform."""

    status: tuple[str, tuple[str, ...]] | None = None
    mode: str | None = None
    weight: str | None = None
    free_text: tuple[str, ...] = ()
    personal: tuple[str, ...] = ()
    unused: tuple[str, ...] = ()


@dataclass(frozen=True)
class Guesses:
    """Everything that was guessed."""

    study_id: str
    title: str
    waves: tuple[WaveGuess, ...]
    ids: IdGuess
    group: GroupGuess | None
    consent: tuple[str, list[str], list[str], list[str]] | None
    covariates: tuple[CovariateGuess, ...]
    scales: tuple[ScaleGuess, ...]
    platform: Platform
    missing: dict[str, MissingReason]
    assumed_missing: tuple[str, ...] = ()
    notes: NotesGuess | None = None


def study_yaml(g: Guesses) -> str:
    """The text of a study.yaml."""
    page = Page()
    page.put(f"# yaml-language-server: $schema={SCHEMA}")
    page.say(
        "A draft, guessed from the files in waves/. Nothing in it is certain: every comment that begins with 'Guess' "
        "says why something is written and what to check. Correct it, then run: coprod-trust check on this folder.\n"
        "docs/study.md of coprod-trust explains every setting; an editor that knows YAML schemas completes them."
    )
    page.put("format: 1")
    page.put(f"study_id: {g.study_id}")
    page.say("Check: the title stands on the report.")
    page.put(f"title: {scalar(g.title)}")
    page.say("Check: the names that respondents know; the report uses them.")
    page.put("provider_name: the provider")
    page.put("municipality_name: the municipality")
    page.put()
    _ids(page, g)
    _groups(page, g)
    _waves(page, g)
    _scales(page, g)
    _covariates(page, g)
    _consent(page, g)
    _platform(page, g)
    write_notes(page, g.notes)
    _plan(page, g)
    return page.text()


def _ids(page: Page, g: Guesses) -> None:
    page.say(f"Guess: column {g.ids.column} links a person's rows over the waves ({g.ids.why}).")
    if g.ids.linked:
        page.say(
            f"Check: {g.ids.linked}. If that is too few, another column holds the ids, or they are written differently."
        )
    page.put("ids:")
    page.put(f"column: {scalar(g.ids.column)}", 2)
    if g.ids.pattern:
        page.say(
            "Guess: ids are letters and a number, written in several ways; capitals, signs and zeros are made alike.", 2
        )
    page.put(f"normalise: {mapped(g.ids.normalise)}", 2)
    if g.ids.pattern:
        page.say("Check: a row whose id does not look like this waits in quarantine.", 2)
        page.put(f"pattern: {scalar(g.ids.pattern)}", 2)
    page.say("If staff or tests are in the files, say how their ids look: test_pattern: 'P9[0-9]{2}'", 2)
    page.put()


def _groups(page: Page, g: Guesses) -> None:
    if g.group is None:
        page.say(
            "Guess: no column tells participants from others, so everybody is a participant. If one does, name it:"
        )
        page.say(
            "groups: {column: group, participants: participant, "
            "values: [{id: participant, label: Participants, codes: ['1']}]}"
        )
        page.put()
        return
    page.say(f"Guess: column {g.group.column} says who takes part ({g.group.why}).")
    page.say("Check: which group takes part in the programme (participants), and the labels.")
    page.put("groups:")
    page.put(f"column: {scalar(g.group.column)}", 2)
    page.put("participants: participant", 2)
    page.put("values:", 2)
    used: set[str] = set()
    for id_, label, codes in g.group.groups:
        name = id_ or slug(label, "group")
        while name in used:
            name = f"{name[:44]}_{len(used)}"
        used.add(name)
        page.put(f"- {{id: {name}, label: {scalar(label.capitalize())}, codes: {listed(codes)}}}", 4)
    page.put()


def _waves(page: Page, g: Guesses) -> None:
    page.say(
        f"Guess: {len(g.waves)} wave(s), in this order. Months count from the first wave ({g.waves[0].month_why})."
    )
    page.say("Check: the order, the labels (they stand on the report), the dates and the months.")
    page.put("waves:")
    for wave in g.waves:
        page.say(f"Guess: {wave.why}.", 2)
        page.put(f"- id: {wave.id}", 2)
        page.put(f"label: {scalar(wave.label)}", 4)
        if wave.start:
            page.put(f"planned_date: {wave.start.isoformat()}", 4)
        page.put(f"month: {wave.month}", 4)
        page.say("With the days of fieldwork, rows dated outside them are told:", 4)
        start = wave.start.isoformat() if wave.start else "2025-01-06"
        page.say(f"window: {{start: {start}, end: {start}}}", 4)
        page.put("files:", 4)
        for file in wave.files:
            _file(page, file, g.ids)
    page.put()


def _file(page: Page, file: FileGuess, ids: IdGuess) -> None:
    for note in file.facts.notes[:5]:
        page.say(f"Note: {note}.", 6)
    page.put(f"- path: {scalar('waves/' + file.facts.name)}", 6)
    for reason in file.facts.hint_reasons:
        page.say(f"Guess: {reason}.", 8)
    for key, value in file.facts.hints.items():
        page.put(f"{key}: {scalar(value)}", 8)
    if file.facts.name in ids.columns:
        page.say("Guess: the column whose values are those of the ids in the other files.", 8)
        page.put(f"id_column: {scalar(ids.columns[file.facts.name])}", 8)
    if file.wave_column is not None:
        page.put(f"wave_column: {scalar(file.wave_column)}", 8)
        page.put(f"wave_value: {scalar(file.wave_value)}", 8)
    if file.date_column is not None:
        page.put(f"date_column: {scalar(file.date_column)}", 8)
    if file.date_format is not None:
        page.say(f"Guess: how dates are written. Check{': ' + file.date_note if file.date_note else ' one date'}.", 8)
        page.put(f"date_format: {scalar(file.date_format)}", 8)


def _scales(page: Page, g: Guesses) -> None:
    page.say(
        "Check of every scale: that its items belong together, both ends of its answer scale as printed on the "
        "questionnaire (not as answered), which items are worded against the others (reverse: true), and its label."
    )
    page.say(
        "dimension is generalized, municipal, provider, peers or interpersonal; a scale about something else has none."
    )
    if g.missing:
        page.put()
        page.say("Guess: these mean that there is no answer" + _assumed(g.assumed_missing) + ".")
        page.say(
            "Reasons: not_applicable, dont_know, refused, not_asked, skipped. A code that means missing in one scale "
            "and is an answer in another stands under the scale."
        )
        page.put(f"missing_codes: {mapped({k: v.value for k, v in g.missing.items()})}")
        page.put()
    page.put("scales:")
    for scale in g.scales:
        _scale(page, scale, g)
    page.put()


def _scale(page: Page, s: ScaleGuess, g: Guesses) -> None:
    page.say(f"Guess: {s.why}.", 2)
    page.put(f"- id: {s.id}", 2)
    if s.dimension:
        if s.dimension_why:
            page.say(f"Guess: {s.dimension_why}. Check: whom is trusted here?", 4)
        page.put(f"dimension: {s.dimension}", 4)
    page.put(f"label: {scalar(s.label)}", 4)
    if s.known is None:
        page.say(f"Guess: the answers run from {plain(s.low)} to {plain(s.high)}. Check the questionnaire.", 4)
    page.put(f"low: {plain(s.low)}", 4)
    page.put(f"high: {plain(s.high)}", 4)
    if not s.integer:
        page.say("Guess: answers have decimals.", 4)
        page.put("integer: false", 4)
    if s.known is not None and not s.known.scored:
        page.say("A profile of single items: it has no total.", 4)
        page.put("scored: false", 4)
    if s.known is not None and s.known.minimum_answered and s.known.minimum_answered <= len(s.questions):
        page.put(f"minimum_answered: {s.known.minimum_answered}", 4)
    if s.waves is not None:
        page.say("Guess: the files of the other waves do not have it.", 4)
        page.put(f"waves: {listed(s.waves)}", 4)
    if s.participants_only:
        page.say("Guess: nobody of the other groups answered it.", 4)
        page.put("groups: [participant]", 4)
    if s.responses:
        page.say(
            "Guess: answered on another scale in that wave. No change is then computed: such answers do not compare.",
            4,
        )
        ends = {w: mapped({"low": low, "high": high}) for w, (low, high) in s.responses.items()}
        page.put(f"response: {mapped(ends)}", 4)
    if s.value_labels:
        page.say("Guess: what the words of the answers count for. Check the order.", 4)
        order = sorted(s.value_labels, key=lambda text: s.value_labels[text])
        page.put(f"value_labels: {mapped({text: s.value_labels[text] for text in order})}", 4)
    if s.missing:
        page.say("Guess: these mean that there is no answer here" + _assumed(s.guessed_missing) + ".", 4)
        page.put(f"missing_codes: {mapped({k: v.value for k, v in s.missing.items()})}", 4)
    page.put("items:", 4)
    for question in s.questions:
        _item(page, question, s, g)


def _assumed(codes: Sequence[str]) -> str:
    if not codes:
        return ""
    return f" ({', '.join(codes)} only because surveys often use them so: check the questionnaire)"


def _item(page: Page, q: Question, s: ScaleGuess, g: Guesses) -> None:
    if q.renamed:
        where = ", ".join(f"{c} in {w}" for w, c in q.columns.items())
        page.say(f"Guess: one question under two names ({q.renamed}): {where}. Check: is it the same question?", 6)
    labels = q.labels()
    if len(set(labels.values())) > 1:
        said = "; ".join(f"{w}: {label}" for w, label in labels.items())
        page.say(f"Check: the label is not the same in every wave ({said}). Write the wording as asked.", 6)
    page.put(f"- id: {q.id}", 6)
    known = s.item(q)
    wording = next(iter(labels.values())) if len(set(labels.values())) == 1 else ""
    if known and not labels:
        wording = known.wording
    if wording:
        page.put(f"wording: {scalar(' '.join(wording.split()))}", 8)
    if known and known.reverse:
        page.put("reverse: true", 8)
    aliases = {w: listed([c]) for w, c in q.columns.items() if c.casefold() != q.id}
    if aliases:
        page.put(f"aliases: {mapped(aliases)}", 8)


def _covariates(page: Page, g: Guesses) -> None:
    if not g.covariates:
        page.say(
            "No column for age, birth year, gender or team was recognised. covariates: lists what is known of people."
        )
        page.put()
        return
    page.say("Guess: recognised by the names of their columns. Check what each is; add others that the analysis needs.")
    page.put("covariates:")
    waves = [w.id for w in g.waves]
    for c in g.covariates:
        page.say(f"Guess: {c.why}.", 2)
        page.put(f"- id: {c.id}", 2)
        page.put(f"kind: {c.kind}", 4)
        names = set(c.columns.values())
        if len(names) == 1:
            page.put(f"column: {scalar(names.pop())}", 4)
        else:
            page.put(f"columns: {mapped(dict(sorted(c.columns.items(), key=lambda p: waves.index(p[0]))))}", 4)
        if c.varying:
            page.put("varying: true", 4)
        if c.low is not None and c.high is not None:
            page.put(f"low: {plain(c.low)}", 4)
            page.put(f"high: {plain(c.high)}", 4)
        if c.codes:
            page.put(f"codes: {mapped(c.codes)}", 4)
    page.put()


def _consent(page: Page, g: Guesses) -> None:
    if g.consent is None:
        page.say("No column for consent was recognised. If there is one, rows without consent are kept out:")
        page.say("consent: {column: consent, granted: ['yes'], withdrawn: [withdrawn]}")
        page.put()
        return
    column, granted, withdrawn, waves = g.consent
    page.say(f"Guess: column {column} says who agreed to take part. Check the values that mean yes.")
    page.put("consent:")
    page.put(f"column: {scalar(column)}", 2)
    page.put(f"granted: {listed(granted)}", 2)
    if withdrawn:
        page.put(f"withdrawn: {listed(withdrawn)}", 2)
    if len(waves) < len(g.waves):
        page.put(f"waves: {listed(waves)}", 2)
    page.put()


def _platform(page: Page, g: Guesses) -> None:
    p = g.platform
    if p == Platform():
        return
    page.put("platform:")
    if p.status:
        page.say("Guess: marks test answers.", 2)
        page.put(f"status_column: {scalar(p.status[0])}", 2)
        page.put(f"test_values: {listed(p.status[1])}", 2)
    if p.mode:
        page.say("Guess: how people answered.", 2)
        page.put(f"mode_column: {scalar(p.mode)}", 2)
    if p.weight:
        page.say("Guess: a weight.", 2)
        page.put(f"weight_column: {scalar(p.weight)}", 2)
    if p.free_text:
        page.say("Guess: people wrote sentences here; they are screened for names.", 2)
        page.put(f"free_text: {listed(p.free_text)}", 2)
    ignored = (*p.personal, *p.unused)
    if ignored:
        if p.personal:
            page.say(f"These identify people and are never needed: {', '.join(p.personal)}.", 2)
        if p.unused:
            page.say(
                "Guess: not needed. Check: take out what belongs to a scale or is a covariate, and describe it there.",
                2,
            )
        page.put("ignore:", 2)
        for name in ignored:
            page.put(f"- {scalar(name)}", 4)
    page.put()


def _plan(page: Page, g: Guesses) -> None:
    dimensions = [s for s in g.scales if s.dimension]
    page.say(
        "The analysis plan. What stands here before the answers are seen counts as planned; all else is reported as "
        "exploratory. Check: which outcomes are primary, and set registered: to the day on which the plan was fixed."
    )
    page.put("plan:")
    primary = [s.id for s in dimensions if s.dimension in ("provider", "municipal", "generalized", "peers")]
    page.put(f"primary: {listed(primary)}", 2)
    if primary:
        page.put("families:", 2)
        members = listed(f"change.{p}" for p in primary)
        page.put(f"- {{id: F1, label: Change in trust, members: {members}}}", 4)
    page.say("registered: 2025-01-06", 2)
