"""Which items make a scale, and how they were answered."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from coprod_trust.study.drafting.facts import CONVENTIONAL, Facts, number
from coprod_trust.study.drafting.questions import Question, slug, worded
from coprod_trust.study.instrument import default_scales
from coprod_trust.study.model import Item, MissingReason, Scale

# Answer scales in use, the smaller first; the first that holds nearly all answers is taken.
_ENDS = ((1.0, 4.0), (1.0, 5.0), (1.0, 7.0), (0.0, 10.0), (1.0, 10.0), (0.0, 100.0))
_NEARLY = 0.97
_FEW_WORDS = 6
_FEW_STEPS = 7  # longer answer scales are used in parts by whoever answers
_DIMENSIONS = (
    ("provider", r"provider|aanbieder|organi[sz]ation|organisatie|stichting|instelling|workshop|dienstverlener|prov"),
    ("municipal", r"municipal\w*|gemeente\w*|local government|council|trust\w* government - local|muni|gem"),
    ("peers", r"peers?|mede-?deelnemers?|fellow|other participants|andere deelnemers|groepsgenoten"),
    ("interpersonal", r"neighbou?rs|neighbou?rhood|buren|buurt|people you know|bekenden|inter"),
    ("generalized", r"general(i[sz]ed)?|most people|in het algemeen|de meeste mensen|gen|algemeen"),
)
_TRUST = re.compile(r"trust|vertrouw|wantrouw")


@dataclass(frozen=True)
class ScaleGuess:
    """A scale, what its items are, and why."""

    id: str
    label: str
    low: float
    high: float
    questions: tuple[Question, ...]
    why: str
    dimension: str | None = None
    dimension_why: str = ""
    waves: tuple[str, ...] | None = None
    responses: dict[str, tuple[float, float]] = field(default_factory=dict)
    value_labels: dict[str, float] = field(default_factory=dict)
    missing: dict[str, MissingReason] = field(default_factory=dict)
    guessed_missing: tuple[str, ...] = ()
    integer: bool = True
    participants_only: bool = False
    known: Scale | None = None

    def item(self, question: Question) -> Item | None:
        """The item of the default instrument that a question is, or None."""
        return next((i for i in self.known.items if i.id == question.id), None) if self.known else None


def guess_scales(questions: Sequence[Question], waves: Sequence[str]) -> tuple[list[ScaleGuess], list[Question]]:
    """Scales in the order of their first item, and the questions that belong to none."""
    scales: list[ScaleGuess] = []
    rest = list(questions)
    for known in default_scales():
        ids = [i.id for i in known.items]
        own = [q for q in rest if q.id in ids]
        if len(own) >= min(2, len(ids)):
            rest = [q for q in rest if q not in own]
            own.sort(key=lambda q: ids.index(q.id))
            scales.append(_known_scale(known, own, waves))
    groups: dict[tuple[str, object], list[Question]] = {}
    for q in rest:
        groups.setdefault((_stem(q.name), _answers_of(q)), []).append(q)
    alone = []
    for (stem, _), members in groups.items():
        if len(members) == 1 and not _TRUST.search(f"{members[0].name} {members[0].label}".casefold()):
            alone += members
            continue
        guess = _new_scale(stem, members, waves, {s.id for s in scales} | {q.id for q in questions if len(members) > 1})
        if guess is None:
            alone += members
        else:
            scales.append(guess)
    return _with_dimensions(_as_the_others(scales)), alone


def _as_the_others(scales: Sequence[ScaleGuess]) -> list[ScaleGuess]:
    """A scale of which only a part of the answers was given runs as far as two others of the questionnaire that begin
    with the same number do; ends that labels or words give stand."""

    def inferred(s: ScaleGuess) -> bool:
        return s.known is None and not any(f.value_labels or worded(f) for q in s.questions for f in q.all())

    found = []
    for s in scales:
        ends = Counter(o.high for o in scales if o is not s and inferred(o) and o.low == s.low)
        high, times = max(ends.items(), key=lambda e: (e[1], e[0]), default=(s.high, 0))
        wider = inferred(s) and times >= 2 and s.high < high <= _FEW_STEPS
        found.append(replace(s, high=high) if wider else s)
    return found


def _stem(name: str) -> str:
    """What the names of the items of one scale share: trust of trust_1, trust[SQ2] and Trust3."""
    plain = re.sub(r"\[.*\]$|\(.*\)$", "", name.casefold())
    numbered = re.fullmatch(r"(.*[^\W\d].*?)[ _.-]*\d+[a-z]?(_r|r)?", plain)
    if numbered:
        return numbered.group(1)
    return plain.partition("_")[0] if "_" in plain else plain


def _answers_of(question: Question) -> object:
    """What the items of one scale have in common in how they are answered: the labels, else the ends."""
    labels = {tuple(sorted(f.value_labels.items())) for f in question.all() if f.value_labels}
    if labels:
        return min(labels)
    if any(worded(f) for f in question.all()):
        return "words"
    ends = _ends(question.all())
    return "0-100" if ends and ends[1] > 10 else "numbers"


def _ends(columns: Sequence[Facts]) -> tuple[float, float] | None:
    """The ends of the answer scale: those labelled, else the smallest in use that holds nearly all answers."""
    numbers: Counter[float] = Counter()
    labelled: set[float] = set()
    for c in columns:
        numbers += Counter({v: n for v, n in c.numbers.items() if v not in CONVENTIONAL or 0 <= v <= 10})
        labelled |= {v for code in c.value_labels if code not in c.missing and (v := number(code)) is not None}
    if not numbers and not labelled:
        return None
    if len(labelled) >= 2 and max(labelled) - min(labelled) >= 2:
        inside = sum(n for v, n in numbers.items() if min(labelled) <= v <= max(labelled))
        if inside >= _NEARLY * numbers.total():
            return min(labelled), max(labelled)
    for low, high in _ENDS:
        if sum(n for v, n in numbers.items() if low <= v <= high) >= _NEARLY * numbers.total():
            return low, high
    return (min(numbers), max(numbers)) if min(numbers) < max(numbers) else None


def _outside(columns: Sequence[Facts], low: float, high: float) -> dict[str, MissingReason]:
    """Missing codes of these columns, and numbers outside the ends that surveys use as such."""
    codes: dict[str, MissingReason] = {}
    for c in columns:
        for code, reason in c.missing.items():
            value = number(code)
            if value is None or not low <= value <= high:
                codes.setdefault(code, reason)
        for value in c.numbers:
            if value in CONVENTIONAL and not low <= value <= high:
                codes.setdefault(f"{value:g}", CONVENTIONAL[value])
    return codes


def _by_wave(members: Sequence[Question], wave: str) -> list[Facts]:
    return [f for q in members for f in q.facts.get(wave, ())]


def _known_scale(known: Scale, own: list[Question], waves: Sequence[str]) -> ScaleGuess:
    why = f"the columns are named as the items of scale {known.id} of the default instrument"
    return _complete(
        ScaleGuess(
            known.id,
            known.label,
            known.low,
            known.high,
            tuple(own),
            why,
            str(known.dimension or "") or None,
            known=known,
        ),
        waves,
    )


def _new_scale(stem: str, members: list[Question], waves: Sequence[str], taken: set[str]) -> ScaleGuess | None:
    first = next((w for w in waves if _by_wave(members, w)), None)
    if first is None:
        return None
    columns = _by_wave(members, first)
    words = worded(*columns) or next((w for c in columns if (w := worded(c))), None)
    ends = (1.0, float(len(words))) if words else _ends(columns)
    if ends is None or ends[1] - ends[0] < 2:
        return None
    id_ = slug(stem or members[0].name, "scale")
    while id_ in taken:
        id_ = slug(f"{id_[:42]}_{len(taken)}")
    label = _common_label(members) or stem.strip(" _-.") or id_
    why = (
        f"{len(members)} columns begin with '{stem.strip(' _-.')}' and are answered alike"
        if len(members) > 1
        else "its name or label speaks of trust"
    )
    return _complete(ScaleGuess(id_, " ".join(label.split())[:80], *ends, tuple(members), why), waves)


def _common_label(members: Sequence[Question]) -> str:
    """What the labels of the items begin with, where that says anything."""
    labels = [q.label for q in members if q.label]
    shared = labels[0] if labels and len(labels) == len(members) else ""
    while shared and not all(label.startswith(shared) for label in labels):
        shared = shared[:-1]
    if len(labels) > 1:
        shared = re.sub(r"\W*\w*$", "", shared) if not all(label == shared for label in labels) else shared
    return shared.strip(" -:;,.(") if len(shared) >= 6 else ""


def _texts(columns: Sequence[Facts], low: float, high: float) -> dict[str, float]:
    """What the answers in words count for: by the labels of another file, else by the words of a known answer scale
    with as many steps."""
    labels = {
        " ".join(label.casefold().split()): value
        for c in columns
        for code, label in c.value_labels.items()
        if code not in c.missing and (value := number(code)) is not None and low <= value <= high
    }
    known = (worded(*columns), *(worded(c) for c in columns))
    steps = next((w for w in known if w and len(w) == high - low + 1), ())
    found: dict[str, float] = {}
    for text in dict.fromkeys(v for c in columns for v in c.answers if number(v) is None):
        plain = " ".join(text.casefold().split())
        step = next((low + i for i, word in enumerate(steps) if re.fullmatch(word, plain)), None)
        value = labels.get(plain, step)
        if value is not None:
            found[text] = value
    return found


def _complete(guess: ScaleGuess, waves: Sequence[str]) -> ScaleGuess:
    """With the waves that asked it, other response formats, missing codes, and whether answers are whole."""
    asked = tuple(w for w in waves if _by_wave(guess.questions, w))
    responses = {}
    for w in asked:
        columns = _by_wave(guess.questions, w)
        numbers = sum((c.numbers for c in columns), Counter[float]())
        valid = Counter({v: n for v, n in numbers.items() if v not in CONVENTIONAL or 0 <= v <= 10})
        inside = sum(n for v, n in valid.items() if guess.low <= v <= guess.high)
        own = _ends(columns)
        if own and valid and inside < 0.9 * valid.total() and own != (guess.low, guess.high) and own[0] < own[1]:
            responses[w] = own
    columns = [f for q in guess.questions for f in q.all()]
    low = min([guess.low, *(r[0] for r in responses.values())])
    high = max([guess.high, *(r[1] for r in responses.values())])
    missing = _outside(columns, low, high)
    declared = {code for c in columns for code in c.missing}
    numbers = sum((c.numbers for c in columns), Counter[float]())
    fractions = sum(n for v, n in numbers.items() if v != int(v))
    return replace(
        guess,
        waves=asked if asked != tuple(waves) else None,
        value_labels=_texts(columns, guess.low, guess.high),
        responses=responses,
        missing=missing,
        guessed_missing=tuple(code for code in missing if code not in declared),
        integer=fractions <= 0.05 * max(1, numbers.total()),
    )


def share_missing(
    scales: Sequence[ScaleGuess],
) -> tuple[list[ScaleGuess], dict[str, MissingReason], tuple[str, ...]]:
    """The scales without the missing codes that hold for the whole study, those codes, and which of them were assumed.

    A code holds for the study where it is an answer of no scale and no two scales give it different meanings.
    """
    ends = [e for s in scales for e in ((s.low, s.high), *s.responses.values())]
    meanings: dict[str, set[MissingReason]] = {}
    for s in scales:
        for code, reason in s.missing.items():
            meanings.setdefault(code, set()).add(reason)
    shared = {
        code: next(iter(reasons))
        for code, reasons in meanings.items()
        if len(reasons) == 1
        and not any(low <= value <= high for low, high in ends if (value := number(code)) is not None)
    }
    declared = {code for s in scales for code in s.missing if code not in s.guessed_missing}
    rest = [replace(s, missing={k: v for k, v in s.missing.items() if k not in shared}) for s in scales]
    return rest, shared, tuple(code for code in shared if code not in declared)


def _label(found: str, dimension: str) -> str:
    """How the report's sentences speak of a scale: as the default instrument does, unless the columns have a name for
    it that fits there (a question does not)."""
    usual = next((s.label for s in default_scales() if s.dimension == dimension), found)
    fits = "trust" in found.casefold() or "vertrouwen" in found.casefold()
    return found if fits and len(found.split()) <= _FEW_WORDS and not re.search(r"[?.]", found) else usual


def _with_dimensions(scales: list[ScaleGuess]) -> list[ScaleGuess]:
    """With the trust dimension of each scale, at most one scale a dimension."""
    used = {s.dimension for s in scales if s.dimension}
    result = []
    for s in scales:
        words = f"{s.id} {s.label} " + " ".join(f"{q.name} {q.label}" for q in s.questions)
        if s.dimension is None and _TRUST.search(words.casefold()):
            texts = words.casefold()
            for dimension, pattern in _DIMENSIONS:
                if re.search(rf"(?<![a-z])({pattern})(?![a-z])", texts) and dimension not in used:
                    used.add(dimension)
                    why = "words in its names and labels"
                    s = replace(s, dimension=dimension, dimension_why=why, label=_label(s.label, dimension))
                    break
        result.append(s)
    return result
