"""The one gate for quotes: whose words may be printed, and which are chosen.

Words leave only with the speaker's consent to be quoted, not withdrawn, and when no screen stops them. A screen lets
more through than a careful reader would, so until a person has released the quotes they are for the internal edition
only; the public edition prints none.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from coprod_trust.notes.documents import ROLES
from coprod_trust.privacy.disclosure import Edition
from coprod_trust.privacy.screens import Kind, screen, words_of
from coprod_trust.store import insert_rows, sql
from coprod_trust.study import Study

if TYPE_CHECKING:
    import duckdb

MOST_PER_PERSON = 2
GRANTED = frozenset({"yes", "public", "internal"})
CONTRASTS = "contrasts"

_STOPPED_BY: dict[Kind, str] = {
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
    """Whether the words of a segment may be printed. ``reasons`` say why not, without the words."""

    segment_id: str
    may_quote: bool
    may_paraphrase: bool
    reasons: tuple[str, ...]


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


def judge(
    passages: Iterable[Passage], study: Study, *, participants: Collection[str] = (), names: Collection[str] = ()
) -> list[Judged]:
    """The gate's decision on each passage; ``names`` are names that are known, such as those of speakers."""
    ordinary = words_of(study.provider_name, study.municipality_name, study.title)

    def stopped(text: str) -> tuple[str, ...]:
        hits = screen(text, names=names, ordinary=ordinary, ids=study.ids, participants=participants)
        return tuple(f"holds {_STOPPED_BY[kind]}" for kind in dict.fromkeys(h.kind for h in hits))

    judged = []
    for p in passages:
        barred = _barred(p)
        found = stopped(p.text) if p.text else ("no words were handed in",)
        judged.append(
            Judged(
                p.segment_id,
                may_quote=not barred and not found,
                may_paraphrase=not barred and bool(p.paraphrase) and not stopped(p.paraphrase or ""),
                reasons=barred or found,
            )
        )
    return judged


def _barred(p: Passage) -> tuple[str, ...]:
    if p.consent == "withdrawn":
        return ("the consent to be quoted was withdrawn",)
    if p.consent not in GRANTED:
        return ("no consent to be quoted",)
    return () if p.citizen else ("not the words of a citizen",)


def judge_segments(con: duckdb.DuckDBPyConnection, study: Study) -> list[Judged]:
    """The gate's decision on every segment of the working database."""
    passages = [Passage(*row) for row in sql.run(con, "notes/passages").fetchall()]
    return judge(passages, study, participants=_participants(con), names=_names(con))


def store_gate(con: duckdb.DuckDBPyConnection, study: Study) -> int:
    """Rebuild ``quote_gate``; returns how many segments may be quoted."""
    judged = judge_segments(con, study)
    con.execute("DELETE FROM quote_gate")
    rows = [(j.segment_id, j.may_quote, j.may_paraphrase, "; ".join(j.reasons) or None) for j in judged]
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

    Reads ``quote_gate``. At most two quotes a person over all codes, one person once a code, a segment once. The
    public edition has none until a person can release them.
    """
    if edition is not Edition.INTERNAL:
        return []
    return choose([Candidate(*row) for row in sql.run(con, "notes/candidates").fetchall()], study.plan.seed, per_code)


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
