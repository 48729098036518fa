"""What each column of a file is taken for in a wave."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

from coprod_trust.ingest.readers import Column
from coprod_trust.ingest.readers.presets import own_columns
from coprod_trust.study import File, Item, Scale, Study
from coprod_trust.study.model import Covariate, Normalisation

Role = Literal["id", "item", "covariate", "group", "date", "consent", "platform", "ignored", "unknown"]

NUMBER_KINDS = frozenset({"number", "birth_year"})


@dataclass(frozen=True)
class Use:
    """A column and its part in one wave. ``target`` is the study's name: of the item, the covariate, or of the
    platform's column (status, mode, weight, free_text, wave). ``as_typed``: the id as typed is kept beside the
    normalised one."""

    position: int
    column: Column
    role: Role
    target: str | None = None
    scale: Scale | None = None
    item: Item | None = None
    covariate: Covariate | None = None
    as_typed: bool = True

    @property
    def name(self) -> str:
        return self.column.name

    @property
    def numeric(self) -> bool:
        """Whether it is read as a number."""
        if self.role == "item" or (self.role == "platform" and self.target == "weight"):
            return True
        return self.covariate is not None and self.covariate.kind in NUMBER_KINDS

    @property
    def storage(self) -> str:
        """The column of the coded table; an id that the study leaves as it was typed is kept once."""
        if self.role == "id" and not self.as_typed:
            return "participant_id"
        return f"n{self.position}" if self.numeric else f"t{self.position}"

    @property
    def storage_type(self) -> str:
        """FLOAT holds every whole number of a scale exactly, in half the space."""
        return "FLOAT" if self.scale is not None and self.scale.integer else "DOUBLE"


@dataclass(frozen=True)
class Layout:
    """The columns of one file in one wave, in the file's order."""

    wave: str
    hints: File
    uses: tuple[Use, ...]

    def of(self, role: Role, target: str | None = None) -> Use | None:
        """The column with that part, or None."""
        return next((u for u in self.uses if u.role == role and (target is None or u.target == target)), None)

    def all_of(self, role: Role, target: str | None = None) -> tuple[Use, ...]:
        return tuple(u for u in self.uses if u.role == role and (target is None or u.target == target))

    @cached_property
    def items(self) -> dict[str, Use]:
        """Item id: column."""
        return {u.target: u for u in self.uses if u.role == "item" and u.target}

    @cached_property
    def covariates(self) -> dict[str, Use]:
        """Covariate id: column."""
        return {u.target: u for u in self.uses if u.role == "covariate" and u.target}

    @property
    def read(self) -> tuple[Use, ...]:
        """The columns that are read."""
        return tuple(u for u in self.uses if u.role not in ("unknown", "ignored"))


def key_of(name: str) -> str:
    """A column's name for comparison: no case, single spaces."""
    return " ".join(name.split()).casefold()


def names_of_item(item: Item, wave: str) -> list[str]:
    """What the item's column may be called in that wave: its aliases, else its id."""
    return [*item.aliases.get(wave, []), item.id]


def lay_out(study: Study, wave: str, hints: File, columns: Sequence[Column]) -> Layout:
    """Take each column for what the study says of it. ``columns`` of the file's hints renames first; names are
    compared without regard to case and white space. A column has one part; the first in the study's order wins."""
    renames = {key_of(k): v for k, v in hints.columns.items()}
    position: dict[str, int] = {}
    for number, column in enumerate(columns, start=1):
        position.setdefault(key_of(renames.get(key_of(column.name), column.name)), number)
    taken: dict[int, Use] = {}

    def take(
        names: Collection[str | None],
        role: Role,
        target: str | None = None,
        scale: Scale | None = None,
        item: Item | None = None,
        covariate: Covariate | None = None,
    ) -> None:
        for name in names:
            number = position.get(key_of(name)) if name else None
            if number is not None and number not in taken:
                taken[number] = Use(number, columns[number - 1], role, target, scale, item, covariate)
                return

    take([hints.id_column, study.ids.column], "id", "participant_id")
    if study.ids.normalise == Normalisation():
        # The reader has trimmed the texts already, so nothing is left to normalise.
        taken = {n: replace(u, as_typed=False) for n, u in taken.items()}
    take([hints.wave_column], "platform", "wave")
    take([hints.date_column], "date", "response_date")
    take([study.groups.column], "group", "study_group")
    if study.consent is not None:
        take([study.consent.column], "consent", "consent")
    take([study.platform.status_column], "platform", "status")
    take([study.platform.mode_column], "platform", "mode")
    take([study.platform.weight_column], "platform", "weight")
    for scale in study.scales:
        for item in scale.items:
            take(names_of_item(item, wave), "item", item.id, scale, item)
    for covariate in study.covariates:
        take([covariate.source_column(wave), covariate.id], "covariate", covariate.id, covariate=covariate)
    for name in study.platform.free_text:
        take([name], "platform", "free_text")
    for name in study.platform.ignore:
        take([name], "ignored")
    for name in own_columns(hints.preset, [c.name for c in columns]):
        take([name], "ignored")
    uses = [taken.get(n) or Use(n, c, "unknown") for n, c in enumerate(columns, start=1)]
    return Layout(wave, hints, tuple(uses))
