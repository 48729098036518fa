"""What people of the sample study 'truly' feel: scores before anybody has filled in a questionnaire.

All trust scores are in POMP points (0 to 100); the other scales in their own units. Every figure is a choice made for
this synthetic study; none was estimated from anybody.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.random import RandomState  # its stream never changes between versions of numpy

TEAM_SIZES = (9, 11, 12, 13, 15)
PARTICIPANTS = sum(TEAM_SIZES)
NON_PARTICIPANTS = 18
FOLLOWED_NON_PARTICIPANTS = 12
ICC = 0.06

TRUST = ("provider", "municipal", "generalized", "peers")
START = (*TRUST, "interpersonal", "motivation", "control", "org_support", "commitment")
MEAN = dict(zip(START, (70, 56, 58, 68, 68, 3.9, 2.8, 3.6, 3.8), strict=True))
SD = dict(zip(START, (16, 17, 16, 16, 16, 0.6, 0.5, 0.8, 0.7), strict=True))
OUTSIDE_MEAN = {"provider": 62.0, "municipal": 43.0, "generalized": 45.0, "interpersonal": 54.0, "motivation": 3.2}
OUTSIDE_SD = {"motivation": 0.7}

#                    P    M    G    F    I    mot  ctl  sup  com
START_CORRELATION = np.array(
    [
        [1.00, 0.45, 0.35, 0.50, 0.30, 0.40, 0.20, 0.40, 0.25],
        [0.45, 1.00, 0.35, 0.25, 0.30, 0.35, 0.20, 0.20, 0.15],
        [0.35, 0.35, 1.00, 0.40, 0.45, 0.38, 0.25, 0.15, 0.15],
        [0.50, 0.25, 0.40, 1.00, 0.40, 0.35, 0.15, 0.25, 0.25],
        [0.30, 0.30, 0.45, 0.40, 1.00, 0.35, 0.20, 0.15, 0.15],
        [0.40, 0.35, 0.38, 0.35, 0.35, 1.00, 0.40, 0.30, 0.40],
        [0.20, 0.20, 0.25, 0.15, 0.20, 0.40, 1.00, 0.15, 0.20],
        [0.40, 0.20, 0.15, 0.25, 0.15, 0.30, 0.15, 1.00, 0.30],
        [0.25, 0.15, 0.15, 0.25, 0.15, 0.40, 0.20, 0.30, 1.00],
    ]
)
CHANGE_MEAN = np.array([-12.0, -10.0, -9.0, -3.0])
CHANGE_SD = np.array([14.0, 13.0, 12.0, 16.0])
CHANGE_CORRELATION = np.array(
    [[1.00, 0.40, 0.40, 0.70], [0.40, 1.00, 0.35, 0.25], [0.40, 0.35, 1.00, 0.65], [0.70, 0.25, 0.65, 1.00]]
)
LATER_MEAN = np.array([2.0, -1.0, 0.0, 1.0])
LATER_SD = 9.0
BASELINE_CHANGE = -0.15
SUPPORT_SLOPE = 4.0  # points of change in provider trust per SD of support at the start
COMMITMENT_SLOPE = 2.0

# Scales that follow from those above: weights on their standardised values, mean and SD at the start.
DERIVED = {
    "self_efficacy": ({"control": 0.5, "motivation": 0.2}, 3.5, 0.7),
    "identification": ({"provider": 0.35, "peers": 0.4}, 62.0, 18.0),
    "internal_efficacy": ({"control": 0.25, "motivation": 0.3}, 3.3, 0.7),
    "external_efficacy": ({"provider": 0.4, "municipal": 0.2, "org_support": 0.15}, 3.2, 0.7),
    "ease": ({"motivation": 0.3, "control": 0.15}, 3.6, 0.7),
    "salience": ({"motivation": 0.35, "generalized": 0.15}, 3.7, 0.8),
    "community": ({"generalized": 0.3, "motivation": 0.2}, 3.5, 0.7),
    "engagement": ({"motivation": 0.35, "org_support": 0.15, "provider": 0.2}, 3.6, 0.8),
    "free_riding": ({"peers": -0.45}, 35.0, 20.0),
}
# Drift of the other scales: mean change to 6 and to 12 months in their own units, and weight of the change in provider
# trust (in SD) on their own change.
DRIFT = {
    "interpersonal": (-2.0, -2.0, 0.2),
    "motivation": (-0.4, -0.45, 0.35),
    "control": (-0.2, -0.2, 0.25),
    "org_support": (-0.2, -0.25, 0.3),
    "commitment": (-0.1, -0.15, 0.25),
    "self_efficacy": (0.05, 0.1, 0.15),
    "identification": (-3.0, -4.0, 0.35),
    "internal_efficacy": (0.05, 0.1, 0.1),
    "external_efficacy": (-0.25, -0.3, 0.4),
    "ease": (-0.1, -0.1, 0.15),
    "salience": (-0.05, -0.05, 0.1),
    "community": (-0.05, -0.05, 0.05),
    "engagement": (-0.25, -0.35, 0.35),
    "free_riding": (5.0, 6.0, -0.4),
}
DRIFT_SD = 0.6  # of the SD at the start

DROPOUT_INTERCEPT = -1.5
DROPOUT_PEERS = -0.035
DROPOUT_COMMITMENT = -0.5


@dataclass(frozen=True)
class Latent:
    """Scores of n people; ``score[scale]`` is n x 3 (start, 6 and 12 months)."""

    score: dict[str, np.ndarray]

    def __len__(self) -> int:
        return len(next(iter(self.score.values())))


def joint_correlation() -> np.ndarray:
    """13 x 13: the nine scores at the start and the four changes to six months, all standardised.

    The change in provider trust has the stated slopes on support and commitment, so its covariances with the two follow
    from the normal equations.
    """
    k = len(START)
    joint = np.eye(k + 4)
    joint[:k, :k] = START_CORRELATION
    joint[k:, k:] = CHANGE_CORRELATION
    for i in range(4):
        joint[i, k + i] = joint[k + i, i] = BASELINE_CHANGE
    support, commitment = START.index("org_support"), START.index("commitment")
    r = START_CORRELATION[support, commitment]
    for column, covariance in (
        (support, SUPPORT_SLOPE + COMMITMENT_SLOPE * r),
        (commitment, COMMITMENT_SLOPE + SUPPORT_SLOPE * r),
    ):
        joint[column, k] = joint[k, column] = covariance / CHANGE_SD[0]
    return joint


def participants(rng: RandomState, teams: np.ndarray) -> Latent:
    """People who take part; ``teams`` gives the team of each, and a share ICC of every variance lies between teams."""
    n = len(teams)
    root = np.linalg.cholesky(joint_correlation())
    between = rng.standard_normal((teams.max() + 1, root.shape[0])) @ root.T
    z = np.sqrt(ICC) * between[teams] + np.sqrt(1 - ICC) * rng.standard_normal((n, root.shape[0])) @ root.T
    k = len(START)
    later = rng.standard_normal((n, 4)) @ np.linalg.cholesky(CHANGE_CORRELATION).T
    score: dict[str, np.ndarray] = {}
    for i, scale in enumerate(TRUST):
        start = MEAN[scale] + SD[scale] * z[:, i]
        six = start + CHANGE_MEAN[i] + CHANGE_SD[i] * z[:, k + i]
        score[scale] = np.column_stack([start, six, six + LATER_MEAN[i] + LATER_SD * later[:, i]])
    standard = {scale: z[:, i] for i, scale in enumerate(START)}
    _others(rng, score, standard, z[:, k], MEAN, SD)
    return Latent(score)


def outsiders(rng: RandomState, n: int = NON_PARTICIPANTS) -> Latent:
    """People who do not take part: other levels at the start, hardly any change later."""
    z = rng.standard_normal((n, len(START))) @ np.linalg.cholesky(START_CORRELATION).T
    mean, sd = {**MEAN, **OUTSIDE_MEAN}, {**SD, **OUTSIDE_SD}
    standard = {scale: z[:, i] for i, scale in enumerate(START)}
    score: dict[str, np.ndarray] = {}
    for scale in TRUST:
        start = mean[scale] + sd[scale] * standard[scale]
        six = start - 1 + 8 * rng.standard_normal(n)
        score[scale] = np.column_stack([start, six, six])
    _others(rng, score, standard, np.zeros(n), mean, sd)
    return Latent(score)


def _others(
    rng: RandomState,
    score: dict[str, np.ndarray],
    standard: dict[str, np.ndarray],
    change: np.ndarray,
    mean: dict[str, float],
    sd: dict[str, float],
) -> None:
    """Add every scale beside the four of trust, with its drift; ``change`` is the standardised provider change."""
    n = len(change)
    mean, sd, standard = dict(mean), dict(sd), dict(standard)
    for scale, (weights, level, spread) in DERIVED.items():
        signal = sum(w * standard[s] for s, w in weights.items())
        explained = float(
            sum(
                w * v * START_CORRELATION[START.index(s), START.index(t)]
                for s, w in weights.items()
                for t, v in weights.items()
            )
        )
        standard[scale] = signal + np.sqrt(1 - explained) * rng.standard_normal(n)
        mean[scale], sd[scale] = level, spread
    for scale, (six, twelve, weight) in DRIFT.items():
        start = mean[scale] + sd[scale] * standard[scale]
        own = weight * change + np.sqrt(1 - weight**2) * rng.standard_normal(n)
        at_six = start + six + DRIFT_SD * sd[scale] * own
        at_twelve = at_six + (twelve - six) + 0.4 * sd[scale] * rng.standard_normal(n)
        score[scale] = np.column_stack([start, at_six, at_twelve])


def dropout_probability(peers: np.ndarray, commitment: np.ndarray) -> np.ndarray:
    """Chance to be gone at the next wave, from peer trust (POMP) and commitment (1 to 5) now."""
    z = (commitment - MEAN["commitment"]) / SD["commitment"]
    logit = DROPOUT_INTERCEPT + DROPOUT_PEERS * (peers - MEAN["peers"]) + DROPOUT_COMMITMENT * z
    return 1 / (1 + np.exp(-logit))


def presence(rng: RandomState, latent: Latent) -> np.ndarray:
    """n x 3 booleans: who answers which wave. People at the start may leave before 6 or before 12 months; of those gone
    at 6 months about one in six comes back."""
    peers, commitment = latent.score["peers"], latent.score["commitment"]
    n = len(latent)
    at_six = rng.uniform(size=n) >= dropout_probability(peers[:, 0], commitment[:, 0])
    stays = rng.uniform(size=n) >= dropout_probability(peers[:, 0], commitment[:, 0])
    returns = rng.uniform(size=n) < 1 / 6
    return np.column_stack([np.ones(n, dtype=bool), at_six, np.where(at_six, stays, returns)])


ITEM_ERROR = 13.0  # POMP


def answers(rng: RandomState, latent: np.ndarray, low: float, high: float, items: int) -> np.ndarray:
    """Answers to ``items`` items, n x waves x items, before any item is turned: latent scores in the scale's own units
    plus an error of 13 POMP points, rounded to whole numbers and cut off at the ends."""
    error = ITEM_ERROR / 100 * (high - low) * rng.standard_normal((*latent.shape, items))
    return np.clip(np.rint(latent[..., None] + error), low, high).astype(int)
