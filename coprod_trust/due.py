"""Which waves are due by the study's dates, and what each of them waits for."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from coprod_trust.study import Study, Wave


class State(StrEnum):
    NOT_YET = "not due yet"
    WAITING = "waiting for files"
    READY = "ready to run"
    DONE = "done"
    FROZEN = "done and frozen"
    PASSED = "not run; a later wave is published"


@dataclass(frozen=True)
class DueWave:
    """A wave, the day from which it is due (None: as soon as its files are there), and how it stands. ``again``: it is
    published, and something that it read has changed since."""

    wave: str
    label: str
    due_on: date | None
    state: State
    missing: tuple[str, ...] = ()
    again: bool = False

    @property
    def sentence(self) -> str:
        """How it stands, for a person."""
        if self.state is State.NOT_YET:
            return f"not due before {self.due_on}"
        if self.state is State.WAITING:
            since = f"due since {self.due_on}; " if self.due_on else ""
            return f"{since}waiting for {', '.join(self.missing) or 'files to be named in study.yaml'}"
        if self.state is State.READY and self.again:
            return "changed since it was run; ready to run again"
        return str(self.state)


def due_on(wave: Wave) -> date | None:
    """The day after the last day of fieldwork; without a window, the planned date."""
    return wave.window.end + timedelta(days=1) if wave.window else wave.planned_date


def due_waves(
    study: Study,
    missing: Mapping[str, Sequence[str]],
    today: date,
    published: str | None,
    changed: bool,
    frozen: Collection[str] = (),
) -> tuple[DueWave, ...]:
    """How every wave stands today, in order of time.

    ``missing``: per wave the declared paths that match no file. ``published``: the wave of the last run that finished,
    or None. ``changed``: whether anything that run read has changed since. A wave before the published one is not run
    by itself, since that would put an older state in the place of a newer one; changed inputs make the published wave
    run again, unless it is one of ``frozen``.
    """
    order = study.wave_ids
    last = order.index(published) if published in order else -1
    waves = []
    for position, wave in enumerate(study.waves):
        lacking = tuple(missing.get(wave.id, ()))
        day = due_on(wave)
        if wave.id in frozen:
            state = State.FROZEN
        elif position < last:
            state = State.PASSED if lacking or not wave.files else State.DONE
        elif position == last and not changed:
            state = State.DONE
        elif position > last and day is not None and today < day:
            state = State.NOT_YET
        elif lacking or not wave.files:
            state = State.WAITING
        else:
            state = State.READY
        waves.append(DueWave(wave.id, wave.label, day, state, lacking, again=position == last))
    return tuple(waves)
