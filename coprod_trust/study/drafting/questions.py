"""Which columns are items, and which of them are one question under two names."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from itertools import combinations

from coprod_trust.study.drafting.facts import CONVENTIONAL, Facts, number
from coprod_trust.study.drafting.waves import WaveGuess

_SIMILAR = 0.8
# The words of answer scales, the lowest first.
_WORDED: tuple[tuple[str, ...], ...] = (
    ("strongly disagree", "disagree", "neither agree nor disagree|neutral", "agree", "strongly agree"),
    (
        "strongly disagree",
        "somewhat disagree",
        "neither agree nor disagree|neutral",
        "somewhat agree",
        "strongly agree",
    ),
    (
        "strongly disagree",
        "disagree",
        "somewhat disagree",
        "neither agree nor disagree|neutral",
        "somewhat agree",
        "agree",
        "strongly agree",
    ),
    (
        "helemaal mee oneens|zeer mee oneens|helemaal oneens|zeer oneens",
        "mee oneens|oneens|niet mee eens",
        "niet mee eens, niet mee oneens|niet mee eens en niet mee oneens|neutraal|niet eens, niet oneens",
        "mee eens|eens",
        "helemaal mee eens|zeer mee eens|helemaal eens|zeer eens",
    ),
    ("never", "rarely|seldom", "sometimes", "often", "always"),
    ("nooit", "zelden", "soms", "vaak", "altijd"),
    ("not at all", "a little|slightly", "somewhat|moderately", "quite|quite a bit|a lot|very", "completely|extremely"),
    ("none at all", "not very much", "quite a lot", "a great deal"),
    (
        "(i )?do not trust( them)? at all|no trust at all",
        "(i )?do not trust( them)? very much|not very much trust",
        "(i )?(somewhat trust|trust( them)? somewhat)|some trust",
        "(i )?(completely trust|trust( them)? completely)",
    ),
    ("helemaal niet", "een beetje|nauwelijks", "enigszins|redelijk", "grotendeels|veel", "helemaal|volledig"),
)


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
    if worded(column):
        return True
    values = Counter({v: n for v, n in column.numbers.items() if v not in CONVENTIONAL or 0 <= v <= 10})
    labelled = [v for code in column.value_labels if code not in column.missing and (v := number(code)) is not None]
    if values.total() < 0.8 * answers.total() or not values or min(values) < 0 or max(values) > 100:
        return False
    distinct = set(values) | set(labelled)
    return max(distinct) - min(distinct) >= 2 and (len(distinct) <= 12 or max(values) > 12)


def worded(*columns: Facts) -> tuple[str, ...] | None:
    """The answer scale whose words are used in all of these columns, or None."""
    words = {" ".join(v.casefold().split()) for column in columns for v in column.answers}
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
