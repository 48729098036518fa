"""The plan on record: registered before answers are seen, amended in the open. decisions/amendment.csv keeps each
version whole, with its hash."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from coprod_trust import clock
from coprod_trust.decisions import Amendment, append, read
from coprod_trust.errors import Reason, StudyError, UsageError
from coprod_trust.study import load_study, plan_hash, plan_text


@dataclass(frozen=True)
class Change:
    """A setting of the plan that is not what it was; both as JSON."""

    setting: str
    before: str
    after: str

    def __str__(self) -> str:
        return f"{self.setting}: {self.before} -> {self.after}"


@dataclass(frozen=True)
class PlanState:
    """The plan in study.yaml against the records of it."""

    plan_hash: str
    records: tuple[Amendment, ...]
    unrecorded: tuple[Change, ...]

    @property
    def registered(self) -> Amendment | None:
        return self.records[0] if self.records else None

    def as_data(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "plan_hash": self.plan_hash,
            "records": [r.model_dump(mode="json") for r in self.records],
            "unrecorded": [asdict(c) for c in self.unrecorded],
        }

    def lines(self) -> list[str]:
        """For a person."""
        lines = [f"The plan in study.yaml has the hash {self.plan_hash}."]
        for r in self.records:
            what = "Registered" if r.action == "registration" else "Amended"
            lines.append(f"{what} on {r.when:%Y-%m-%d %H:%M} by {r.who}: {r.plan_hash[:16]}... ({r.why})")
        if not self.records:
            lines.append("It is not registered. To register it: coprod-trust plan STUDY --register --who NAME")
        if self.unrecorded:
            lines.append("Changed since, and not on record:")
            lines += [f"  - {c}" for c in self.unrecorded]
            lines.append("To record it: coprod-trust plan STUDY --amend --who NAME --why REASON")
        return lines


def plan_state(root: Path) -> PlanState:
    """How the plan of the study at ``root`` stands. Raises StudyError where study.yaml or the records are wrong."""
    study = load_study(root)
    records = read(root, Amendment)
    _in_order(records)
    unrecorded = changes(records[-1].plan, plan_text(study)) if records else ()
    return PlanState(plan_hash(study), records, unrecorded)


def register(root: Path, who: str, why: str = "the plan as fixed before the answers were seen") -> PlanState:
    """Put the plan on record. Raises UsageError where it is on record already."""
    state = plan_state(root)
    if state.registered is not None:
        raise UsageError(
            Reason(
                f"the plan was registered on {state.registered.when:%Y-%m-%d}",
                "record what has changed since: coprod-trust plan STUDY --amend --who NAME --why REASON",
            )
        )
    return _record(root, "registration", who, why)


def amend(root: Path, who: str, why: str) -> PlanState:
    """Put the plan as it is now on record. Raises UsageError where it is not registered or has not changed."""
    state = plan_state(root)
    if state.registered is None:
        raise UsageError(
            Reason("the plan is not registered yet", "coprod-trust plan STUDY --register --who NAME", str(root))
        )
    if not state.unrecorded:
        raise UsageError(Reason("the plan is as it was recorded last", "change it in study.yaml first"))
    return _record(root, "amendment", who, why)


def _record(root: Path, action: Any, who: str, why: str) -> PlanState:
    for name, given in (("--who", who), ("--why", why)):
        if not given.strip():
            raise UsageError(Reason(f"{name} is empty", "say who decides, and why"))
    study = load_study(root)
    append(
        root,
        Amendment(who=who, when=clock.now(), why=why, action=action, plan_hash=plan_hash(study), plan=plan_text(study)),
    )
    return plan_state(root)


def _in_order(records: Sequence[Amendment]) -> None:
    actions = [r.action for r in records]
    if actions and (actions[0] != "registration" or "registration" in actions[1:]):
        raise StudyError(
            Reason("a plan is registered once, first, and then amended", "correct decisions/amendment.csv")
        )


def changes(before: str, after: str) -> tuple[Change, ...]:
    """The settings in which two canonical plans differ, families one by one; a setting that one of them does not know
    (an older version wrote it) does not count."""
    old, new = (_settings(json.loads(text)) for text in (before, after))
    shared = [k for k in (*old, *(k for k in new if k not in old)) if _known(k, old, new)]
    return tuple(Change(k, _text(old.get(k)), _text(new.get(k))) for k in shared if old.get(k) != new.get(k))


def _settings(plan: Mapping[str, Any]) -> dict[str, Any]:
    found = {k: v for k, v in plan.items() if k != "families"}
    return found | {f"family {f['id']}": {k: v for k, v in f.items() if k != "id"} for f in plan.get("families", [])}


def _known(key: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    return key.startswith("family ") or (key in old and key in new)


def _text(value: Any) -> str:
    if value is None:
        return "none"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, sort_keys=True)


def at(record: Amendment) -> datetime:
    """When a line was recorded, with a zone: UTC where a line written by hand has none."""
    return record.when if record.when.tzinfo else record.when.replace(tzinfo=UTC)
