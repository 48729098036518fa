"""Two coders: who read what, and where they differ."""

from __future__ import annotations

from numpy.random import RandomState

from generator.transcripts import Segment

CODERS = ("coder_a", "coder_b")
CODED_TWICE = 120
KAPPA = (0.45, 0.90)
# What is taken for what.
TAKEN_FOR = {
    "TRU-AFF": ("COND-SUP", "COND-NOSUP"),
    "TRU-COG": ("COND-NOSUP", "VES-EXT"),
    "TRU-INS": ("OBS-UNC", "TRU-COG"),
    "TRU-ID": ("TN-BOND", "FB-CONT"),
    "SE-UP": ("MOT-UP", "COND-SUP"),
    "CTL-DN": ("VES-EXT", "OBS-UNC"),
    "TN-BOND": ("ENG-SELF-SOL", "TRU-ID"),
    "TN-CONF": ("OBS-FREE",),
    "TN-OUT": ("TN-CONF",),
    "MOT-UP": ("FB-CONT", "SE-UP"),
    "MOT-DN": ("FB-DOUBT", "OBS-CROWD"),
    "COND-SUP": ("TRU-AFF", "SE-UP"),
    "COND-NOSUP": ("TRU-COG", "TRU-AFF"),
    "COND-COM": ("FB-CONT", "TN-BOND"),
    "OBS-CROWD": ("CTL-DN", "MOT-DN"),
    "OBS-FREE": ("TN-CONF",),
    "OBS-UNC": ("CTL-DN", "TRU-INS"),
    "OBS-SEL": ("VES-SAL-P",),
    "VES-SAL-P": ("ENG-SELF-SOL",),
    "VES-EXT": ("CTL-DN", "COND-SUP"),
    "ENG-SELF-SOL": ("VES-SAL-P", "TN-BOND"),
    "NEW-ANX": ("VES-SAL-P",),
    "FB-CONT": ("MOT-UP", "COND-COM"),
    "FB-DOUBT": ("MOT-DN",),
}
RARE = ("TN-OUT", "OBS-SEL", "NEW-ANX")

Codes = dict[str, dict[str, tuple[str, ...]]]


def code_all(segments: list[Segment], rng: RandomState) -> Codes:
    """Per coder, segment id to codes. The rare codes are all among the segments coded twice."""
    meant = {s.segment_id: s.spoken.utterance.codes for s in segments}
    rare = [i for i, codes in meant.items() if set(codes) & set(RARE)]
    other = [i for i in meant if i not in rare]
    rng.shuffle(other)
    twice = [*rare, *other[: CODED_TWICE - len(rare)]]
    once = [i for i in meant if i not in twice]
    result: Codes = {"coder_a": {i: meant[i] for i in twice}, "coder_b": {i: meant[i] for i in twice}}
    _disagree(result, twice, rng)
    for k, i in enumerate(once):
        result[CODERS[k % 3 == 2]][i] = meant[i]
    return result


def kappa(result: Codes, code: str, twice: list[str]) -> float:
    """Cohen's kappa of one code, given or not, over the segments that both read."""
    a, b = ([code in result[c][i] for i in twice] for c in CODERS)
    n = len(twice)
    agree = sum(x == y for x, y in zip(a, b, strict=True)) / n
    pa, pb = sum(a) / n, sum(b) / n
    chance = pa * pb + (1 - pa) * (1 - pb)
    return 1.0 if chance == 1 else (agree - chance) / (1 - chance)


def _disagree(result: Codes, twice: list[str], rng: RandomState) -> None:
    """Put disagreements in, one at a time, until every code's kappa has come down to a target drawn for it; none goes
    below the range."""
    low, high = KAPPA
    target = {code: rng.uniform(low + 0.1, high) for code in TAKEN_FOR}
    floor = {code: max(low, t - 0.1) for code, t in target.items()}
    for code in rng.permutation(list(TAKEN_FOR)):
        tries = 0
        while kappa(result, code, twice) > target[code] and tries < 200:
            tries += 1
            shared = [i for i in twice if all(code in result[c][i] for c in CODERS)]
            if not shared:
                break
            segment, coder = shared[rng.randint(len(shared))], CODERS[rng.randint(2)]
            before = result[coder][segment]
            result[coder][segment] = _otherwise(before, code, rng)
            if any(kappa(result, c, twice) < floor[c] for c in {code, *result[coder][segment]}):
                result[coder][segment] = before


def _otherwise(codes: tuple[str, ...], code: str, rng: RandomState) -> tuple[str, ...]:
    """The codes with one left out, where there are several, or taken for another."""
    if len(codes) > 1 and rng.uniform() < 0.5:
        return tuple(c for c in codes if c != code)
    options = [c for c in TAKEN_FOR[code] if c not in codes]
    if not options:
        return codes if len(codes) == 1 else tuple(c for c in codes if c != code)
    other = options[rng.randint(len(options))]
    return tuple(other if c == code else c for c in codes)
