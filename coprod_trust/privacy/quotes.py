"""The one gate for quotes: whose words may be printed, and which are chosen.

Words leave only with the speaker's consent to be quoted in such an edition, not withdrawn, with the parts left out
that a person marked, when no screen stops anything in what remains, and once a person has released them. Until then the
paraphrase stands in their place.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from coprod_trust.decisions import QuoteRelease
from coprod_trust.notes.documents import ROLES
from coprod_trust.privacy.disclosure import Edition
from coprod_trust.privacy.screens import Hit, Kind, screen, words_of
from coprod_trust.store import insert_rows, sql
from coprod_trust.study import Study

if TYPE_CHECKING:
    import duckdb

MOST_PER_PERSON = 2
GRANTED = frozenset({"yes", "public", "internal"})
GRANTED_IN_PUBLIC = frozenset({"yes", "public"})
LEFT_OUT = "[…]"
NOT_RELEASED = "nobody has released the words"
CONTRASTS = "contrasts"

STOPPED_BY: dict[Kind, str] = {
    "name": "a name, or a word that may be one",
    "email": "an e-mail address or an account",
    "phone": "a telephone number",
    "address": "an address",
    "id": "a participant's id",
    "date": "a date",
}


_PARTICLES = frozenset({"van", "de", "der", "den", "ter", "ten", "het", "von", "di", "da", "el", "al", "bin"})
# Words of labels that speakers are given in place of a name.
_LABELS = frozenset(
    {
        *ROLES, "the", "our", "a", "speaker", "person", "man", "woman", "voice", "unknown", "other", "others", "group",
        "team", "member", "leader", "coach", "coordinator", "teacher", "trainer", "officer", "policeman", "volunteer",
        "deelnemer", "begeleider", "interviewer", "several", "all", "alderman", "supervisor", "worker", "nurse",
    }
)  # fmt: skip


@dataclass(frozen=True)
class Judged:
    """Whether the words of a segment may be printed: by consent and screens (``may_quote``), and whether a person has
    released them, for which edition. ``words`` are those, with what was marked left out. ``in_public``: the consent
    covers a public edition. ``reasons`` say why the words are not printed, without the words. ``filter_reason``: why
    the statement was left out or kept, where no screen stops it."""

    segment_id: str
    may_quote: bool
    may_paraphrase: bool
    in_public: bool
    released: Edition | None
    words: str | None
    reasons: tuple[str, ...]
    filter_reason: str | None = None


@dataclass(frozen=True)
class Quote:
    """Words chosen for a code. ``paraphrased`` marks words that are the coder's, not the speaker's; ``stance`` is
    confirms, contrasts, expands or mentions where a coder gave it."""

    code: str
    segment_id: str
    text: str
    paraphrased: bool
    stance: str | None
    wave: str
    single_coded: bool


@dataclass(frozen=True)
class Passage:
    """What the gate looks at."""

    segment_id: str
    consent: str | None
    citizen: bool
    text: str | None
    paraphrase: str | None
    filter_reason: str | None = None


def judge(
    passages: Iterable[Passage],
    study: Study,
    releases: Mapping[str, QuoteRelease] | None = None,
    *,
    participants: Collection[str] = (),
    names: Collection[str] = (),
) -> list[Judged]:
    """The gate's decision on each passage; ``names`` are names that are known, such as those of speakers, and
    ``releases`` what a person decided last, by segment."""
    screens = Screens(study, participants, names)
    return [_judged(p, (releases or {}).get(p.segment_id), screens) for p in passages]


@dataclass(frozen=True)
class Screens:
    """Everything that tells what identifies a person in this study."""

    study: Study
    participants: Collection[str]
    names: Collection[str]

    def hits(self, text: str) -> tuple[Hit, ...]:
        """What the screens stop, and where."""
        study = self.study
        ordinary = words_of(study.provider_name, study.municipality_name, study.title)
        return screen(text, names=self.names, ordinary=ordinary, ids=study.ids, participants=self.participants)

    def reasons(self, text: str, spans: str | None = None) -> tuple[str, ...]:
        """The same in words, each kind once, but for what lies wholly in the parts left out.

        The words are looked at as they were said: leaving a part out changes what begins a sentence.
        """
        hidden = left_out(text, spans) or [False] * len(text)
        kinds = (h.kind for h in self.hits(text) if not all(hidden[h.start : h.end]))
        return tuple(f"holds {STOPPED_BY[kind]}" for kind in dict.fromkeys(kinds))


def _judged(p: Passage, release: QuoteRelease | None, screens: Screens) -> Judged:
    barred = _barred(p)
    text, doubt, spans = p.text, NOT_RELEASED, None
    if release is not None and release.released and p.text:
        redacted = redact(p.text, release.redact)
        if release.words != fingerprint(p.text):
            release, doubt = None, "the words changed since they were released"
        elif redacted is None:
            release, doubt = None, "the parts to leave out do not fit the words"
        else:
            text, spans = redacted, release.redact
    else:
        release = None
    stopped = screens.reasons(p.text, spans) if p.text else ("no words were handed in",)
    in_public = p.consent in GRANTED_IN_PUBLIC and p.citizen
    out = release is not None and not barred and not stopped
    edition = None
    if out and release is not None:
        edition = Edition.PUBLIC if release.edition == "public" and in_public else Edition.INTERNAL
    return Judged(
        p.segment_id,
        may_quote=not barred and not stopped,
        may_paraphrase=not barred and bool(p.paraphrase) and not screens.reasons(p.paraphrase or ""),
        in_public=in_public,
        released=edition,
        words=text if out else None,
        reasons=barred or stopped or (() if out else (doubt,)),
        filter_reason=p.filter_reason if p.filter_reason and not screens.reasons(p.filter_reason) else None,
    )


def fingerprint(words: str) -> str:
    """The first 16 digits of the SHA-256 of the words as handed in."""
    return hashlib.sha256(words.encode()).hexdigest()[:16]


def redact(words: str, spans: str | None) -> str | None:
    """The words with the parts left out that ``spans`` name, such as ``4-11 30-38``; None where these do not fit."""
    hidden = left_out(words, spans)
    if hidden is None:
        return None
    runs = groupby(zip(words, hidden, strict=True), key=lambda pair: pair[1])
    return "".join(LEFT_OUT if out else "".join(c for c, _ in run) for out, run in runs)


def left_out(words: str, spans: str | None) -> list[bool] | None:
    """For each character whether it is left out; None where the spans lie outside or overlap.

    A word of which any part is named is left out as a whole: half a name is still one.
    """
    hidden = [False] * len(words)
    for span in (spans or "").replace(";", " ").split():
        start, end = map(int, span.split("-"))
        if not start < end <= len(words) or any(hidden[start:end]):
            return None
        hidden[start:end] = [True] * (end - start)
    for word in re.finditer(r"[\w'’-]+", words):
        if any(hidden[slice(*word.span())]):
            hidden[slice(*word.span())] = [True] * len(word.group())
    return hidden


def _barred(p: Passage) -> tuple[str, ...]:
    if p.consent == "withdrawn":
        return ("the consent to be quoted was withdrawn",)
    if p.consent not in GRANTED:
        return ("no consent to be quoted",)
    return () if p.citizen else ("not the words of a citizen",)


def judge_segments(con: duckdb.DuckDBPyConnection, study: Study, releases: Iterable[QuoteRelease] = ()) -> list[Judged]:
    """The gate's decision on every segment of the working database."""
    return judge(
        passages_of(con),
        study,
        {r.segment_id: r for r in releases},
        participants=_participants(con),
        names=_names(con),
    )


def passages_of(con: duckdb.DuckDBPyConnection) -> list[Passage]:
    """Every segment, as the gate looks at it."""
    return [Passage(*row) for row in sql.run(con, "notes/passages").fetchall()]


def screens_of(con: duckdb.DuckDBPyConnection, study: Study) -> Screens:
    """The screens for the working database."""
    return Screens(study, _participants(con), _names(con))


def store_gate(con: duckdb.DuckDBPyConnection, study: Study, releases: Iterable[QuoteRelease] = ()) -> int:
    """Rebuild ``quote_gate``; returns how many segments may be quoted as soon as a person releases them."""
    judged = judge_segments(con, study, releases)
    con.execute("DELETE FROM quote_gate")
    rows = [
        (
            j.segment_id,
            j.may_quote,
            j.may_paraphrase,
            j.in_public,
            j.released,
            j.words,
            "; ".join(j.reasons) or None,
            j.filter_reason,
        )
        for j in judged
    ]
    insert_rows(con, "quote_gate", rows)
    return sum(j.may_quote for j in judged)


@dataclass(frozen=True)
class Candidate:
    """A reconciled segment of a code that the gate lets through."""

    code: str
    segment_id: str
    person: str
    text: str
    paraphrased: bool
    stance: str | None
    wave: str
    single_coded: bool


def select_quotes(
    con: duckdb.DuckDBPyConnection, study: Study, per_code: int = 2, edition: Edition = Edition.INTERNAL
) -> list[Quote]:
    """Quotes for each code, the same at each run: of ``per_code``, one contrasts where a coder marked one that does.

    Reads ``quote_gate``. Released words go before paraphrases. At most two quotes a person over all codes, one person
    once a code, a segment once.
    """
    rows = sql.run(con, "notes/candidates", {"public": edition is Edition.PUBLIC}).fetchall()
    return choose([Candidate(*row) for row in rows], study.plan.seed, per_code)


def choose(candidates: Sequence[Candidate], seed: int, per_code: int) -> list[Quote]:
    """The choice itself. Codes with the fewest candidates go first, so that a rare code is not left without."""

    def order(c: Candidate) -> tuple[bool, bool, str]:
        lot = hashlib.sha256(f"{seed}\x1f{c.code}\x1f{c.segment_id}".encode()).hexdigest()
        return c.paraphrased, c.single_coded, lot

    said: Counter[str] = Counter()
    used: set[str] = set()
    quotes: list[Quote] = []
    sizes = Counter(c.code for c in candidates)
    for code in sorted(sizes, key=lambda k: (sizes[k], k)):
        of_code = sorted((c for c in candidates if c.code == code), key=order)
        against = [c for c in of_code if c.stance == CONTRASTS]
        others = [c for c in of_code if c.stance != CONTRASTS]
        wanted = [(others, per_code - (1 if against and per_code > 1 else 0)), (against, per_code), (others, per_code)]
        taken: list[Candidate] = []
        for pool, upto in wanted:
            for c in pool:
                if len(taken) >= upto:
                    break
                fresh = c.person not in {t.person for t in taken} and c.segment_id not in used
                if fresh and said[c.person] < MOST_PER_PERSON:
                    taken.append(c)
                    said[c.person] += 1
                    used.add(c.segment_id)
        quotes += [Quote(code, c.segment_id, c.text, c.paraphrased, c.stance, c.wave, c.single_coded) for c in taken]
    return sorted(quotes, key=lambda q: (q.code, q.stance == CONTRASTS, q.segment_id))


def _participants(con: duckdb.DuckDBPyConnection) -> frozenset[str]:
    """Ids that occur in the notes; those of the whole survey are told by the study's pattern."""
    rows = con.execute("SELECT DISTINCT participant_id FROM segment WHERE participant_id IS NOT NULL").fetchall()
    return frozenset(p for (p,) in rows)


def _names(con: duckdb.DuckDBPyConnection) -> frozenset[str]:
    """The words of speakers' labels that look like a person's name."""
    rows = con.execute(
        "SELECT speaker FROM roster WHERE speaker <> '' UNION SELECT speaker FROM segment WHERE speaker <> ''"
    ).fetchall()
    return frozenset(part for (speaker,) in rows for part in name_parts(speaker))


def name_parts(label: str) -> tuple[str, ...]:
    """The words of a speaker's label where it looks like a name, such as 'Ida van Dam'; none of 'R1', 'Coach' or
    'The coordinator'. They are then looked for in any case, so a label that is no name must not get here."""
    parts = [p for p in label.replace(".", " ").split() if p not in _PARTICLES]
    if not all(p.isalpha() and p[0].isupper() for p in parts) or any(p.casefold() in _LABELS for p in parts):
        return ()
    return tuple(p for p in parts if len(p) >= 3)
