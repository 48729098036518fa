"""The rules that every file handed in is held against, and what happens by default when one is broken.

A number may carry several ids: one condition with two outcomes (an encoding that cannot be decided refuses the file,
one that can is a warning) is two rules, so that a study can set the severity of each.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from coprod_trust.errors import Reason, StudyError
from coprod_trust.ingest.problem import Scope
from coprod_trust.study import Severity, Study

REFUSE, BLOCK, QUARANTINE, WARN = Severity.REFUSE, Severity.BLOCK, Severity.QUARANTINE, Severity.WARN


@dataclass(frozen=True)
class Rule:
    """``scope`` is what the rule speaks about; ``fixed`` says that its severity cannot be set, since nothing could be
    read (or told apart) if it were."""

    number: int
    id: str
    severity: Severity
    scope: Scope
    title: str
    fixed: bool = False


CATALOGUE: tuple[Rule, ...] = (
    # Files
    Rule(1, "file-empty", REFUSE, "file", "the file is empty or has no rows", fixed=True),
    Rule(2, "file-type-mismatch", REFUSE, "file", "the file is not of the type that it claims", fixed=True),
    Rule(3, "file-unreadable", REFUSE, "file", "the file has a password, is corrupt or unpacks too large", fixed=True),
    Rule(4, "encoding-undecidable", REFUSE, "file", "the encoding cannot be decided", fixed=True),
    Rule(4, "encoding-not-utf8", WARN, "file", "the text is not in UTF-8"),
    Rule(5, "delimiter-ambiguous", REFUSE, "file", "the delimiter cannot be decided", fixed=True),
    Rule(5, "delimiter-not-comma", WARN, "file", "another delimiter than the comma, or decimal commas"),
    Rule(5, "rows-ragged", REFUSE, "file", "rows have more or fewer cells than the header", fixed=True),
    Rule(6, "header-not-found", REFUSE, "file", "the row with the column names cannot be found", fixed=True),
    Rule(6, "title-rows", WARN, "file", "rows above the column names"),
    Rule(7, "column-name-repeated", REFUSE, "file", "two columns have the same name", fixed=True),
    Rule(7, "question-code-repeated", WARN, "column", "a question has the code of an earlier one"),
    Rule(7, "column-unnamed", WARN, "column", "a column with values and no name"),
    Rule(8, "cells-merged-or-hidden", WARN, "file", "merged, hidden or filtered cells; hidden rows are included"),
    Rule(9, "sheet-not-chosen", REFUSE, "file", "several sheets and no choice", fixed=True),
    Rule(10, "formula", WARN, "column", "a formula; its last value is used"),
    Rule(10, "formula-without-value", QUARANTINE, "cell", "a formula without a value, or an error"),
    Rule(11, "formula-like-text", WARN, "column", "text that a spreadsheet would run as a formula"),
    Rule(12, "file-unchanged", WARN, "file", "the same file again; nothing changes"),
    Rule(12, "file-from-archive", WARN, "file", "a file has gone; it is read from the archive"),
    Rule(13, "file-changed", REFUSE, "file", "a file that was imported has other content"),
    Rule(14, "file-truncated", REFUSE, "file", "fewer or more rows than the sender says"),
    Rule(13, "correction-unused", WARN, "study", "a correction of a file that is not in use any more"),
    Rule(14, "rows-of-no-wave", WARN, "file", "rows of an event that no wave of the study reads"),
    Rule(15, "dates-mostly-outside-window", REFUSE, "file", "most rows are dated outside the fieldwork"),
    Rule(15, "date-outside-window", WARN, "row", "a row dated outside the fieldwork"),
    # Ids and design
    Rule(16, "id-missing", QUARANTINE, "row", "a row without an id", fixed=True),
    Rule(16, "id-column-missing", REFUSE, "file", "no column with the id", fixed=True),
    Rule(16, "id-malformed", QUARANTINE, "row", "an id that does not look like the study's ids"),
    Rule(17, "id-near-duplicate", QUARANTINE, "row", "an id that differs from another only in its spelling"),
    Rule(18, "id-scientific", QUARANTINE, "row", "an id in scientific notation", fixed=True),
    Rule(19, "id-repeated-identical", WARN, "row", "the same row twice; one is kept"),
    Rule(19, "id-repeated-conflicting", QUARANTINE, "row", "the same id with different answers", fixed=True),
    Rule(20, "id-new", WARN, "row", "an id that appears for the first time at a later wave"),
    Rule(
        21,
        "birth-year-differs",
        QUARANTINE,
        "row",
        "the birth year differs between waves, so the rows may be of two people",
    ),
    Rule(21, "gender-differs", WARN, "row", "the gender differs between waves"),
    Rule(22, "group-switch", QUARANTINE, "cell", "another group than before, without a declared crossing"),
    Rule(22, "group-switch-declared", WARN, "cell", "another group than before, as declared"),
    Rule(23, "scale-of-another-group", QUARANTINE, "cell", "an answer to a scale that this group is not asked"),
    Rule(24, "consent-missing", QUARANTINE, "row", "no consent to take part"),
    Rule(24, "consent-withdrawn", WARN, "row", "consent was withdrawn; the row is left out and erased", fixed=True),
    Rule(24, "withdrawn-before", WARN, "row", "a row of somebody who withdrew before; left out and erased", fixed=True),
    Rule(24, "id-after-withdrawal", QUARANTINE, "row", "a new id after somebody withdrew; it may be theirs"),
    Rule(25, "wave-unknown", REFUSE, "file", "a wave that the study does not know", fixed=True),
    Rule(25, "waves-out-of-order", WARN, "study", "the dates of the waves are out of order"),
    Rule(26, "date-missing", WARN, "row", "a row without a date"),
    Rule(26, "date-impossible", QUARANTINE, "cell", "a date that does not exist or lies in the future"),
    Rule(27, "date-ambiguous", REFUSE, "file", "dates that can be read in two ways"),
    Rule(28, "test-row", QUARANTINE, "row", "a row of a test or of staff"),
    Rule(29, "personal-data-in-text", QUARANTINE, "cell", "a name, e-mail address or telephone number in free text"),
    Rule(30, "wave-skipped", WARN, "study", "a person who missed a wave and came back"),
    # Items
    Rule(31, "column-unknown", WARN, "column", "a column that the study does not know; kept as received"),
    Rule(32, "item-missing", WARN, "scale", "an item is not in the file"),
    Rule(32, "scale-missing", WARN, "scale", "no item of the scale is in the file: not measured"),
    Rule(33, "item-renamed", REFUSE, "column", "a column that looks like a renamed item"),
    Rule(34, "instrument-differs", BLOCK, "scale", "wording or response format differ from the instrument's"),
    Rule(35, "out-of-range", QUARANTINE, "cell", "an answer outside the scale"),
    Rule(36, "missing-code-is-answer", BLOCK, "scale", "a missing code that is also a valid answer"),
    Rule(37, "text-unmapped", QUARANTINE, "cell", "text where a number or a known label is expected"),
    Rule(38, "answer-ambiguous", QUARANTINE, "cell", "an answer that may mean several values"),
    Rule(39, "decimals", QUARANTINE, "cell", "a decimal on a scale of whole numbers"),
    Rule(39, "decimals-throughout", WARN, "scale", "every answer of the scale has decimals"),
    Rule(
        40, "reverse-item-reversed", WARN, "scale", "a reverse item that looks already reversed; never turned by itself"
    ),
    Rule(41, "scale-inverted", WARN, "scale", "the scale runs against the previous wave; it gets no sentences"),
    Rule(42, "straight-lining", WARN, "row", "the same answer throughout; left out in a sensitivity analysis"),
    Rule(
        43, "identical-answers", WARN, "row", "the answers of an earlier wave again; left out in a sensitivity analysis"
    ),
    Rule(44, "zero-as-missing", QUARANTINE, "cell", "0 where the scale has no 0"),
    Rule(44, "zero-as-missing-common", BLOCK, "scale", "0 in over a fifth of the answers where the scale has no 0"),
    Rule(45, "weight-negative", QUARANTINE, "cell", "a negative weight"),
    Rule(46, "mode-changed", WARN, "row", "answered in another mode, or by a proxy"),
    Rule(47, "item-without-variance", WARN, "scale", "an item that everybody answers alike; no alpha"),
    Rule(48, "one-person-left", WARN, "scale", "one person left; no test"),
    # Codebook
    Rule(49, "code-repeated", REFUSE, "row", "the codebook lists a code twice", fixed=True),
    Rule(50, "code-parent-unknown", REFUSE, "cell", "a code's parent is not in the codebook", fixed=True),
    Rule(50, "code-parent-cyclic", REFUSE, "cell", "a code is its own ancestor", fixed=True),
    Rule(51, "code-without-definition", WARN, "row", "a code without a definition"),
    Rule(52, "direction-unknown", REFUSE, "cell", "an expected direction other than +, -, 0, ? or ±", fixed=True),
    Rule(
        53,
        "code-renamed",
        REFUSE,
        "file",
        "a code is gone from a later codebook and no mapping tells of it",
    ),
    Rule(53, "code-mapping-unknown", REFUSE, "row", "a mapping names a code or version that is not there", fixed=True),
    Rule(53, "code-redefined", WARN, "file", "a code means something else than in an earlier codebook"),
    Rule(53, "code-split", QUARANTINE, "row", "a code that was split since; which part is meant is open", fixed=True),
    Rule(53, "code-dropped", WARN, "row", "a code that was given up since; it is not counted"),
    # Coded notes
    Rule(54, "code-unknown", QUARANTINE, "row", "a code that is not in the codebook", fixed=True),
    Rule(55, "segment-without-participant", WARN, "row", "segments of nobody in particular; used for the group only"),
    Rule(56, "participant-not-in-survey", WARN, "row", "segments of a person who is not in the survey"),
    Rule(57, "speaker-unknown", WARN, "row", "a speaker who is not in the roster; used for the group only"),
    Rule(58, "segment-ids-differ", WARN, "row", "two coders gave one passage two ids; brought together by offsets"),
    Rule(58, "segment-id-ambiguous", QUARANTINE, "row", "one passage with two ids, or one id for two passages", True),
    Rule(59, "offsets-outside", QUARANTINE, "row", "offsets that lie outside the transcript", fixed=True),
    Rule(59, "offsets-text-differs", QUARANTINE, "row", "the text is not what stands at the offsets", fixed=True),
    Rule(60, "coding-repeated", WARN, "row", "one coder gave overlapping passages the same code; the first stands"),
    Rule(61, "one-coder", WARN, "file", "one coder; no agreement can be computed"),
    Rule(62, "coder-name-variants", WARN, "file", "names of coders that may be one person"),
    Rule(63, "originals-overwritten", REFUSE, "file", "reconciled codes stand in the place of what coders had given"),
    Rule(64, "coded-after-results", WARN, "file", "passages were coded by somebody who may have seen the results"),
    Rule(64, "stance-after-results", WARN, "file", "stances set by somebody who had seen the results"),
    Rule(65, "stance-finding-unknown", QUARANTINE, "row", "a stance on a finding that does not exist", fixed=True),
    Rule(65, "stance-segment-unknown", WARN, "row", "a stance on a segment that is not there"),
    Rule(65, "stance-unknown", QUARANTINE, "row", "a stance other than the four that there are", fixed=True),
    Rule(66, "stance-stale", WARN, "file", "stances on a finding that has changed since; they do not count"),
    Rule(67, "quote-altered", QUARANTINE, "row", "a quote that is longer than its source or was edited", fixed=True),
    Rule(68, "text-normalised", WARN, "file", "quotes match their source apart from quotation marks, breaks or emoji"),
    Rule(69, "speaker-role-differs", QUARANTINE, "row", "a professional's words under a citizen's role", fixed=True),
    Rule(70, "translation-without-original", WARN, "file", "translated quotes without the words before translation"),
    Rule(71, "segment-without-wave", QUARANTINE, "row", "a segment that belongs to no wave", fixed=True),
    Rule(71, "segment-before-wave", WARN, "row", "a segment dated before the wave that it belongs to"),
    # Projects of coding programs, and the filter before coding
    Rule(75, "format-loses", WARN, "file", "what a project holds and is not read, or had to be assumed"),
    Rule(76, "code-on-filtered", QUARANTINE, "row", "a code on a statement that the filter left out"),
)

RULES: Mapping[str, Rule] = {rule.id: rule for rule in CATALOGUE}


def severities(study: Study) -> dict[str, Severity | None]:
    """The severity of each rule in this study; None where the study switched the rule off.

    Raises StudyError where the study names a rule that does not exist or one whose severity cannot be set.
    """
    reasons = []
    for rule_id, wanted in study.rules.items():
        rule = RULES.get(rule_id)
        if rule is None:
            near = _nearest(rule_id)
            reasons.append(
                Reason(
                    f"there is no rule {rule_id}",
                    f"write {near}, or look the id up in docs/rules.md" if near else "look the id up in docs/rules.md",
                    f"study.yaml, rules.{rule_id}",
                )
            )
        elif rule.fixed and wanted != rule.severity:
            reasons.append(
                Reason(
                    f"rule {rule_id} ({rule.title}) is always {rule.severity.value}",
                    "take it out of rules: and mend the file instead",
                    f"study.yaml, rules.{rule_id}",
                )
            )
    if reasons:
        raise StudyError(*reasons)
    result: dict[str, Severity | None] = {rule.id: rule.severity for rule in CATALOGUE}
    for rule_id, wanted in study.rules.items():
        result[rule_id] = None if wanted == "off" else Severity(wanted)
    return result


def severity(study: Study, rule_id: str) -> Severity | None:
    """The severity of one rule in this study; None where it is switched off."""
    return severities(study)[rule_id]


def _nearest(rule_id: str) -> str | None:
    from difflib import get_close_matches

    return next(iter(get_close_matches(rule_id, RULES, n=1)), None)


def reference() -> str:
    """docs/rules.md: every rule, for people who read or set them."""
    lines = [
        "# Rules",
        "",
        "Every file is held against these rules. `coprod-trust check` names them; a study sets the severity of one by",
        "its id under `rules:` in study.yaml.",
        "",
        "- `refuse`: nothing of the file is imported.",
        "- `block`: the scale is not used in that wave.",
        "- `quarantine`: the row or cell waits for a person.",
        "- `warn`: used as it is, and told.",
        "- `off`: not told. A rule marked 'always' cannot be set: without it nothing could be read or told apart.",
        "",
        "| no. | id | default | about a | what it finds |",
        "|---|---|---|---|---|",
        *(
            f"| {r.number} | `{r.id}` | {r.severity.value}{' (always)' if r.fixed else ''} | {r.scope} | {r.title} |"
            for r in CATALOGUE
        ),
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    import sys

    sys.stdout.write(reference())
