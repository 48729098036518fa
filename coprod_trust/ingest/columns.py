"""Rules about the columns of a file and of a wave (31 to 34, 36)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import SequenceMatcher

from coprod_trust.ingest.layout import Use, key_of, names_of_item
from coprod_trust.ingest.ledger import Ledger, Wording
from coprod_trust.ingest.part import Part
from coprod_trust.ingest.reading import fold, number
from coprod_trust.study import Item, Scale, Study

SIMILAR = 0.8
LISTED = 20


def id_column(study: Study, part: Part, ledger: Ledger) -> None:
    """A file without the column that links people cannot be used at all."""
    if part.layout.of("id") is None:
        ledger.tell(
            "id-column-missing",
            Wording(
                "the file has no column with the id",
                f"a column {part.intake.hints.id_column or study.ids.column}",
                "name it under files: id_column, or under ids: column",
            ),
            source_id=part.source_id, name=part.name, wave=part.wave,
        )  # fmt: skip


def unknown_of(part: Part) -> list[Use]:
    """Columns that no wave of the study uses in this file."""
    return [u for u in part.layout.uses if u.role == "unknown" and key_of(u.name) not in part.elsewhere]


def unknown_columns(part: Part, ledger: Ledger) -> None:
    """Rule 31: columns that the study does not know; a column of another wave of the same file is known."""
    unknown = unknown_of(part)
    where = {"source_id": part.source_id, "name": part.name, "wave": part.wave}
    fix = "nothing, if it is not needed (platform: ignore keeps this quiet); else name it under scales or covariates"
    if len(unknown) > LISTED:
        first = ", ".join(u.name for u in unknown[:LISTED])
        ledger.tell(
            "column-unknown",
            Wording(f"{len(unknown)} columns are not in the study, among them: {first}", "columns of the study", fix),
            **where,
        )
        return
    for use in unknown:
        ledger.tell(
            "column-unknown",
            Wording("this column is not in the study; it is kept as received", "a column of the study", fix),
            column_name=use.name,
            **where,
        )


def items_of_wave(study: Study, wave: str, parts: Sequence[Part], ledger: Ledger) -> None:
    """Rules 32 and 33: items of the wave that no file has, and columns that look like them under another name."""
    for scale in study.scales:
        if not study.asked(scale, wave):
            continue
        missing = [i for i in scale.items if not any(i.id in p.layout.items for p in parts)]
        renamed = [i for i in missing if sum(_renamed(scale, i, p, ledger) for p in parts)]
        where = {"source_id": parts[0].source_id, "name": parts[0].name, "wave": wave, "scale": scale.id}
        if len(missing) == len(scale.items) and not renamed:
            ledger.tell(
                "scale-missing",
                Wording(
                    f"no item of {scale.id} is in the files of wave {wave}: it counts as not measured then",
                    f"columns {', '.join(i.id for i in scale.items)}",
                    "nothing, if it was not asked (say so with from_wave or waves); else name the columns as aliases",
                ),
                **where,
            )
            continue
        for item in missing:
            if item not in renamed:
                ledger.tell(
                    "item-missing",
                    Wording(
                        f"item {item.id} of {scale.id} is not in the files of wave {wave}",
                        f"a column {' or '.join(names_of_item(item, wave))}",
                        f"nothing, if it was not asked; else declare the column's name: aliases: {{{wave}: [NAME]}}",
                    ),
                    column_name=item.id,
                    **where,
                )


def _renamed(scale: Scale, item: Item, part: Part, ledger: Ledger) -> bool:
    names = {item.id, *(a for aliases in item.aliases.values() for a in aliases)}
    wording = item.wordings.get(part.wave, item.wording)
    found = False
    for use in unknown_of(part):
        by_name = any(similar_names(use.name, n) for n in names)
        by_label = bool(wording and use.column.label) and _ratio(wording, str(use.column.label)) >= SIMILAR
        if (by_name or by_label) and ledger.severities["item-renamed"] is not None:
            found = True
            ledger.tell(
                "item-renamed",
                Wording(
                    f"the column looks like item {item.id} of {scale.id} under another name",
                    f"a column {' or '.join(names_of_item(item, part.wave))}",
                    f"if it is that item, declare aliases: {{{part.wave}: [{use.name}]}} under it; if not, name the "
                    "column under platform: ignore",
                ),
                source_id=part.source_id,
                name=part.name,
                wave=part.wave,
                column_name=use.name,
                scale=scale.id,
            )
    return found


def similar_names(one: str, other: str) -> bool:
    """Whether two column names look like one: alike by four fifths, with the same numbers in them.

    Without the second condition prov_1 and prov_2 would always look like one another.
    """
    numbers = [[int(n) for n in re.findall(r"\d+", name)] for name in (one, other)]
    return numbers[0] == numbers[1] and _ratio(one, other) >= SIMILAR


def _ratio(one: str, other: str) -> float:
    return SequenceMatcher(None, fold(one), fold(other), autojunk=False).ratio()


def formats_of_items(study: Study, part: Part, ledger: Ledger) -> None:
    """Rules 34 and 36, as far as labels and declared codes tell: once a scale."""
    for scale in study.scales:
        uses = [u for u in part.layout.items.values() if u.scale is not None and u.scale.id == scale.id]
        where = {"source_id": part.source_id, "name": part.name, "wave": part.wave, "scale": scale.id}
        clash = next((u for u in uses if _valid_missing_codes(study, part, u)), None)
        if clash is not None:
            codes = ", ".join(_valid_missing_codes(study, part, clash))
            ledger.tell(
                "missing-code-is-answer",
                Wording(
                    f"a missing code of the file ({codes}) is also a valid answer of {scale.id}",
                    "missing codes outside the scale",
                    "correct missing_codes under files, or the ends of the scale in that wave (response)",
                ),
                column_name=clash.name,
                **where,
            )
        for use in uses:
            what = _differs(scale, part.wave, use)
            if what:
                ledger.tell(
                    "instrument-differs",
                    Wording(
                        f"{what}, so {scale.id} cannot be compared in wave {part.wave}",
                        "the instrument's wording and response format",
                        f"declare what was asked: response: {{{part.wave}: {{low: ..., high: ...}}}} under the scale "
                        f"or wordings: {{{part.wave}: ...}} under the item",
                    ),
                    column_name=use.name,
                    **where,
                )
                break


def _valid_missing_codes(study: Study, part: Part, use: Use) -> list[str]:
    assert use.scale is not None
    low, high = use.scale.ends(part.wave)
    codes = {**use.column.user_missing, **part.intake.hints.missing_codes}
    return [c for c in codes if (n := number(c)) is not None and low <= n <= high]


def _differs(scale: Scale, wave: str, use: Use) -> str | None:
    """What the labels of a file say against the study: other ends of the answer scale, or another wording."""
    assert use.item is not None
    low, high = scale.ends(wave)
    labelled = [n for code in use.column.value_labels if (n := number(code)) is not None]
    missing = {number(c) for c in (*use.column.user_missing, *scale.missing_codes)}
    inside = [n for n in labelled if n not in missing and low - 100 < n < high + 100 and n not in _CUSTOMARY]
    complete = len(inside) >= 2 and len(inside) == int(max(inside) - min(inside)) + 1
    if complete and (min(inside), max(inside)) != (low, high):
        return f"the file's answer scale runs from {min(inside):g} to {max(inside):g}, not from {low:g} to {high:g}"
    wording = use.item.wordings.get(wave, use.item.wording)
    label = use.column.label or ""
    # A label is often only a catchword; it speaks against the wording only where it is as long as one.
    if wording and len(label) >= 0.6 * len(wording) and len(label.split()) >= 4 and _ratio(wording, label) < SIMILAR:
        return f"the file's label of {use.item.id} is another wording than the instrument's"
    return None


_CUSTOMARY = {-9.0, -8.0, -7.0, -1.0, 77.0, 88.0, 99.0, 97.0, 98.0, 777.0, 888.0, 999.0}
