"""The people of the sample study: who they are, beside what they feel. Nobody in it exists."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.random import RandomState

from generator import latent
from generator.instrument import SCALES, Scale

WAVES = ("w1", "w2", "w3")
TEAMS = ("fiets", "keuken", "groen", "hout", "textiel")
MEN = 38
EDUCATION = ("laag", "midden", "hoog")
STRAIGHT_LINER = 4
ENTRY = {"eigen keuze": 0.45, "via consulent": 0.35, "gevraagd door deelnemer": 0.12, "verplicht": 0.08}
NOT_ENTERED = {"wilde zelf niet": 8, "niet geselecteerd": 7, "voldeed niet aan voorwaarden": 3}
EXIT = {"betaald werk": 0.25, "gestopt, geen zin meer": 0.3, "ziekte": 0.15, "verhuisd": 0.1, "onbekend": 0.2}


@dataclass(frozen=True)
class Person:
    """One person with answers per wave and item (as ticked on the form), and the waves in which they answered."""

    participant_id: str
    participant: bool
    team: str
    gender: str
    birth_year: int
    education: str
    entry_reason: str
    exit_reason: str
    hours: tuple[float, float, float]
    present: tuple[bool, bool, bool]
    answer: dict[str, tuple[int, int, int]] = field(repr=False)

    def score(self, scale: str, wave: int) -> float:
        """POMP of a scale, every item answered."""
        declared = SCALES[scale]
        values = [
            declared.low + declared.high - self.answer[i.id][wave] if i.reverse else self.answer[i.id][wave]
            for i in declared.items
        ]
        return 100 * (sum(values) / len(values) - declared.low) / (declared.high - declared.low)


def draw(seed: int) -> list[Person]:
    """Everybody of the study under that seed: 60 participants, then 18 others."""
    rng = RandomState(seed)
    teams, inside, present = _participants(rng)
    outside = latent.outsiders(rng)
    followed = np.zeros(latent.NON_PARTICIPANTS, dtype=bool)
    followed[rng.permutation(latent.NON_PARTICIPANTS)[: latent.FOLLOWED_NON_PARTICIPANTS]] = True
    outside_present = np.column_stack([np.ones_like(followed), followed, np.zeros_like(followed)])
    return [
        *_people(rng, inside, present, 1, [TEAMS[t] for t in teams]),
        *_people(rng, outside, outside_present, latent.PARTICIPANTS + 1, None),
    ]


def presence(seed: int) -> np.ndarray:
    """Who of the 60 participants answers which wave under that seed, without drawing anything else."""
    return _participants(RandomState(seed))[2]


def _participants(rng: RandomState) -> tuple[np.ndarray, latent.Latent, np.ndarray]:
    """Team, scores and presence of the participants."""
    teams = np.repeat(np.arange(len(TEAMS)), latent.TEAM_SIZES)
    rng.shuffle(teams)
    inside = latent.participants(rng, teams)
    return teams, inside, latent.presence(rng, inside)


def _people(
    rng: RandomState, scores: latent.Latent, present: np.ndarray, first: int, teams: list[str] | None
) -> list[Person]:
    n = len(scores)
    answers = _answers(rng, scores)
    men = np.zeros(n, dtype=bool)
    men[rng.permutation(n)[: MEN if teams else round(n * 0.6)]] = True
    age = np.clip(np.rint(41 + 10 * rng.standard_normal(n)), 22, 61).astype(int)
    education = rng.choice(EDUCATION, n, p=(0.45, 0.4, 0.15))
    entry = _reasons(rng, n, ENTRY) if teams else list(rng.permutation(np.repeat(list(NOT_ENTERED), [8, 7, 3])))
    exits = _reasons(rng, n, EXIT)
    commitment = scores.score["commitment"]
    hours = np.clip(np.rint((16 + 4 * (commitment - 3.8) + 3 * rng.standard_normal((n, 3))) * 2) / 2, 4, 32)
    return [
        Person(
            participant_id=f"P{first + i:03d}",
            participant=teams is not None,
            team=teams[i] if teams else "",
            gender="m" if men[i] else "v",
            birth_year=2024 - int(age[i]),
            education=str(education[i]),
            entry_reason=str(entry[i]),
            exit_reason=exits[i] if teams and not present[i, 2] else "",
            hours=tuple(float(h) for h in hours[i]),
            present=tuple(bool(p) for p in present[i]),
            answer={item: tuple(int(v) for v in values[i]) for item, values in answers.items()},
        )
        for i in range(n)
    ]


def _reasons(rng: RandomState, n: int, shares: dict[str, float]) -> list[str]:
    return [str(r) for r in rng.choice(list(shares), n, p=list(shares.values()))]


# Incentives are single items: weight of motivation, mean and SD.
INCENTIVES = {
    "inc_material": (0.0, 3.0, 1.1),
    "inc_solidary": (0.3, 3.7, 0.9),
    "inc_expressive": (0.35, 3.5, 0.9),
    "inc_intrinsic": (0.35, 3.6, 0.9),
    "inc_sanction": (-0.35, 2.3, 1.1),
}


def _answers(rng: RandomState, scores: latent.Latent) -> dict[str, np.ndarray]:
    """Per item, n x 3 answers as ticked: reverse items are turned here, as a respondent turns them."""
    answers: dict[str, np.ndarray] = {}
    motivation = (scores.score["motivation"] - latent.MEAN["motivation"]) / latent.SD["motivation"]
    for scale in SCALES.values():
        if scale.id == "self_interest":
            for item in scale.items:
                weight, mean, sd = INCENTIVES[item.id]
                stable = np.sqrt(1 - weight**2) * rng.standard_normal((len(scores), 1))
                level = (mean + sd * (weight * motivation + stable))[..., None]
                answers[item.id] = latent.answers(rng, level[..., 0], scale.low, scale.high, 1)[..., 0]
            continue
        values = latent.answers(rng, _own_units(scale, scores.score[scale.id]), scale.low, scale.high, len(scale.items))
        for k, item in enumerate(scale.items):
            answers[item.id] = scale.low + scale.high - values[..., k] if item.reverse else values[..., k]
    return {item: values.astype(int) for item, values in answers.items()}


def _own_units(scale: Scale, score: np.ndarray) -> np.ndarray:
    """Scales on 0-10 are drawn in POMP points."""
    return score / 10 if scale.high == 10 else score
