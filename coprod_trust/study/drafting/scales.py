"""Which columns are items, which items make a scale, and how they were answered."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from difflib import SequenceMatcher
from itertools import combinations

from coprod_trust.study.drafting.facts import CONVENTIONAL, Facts, number
from coprod_trust.study.drafting.waves import WaveGuess
from coprod_trust.study.instrument import default_scales
from coprod_trust.study.model import Item, MissingReason, Scale

# Answer scales in use, the smaller first; the first that holds nearly all answers is taken.
_ENDS = ((1.0, 4.0), (1.0, 5.0), (1.0, 7.0), (0.0, 10.0), (1.0, 10.0), (0.0, 100.0))
_NEARLY = 0.97
_SIMILAR = 0.8
_WORDED: tuple[tuple[str, ...], ...] = (
    ("strongly disagree", "disagree", "neither agree nor disagree|neutral", "agree", "strongly agree"),
    (
        "helemaal mee oneens|zeer mee oneens|helemaal oneens|zeer oneens",
        "mee oneens|oneens|niet mee eens",
        "niet mee eens, niet mee oneens|niet mee eens en niet mee oneens|neutraal|niet eens, niet oneens",
        "mee eens|eens",
        "helemaal mee eens|zeer mee eens|helemaal eens|zeer eens",
    ),
    ("never", "rarely|seldom", "sometimes", "often", "always"),
    ("nooit", "zelden", "soms", "vaak", "altijd"),
    ("not at all", "a little", "somewhat|moderately", "quite a bit|a lot", "completely|extremely"),
    ("helemaal niet", "een beetje|nauwelijks", "enigszins|redelijk", "grotendeels|veel", "helemaal|volledig"),
)
_DIMENSIONS = (
    ("provider", r"provider|aanbieder|organi[sz]ation|organisatie|stichting|instelling|workshop|dienstverlener|prov"),
    ("municipal", r"municipal\w*|gemeente\w*|local government|council|trust\w* government - local|muni|gem"),
    ("peers", r"peers?|mede-?deelnemers?|fellow|other participants|andere deelnemers|groepsgenoten"),
    ("interpersonal", r"neighbou?rs|neighbou?rhood|buren|buurt|people you know|bekenden|inter"),
    ("generalized", r"general(i[sz]ed)?|most people|in het algemeen|de meeste mensen|gen|algemeen"),
)
_TRUST = re.compile(r"trust|vertrouw|wantrouw")


@dataclass(frozen=True)
class Question:
    """One item over the waves: the column in each, and what is in it."""

    id: str
    columns: dict[str, str]
    facts: dict[str, tuple[Facts, ...]]
    renamed: str = ""

    @property
    def label(self) -> str:
        return next((f.label for fs in self.facts.values() for f in fs if f.label), "") or ""

    @property
    def name(self) -> str:
        return next(iter(self.columns.values()))

    def labels(self) -> dict[str, str]:
        """Wave: the label there, white space made plain."""
        return {w: " ".join(f.label.split()) for w, fs in self.facts.items() for f in fs[:1] if f.label}

    def all(self) -> list[Facts]:
        return [f for fs in self.facts.values() for f in fs]


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


def slug(text: str, fallback: str = "q") -> str:
    """An id: small letters, digits and single underscores, beginning with a letter, at most 48 signs."""
    plain = re.sub(r"[^a-z0-9]+", "_", text.casefold().encode("ascii", "ignore").decode()).strip("_")
    if not plain or not plain[0].isalpha():
        plain = f"{fallback}_{plain}".strip("_")
    return plain[:48].strip("_")


def looks_like_item(column: Facts) -> bool:
    """A few different answers, nearly all whole numbers between 0 and 100, or the words of an answer scale."""
    answers = column.answers
    if not answers:
        return False
    if _worded(column):
        return True
    values = Counter({v: n for v, n in column.numbers.items() if v not in CONVENTIONAL or 0 <= v <= 10})
    labelled = [v for code in column.value_labels if code not in column.missing and (v := number(code)) is not None]
    if values.total() < 0.8 * answers.total() or not values or min(values) < 0 or max(values) > 100:
        return False
    distinct = set(values) | set(labelled)
    return max(distinct) - min(distinct) >= 2 and (len(distinct) <= 12 or max(values) > 12)


def _worded(column: Facts) -> tuple[str, ...] | None:
    """The answer scale whose words are used, or None."""
    words = {" ".join(v.casefold().split()) for v in column.answers}
    for scale in _WORDED:
        if len(words) >= 2 and all(any(re.fullmatch(w, x) for w in scale) for x in words):
            return scale
    return None


def questions_of(waves: Sequence[WaveGuess], taken: set[str]) -> list[Question]:
    """Columns that look like items, the same one over the waves under one id; renamed ones are joined."""
    found: dict[str, dict[str, list[Facts]]] = {}
    for w in waves:
        for f in w.files:
            for name, column in f.facts.columns.items():
                if name not in taken:
                    found.setdefault(name.casefold(), {}).setdefault(w.id, []).append(column)
    questions: list[Question] = []
    ids: set[str] = set()
    for by_wave in found.values():
        if not any(looks_like_item(c) for cs in by_wave.values() for c in cs):
            continue
        name = next(c.name for cs in by_wave.values() for c in cs)
        id_ = slug(name)
        while id_ in ids:
            id_ = slug(f"{id_[:40]}_{len(ids)}")
        ids.add(id_)
        columns = {w: cs[0].name for w, cs in by_wave.items()}
        questions.append(Question(id_, columns, {w: tuple(cs) for w, cs in by_wave.items()}))
    return _join_renamed(questions, [w.id for w in waves])


def _alike(a: str, b: str) -> float:
    """How alike two texts are, from 0 to 1; 0 where it cannot reach what counts as similar."""
    matcher = SequenceMatcher(None, a, b)
    if matcher.real_quick_ratio() < _SIMILAR or matcher.quick_ratio() < _SIMILAR:
        return 0.0
    return matcher.ratio()


def similarity(a: Question, b: Question) -> tuple[float, str]:
    """How alike two questions are by name or by label, from 0 to 1, and in what."""
    names = a.name.casefold(), b.name.casefold()
    letters = [re.sub(r"[\W\d_]+", "", name) for name in names]
    # Names that differ in their number alone are two items of one scale; names of a letter and a number say nothing.
    by_name = _alike(*names) if letters[0] != letters[1] and min(map(len, letters)) >= 4 else 0.0
    by_label = 0.0
    if a.label and b.label:
        by_label = _alike(a.label.casefold(), b.label.casefold())
        words = [set(re.findall(r"\w{3,}", q.label.casefold())) for q in (a, b)]
        answers = {tuple(f.value_labels.values()) for q in (a, b) for f in q.all()}
        if min(map(len, words)) >= 2 and len(answers) == 1 and next(iter(answers)):
            by_label = max(by_label, len(words[0] & words[1]) / min(map(len, words)))
    return max((by_name, f"'{a.name}' and '{b.name}' are alike"), (by_label, "the labels are alike"))


def _join_renamed(questions: list[Question], waves: list[str]) -> list[Question]:
    """Join a question that stops with a similar one that begins, the most similar first."""
    pairs = []
    for a, b in combinations(range(len(questions)), 2):
        first, second = questions[a], questions[b]
        if set(first.columns) & set(second.columns):
            continue
        score, why = similarity(first, second)
        if score >= _SIMILAR:
            pairs.append((score, a, b, why))
    joined: dict[int, Question] = dict(enumerate(questions))
    for _, a, b, why in sorted(pairs, key=lambda p: -p[0]):
        if a not in joined or b not in joined or set(joined[a].columns) & set(joined[b].columns):
            continue
        first, second = sorted((joined[a], joined[b]), key=lambda q: waves.index(next(iter(q.columns))))
        joined[a] = replace(
            first, columns={**first.columns, **second.columns}, facts={**first.facts, **second.facts}, renamed=why
        )
        del joined[b]
    return list(joined.values())


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
    return _with_dimensions(scales), alone


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
    if any(_worded(f) for f in question.all()):
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
    words = next((w for c in columns if (w := _worded(c))), None)
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
    steps = next((w for c in columns if (w := _worded(c)) and len(w) == high - low + 1), ())
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
                    s = replace(s, dimension=dimension, dimension_why="words in its names and labels")
                    break
        result.append(s)
    return result
