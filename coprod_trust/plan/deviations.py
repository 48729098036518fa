"""What was done otherwise than planned, found by comparison and confessed by nobody. Pure: facts in, deviations out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from itertools import pairwise

from coprod_trust.decisions import Amendment
from coprod_trust.plan.record import at, changes
from coprod_trust.study import Study, plan_text
from coprod_trust.study.contrasts import contrasts_of

DAYS_EARLY_OR_LATE = 14
"""A wave whose first answer came more days than this before or after its planned date is told."""


class Kind(StrEnum):
    """What kind of thing is not as planned."""

    NOT_REGISTERED = "not_registered"
    REGISTERED_LATE = "registered_late"
    CHANGED_UNRECORDED = "changed_unrecorded"
    AMENDED_AFTER_DATA = "amended_after_data"
    NOT_ESTIMATED = "not_estimated"
    NOT_MEASURED = "not_measured"
    COVARIATE_WITHOUT_VALUES = "covariate_without_values"
    WAVE_WITHOUT_DATA = "wave_without_data"
    WAVE_AT_ANOTHER_TIME = "wave_at_another_time"


@dataclass(frozen=True)
class Deviation:
    """One thing. ``recorded``: somebody wrote it down as an amendment, and ``who`` and ``why`` are theirs."""

    kind: Kind
    subject: str
    planned: str
    done: str
    recorded: bool = False
    who: str | None = None
    why: str | None = None


@dataclass(frozen=True)
class WaveFacts:
    """When answers of a wave came: the day of the first, and when a file of it was first received."""

    wave: str
    first_response: date | None
    received_at: datetime | None

    @property
    def known_since(self) -> date | None:
        """The earliest day on which anybody could have seen an answer."""
        days = [d for d in (self.first_response, self.received_at.date() if self.received_at else None) if d]
        return min(days, default=None)


@dataclass(frozen=True)
class Done:
    """What a run up to ``wave`` did. ``findings``: id and why nothing was estimated (None: something was).
    ``measured``: scales with a score in any wave. ``covariates``: those with any value."""

    wave: str
    waves: Mapping[str, WaveFacts]
    findings: Mapping[str, str | None]
    measured: frozenset[str]
    covariates: frozenset[str]


def last_wave_seen(study: Study, done: Done, moment: datetime) -> str | None:
    """The last wave whose answers had come by then; None: no answer had."""
    seen = [w for w in study.wave_ids if (f := done.waves.get(w)) and f.known_since and f.known_since <= moment.date()]
    return seen[-1] if seen else None


def deviations(study: Study, records: Sequence[Amendment], done: Done) -> tuple[Deviation, ...]:
    """Everything that is not as planned, the plan's own history first."""
    return (*_history(study, records, done), *_analyses(study, done), *_fieldwork(study, done))


def _history(study: Study, records: Sequence[Amendment], done: Done) -> list[Deviation]:
    found: list[Deviation] = []
    first = study.wave_ids[0]
    if not records:
        said = f"study.yaml says {study.plan.registered}, without a record" if study.plan.registered else "no record"
        return [Deviation(Kind.NOT_REGISTERED, "plan", "registered before the first answers", said)]
    seen = last_wave_seen(study, done, at(records[0]))
    if seen is not None:
        since = done.waves[first].known_since
        found.append(
            Deviation(
                Kind.REGISTERED_LATE, "plan", "registered before the first answers",
                f"registered on {at(records[0]).date()}, after answers of {seen} had come (the first on {since})",
                True, records[0].who, records[0].why,
            )
        )  # fmt: skip
    for n, (before, after) in enumerate(pairwise(records), start=1):
        seen = last_wave_seen(study, done, at(after))
        if seen is None:
            continue
        found += [
            Deviation(
                Kind.AMENDED_AFTER_DATA, f"{c.setting} (amendment {n})", c.before,
                f"{c.after}, on {at(after).date()}, after answers of {seen} had come", True, after.who, after.why,
            )
            for c in changes(before.plan, after.plan)
        ]  # fmt: skip
    found += [
        Deviation(Kind.CHANGED_UNRECORDED, c.setting, c.before, c.after)
        for c in changes(records[-1].plan, plan_text(study))
    ]
    return found


def _analyses(study: Study, done: Done) -> list[Deviation]:
    found: list[Deviation] = []
    here = tuple(w for w in study.wave_ids if w in done.waves)
    unmeasured = [s for s in study.plan.primary if s not in done.measured and _due(study, s, here)]
    found += [
        Deviation(Kind.NOT_MEASURED, scale, "a primary outcome", "no score in any wave so far") for scale in unmeasured
    ]
    expected = {
        f"change.{s}.{c.id}": "a planned comparison of a primary outcome"
        for s in study.plan.primary
        if s not in unmeasured
        for c in contrasts_of(study, study.scale(s), here)
        if c.planned
    }
    for finding, planned in expected.items():
        if finding not in done.findings:
            found.append(Deviation(Kind.NOT_ESTIMATED, finding, planned, "the question was not asked of the data"))
        elif done.findings[finding] is not None:
            found.append(Deviation(Kind.NOT_ESTIMATED, finding, planned, str(done.findings[finding])))
    found += _members(study, done, expected)
    found += [
        Deviation(
            Kind.COVARIATE_WITHOUT_VALUES, c, "a covariate of the adjusted models", "no value in the files so far"
        )
        for c in study.plan.covariates
        if c not in done.covariates
    ]
    return found


def _due(study: Study, scale: str, here: Sequence[str]) -> bool:
    return any(study.asked(study.scale(scale), w) for w in here)


def _members(study: Study, done: Done, expected: Mapping[str, str]) -> list[Deviation]:
    """Questions of a family that no finding answers, once two waves are in."""
    if len(done.waves) < 2:
        return []
    found = []
    for family in study.plan.families:
        for member in family.members:
            answers = [f for f in done.findings if f == member or f.startswith(f"{member}.")]
            if answers and all(done.findings[f] is not None for f in answers):
                why = str(done.findings[answers[-1]])
            elif answers:
                continue
            else:
                why = "the data so far do not carry the question"
            if not any(f.startswith(f"{member}.") for f in expected):
                found.append(Deviation(Kind.NOT_ESTIMATED, member, f"a question of family {family.id}", why))
    return found


def _fieldwork(study: Study, done: Done) -> list[Deviation]:
    found: list[Deviation] = []
    for wave in study.waves_up_to(done.wave):
        facts = done.waves.get(wave.id)
        if facts is None:
            found.append(Deviation(Kind.WAVE_WITHOUT_DATA, wave.id, "a wave of the study", "no answers came"))
            continue
        first = facts.first_response
        if first is None or wave.planned_date is None:
            continue
        days = (first - wave.planned_date).days
        outside = wave.window is not None and not wave.window.start <= first <= wave.window.end
        if outside or (wave.window is None and abs(days) > DAYS_EARLY_OR_LATE):
            when = f"{abs(days)} days {'late' if days > 0 else 'early'}" if days else "outside its window"
            found.append(
                Deviation(
                    Kind.WAVE_AT_ANOTHER_TIME, wave.id, f"planned for {wave.planned_date}",
                    f"the first answer came on {first}, {when}",
                )
            )  # fmt: skip
    return found
