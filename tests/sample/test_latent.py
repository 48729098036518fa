"""The draws meet the figures that the sample was built to, over many draws at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from generator import latent
from generator.latent import TEAM_SIZES, TRUST
from numpy.random import RandomState
from pingouin.multicomp import multicomp

STUDIES = 600
ITEMS = {"provider": 6, "municipal": 4, "generalized": 4, "peers": 3}


@dataclass(frozen=True)
class Draws:
    score: dict[str, np.ndarray]  # person x wave, as felt
    seen: dict[str, np.ndarray]  # person x wave, mean of the items in POMP
    items: dict[str, np.ndarray]  # person x wave x item
    present: np.ndarray  # study x person x wave
    teams: np.ndarray


@pytest.fixture(scope="module")
def draws() -> Draws:
    one = np.repeat(np.arange(len(TEAM_SIZES)), TEAM_SIZES)
    teams = np.concatenate([one + len(TEAM_SIZES) * k for k in range(STUDIES)])
    rng = RandomState(1)
    felt = latent.participants(rng, teams)
    present = latent.presence(rng, felt).reshape(STUDIES, -1, 3)
    items = {s: latent.answers(rng, felt.score[s] / 10, 0, 10, k) for s, k in ITEMS.items()}
    seen = {s: 10 * values.mean(axis=-1) for s, values in items.items()}
    return Draws(felt.score, seen, items, present, teams)


def test_scores_at_the_start_have_their_means_and_spreads(draws: Draws) -> None:
    targets = {"provider": (70, 16), "municipal": (56, 17), "generalized": (58, 16), "peers": (68, 16)}
    targets |= {"motivation": (3.9, 0.6), "control": (2.8, 0.5), "org_support": (3.6, 0.8), "commitment": (3.8, 0.7)}
    targets |= {"interpersonal": (68, 16)}
    for scale, (mean, sd) in targets.items():
        assert draws.score[scale][:, 0].mean() == pytest.approx(mean, abs=0.04 * sd)
        assert draws.score[scale][:, 0].std() == pytest.approx(sd, rel=0.02)


def test_changes_have_their_means_spreads_and_correlations(draws: Draws) -> None:
    six = np.column_stack([draws.score[s][:, 1] - draws.score[s][:, 0] for s in TRUST])
    later = np.column_stack([draws.score[s][:, 2] - draws.score[s][:, 1] for s in TRUST])
    np.testing.assert_allclose(six.mean(axis=0), (-12, -10, -9, -3), atol=0.5)
    np.testing.assert_allclose(six.std(axis=0), (14, 13, 12, 16), rtol=0.02)
    np.testing.assert_allclose(later.mean(axis=0), (2, -1, 0, 1), atol=0.2)
    np.testing.assert_allclose(later.std(axis=0), 9, rtol=0.02)
    expected = {("peers", "provider"): 0.70, ("peers", "generalized"): 0.65, ("peers", "municipal"): 0.25}
    expected |= {("provider", "municipal"): 0.40, ("provider", "generalized"): 0.40, ("municipal", "generalized"): 0.35}
    for changes in (six, later):
        r = np.corrcoef(changes.T)
        for (a, b), value in expected.items():
            assert r[TRUST.index(a), TRUST.index(b)] == pytest.approx(value, abs=0.03)


def test_correlations_at_the_start(draws: Draws) -> None:
    def r(a: str, b: str) -> float:
        return float(np.corrcoef(draws.score[a][:, 0], draws.score[b][:, 0])[0, 1])

    pairs = {("provider", "municipal"): 0.45, ("provider", "generalized"): 0.35, ("provider", "peers"): 0.50}
    pairs |= {("municipal", "generalized"): 0.35, ("municipal", "peers"): 0.25, ("peers", "generalized"): 0.40}
    pairs |= {("motivation", "control"): 0.40}
    for (a, b), value in pairs.items():
        assert r(a, b) == pytest.approx(value, abs=0.02)
    assert all(0.32 <= r("motivation", s) <= 0.43 for s in TRUST)


def test_change_in_provider_trust_goes_with_support_commitment_and_the_start(draws: Draws) -> None:
    change = draws.score["provider"][:, 1] - draws.score["provider"][:, 0]
    support = (draws.score["org_support"][:, 0] - 3.6) / 0.8
    commitment = (draws.score["commitment"][:, 0] - 3.8) / 0.7
    design = np.column_stack([np.ones_like(change), support, commitment])
    slopes = np.linalg.lstsq(design, change, rcond=None)[0]
    assert slopes[1:] == pytest.approx((4, 2), abs=0.3)
    assert np.corrcoef(change, draws.score["provider"][:, 0])[0, 1] == pytest.approx(-0.15, abs=0.02)


def test_teams_hold_their_share_of_the_variance(draws: Draws) -> None:
    """One-way analysis of variance; with unequal sizes the mean square between holds n0 times the variance between."""
    values = draws.score["provider"][:, 0]
    size = np.bincount(draws.teams)
    means = np.bincount(draws.teams, values) / size
    within = ((values - means[draws.teams]) ** 2).sum() / (len(values) - len(size))
    between = (size * (means - values.mean()) ** 2).sum() / (len(size) - 1)
    n0 = (len(values) - (size**2).sum() / len(values)) / (len(size) - 1)
    variance = (between - within) / n0
    assert variance / (variance + within) == pytest.approx(0.06, abs=0.01)


def test_people_leave_as_the_dropout_model_says(draws: Draws) -> None:
    at_six, at_twelve = draws.present[:, :, 1].sum(axis=1), draws.present[:, :, 2].sum(axis=1)
    returned = (~draws.present[:, :, 1] & draws.present[:, :, 2]).sum(axis=1)
    assert at_six.mean() == pytest.approx(48, abs=1.2)
    assert at_twelve.mean() == pytest.approx(41, abs=1.2)
    assert returned.mean() == pytest.approx(2, abs=0.3)
    stayed = draws.present[:, :, 1].ravel()
    peers, commitment = draws.score["peers"][:, 0], draws.score["commitment"][:, 0]
    assert peers[~stayed].mean() < peers[stayed].mean() - 4, "those who trust their peers less leave more often"
    assert commitment[~stayed].mean() < commitment[stayed].mean() - 0.15, "so do the less committed"


def test_the_dropout_model_at_known_points() -> None:
    p = latent.dropout_probability(np.array([68.0, 88.0, 68.0]), np.array([3.8, 3.8, 4.5]))
    logit = np.log(p / (1 - p))
    assert logit == pytest.approx([-1.5, -1.5 - 0.035 * 20, -1.5 - 0.5])


def test_what_is_seen_in_sixty_people(draws: Draws) -> None:
    """The figures that 1,500 draws gave when the sample was designed, observed scores and completers of two waves."""
    kept = draws.present[:, :, 1]
    change = {s: (draws.seen[s][:, 1] - draws.seen[s][:, 0]).reshape(kept.shape) for s in TRUST}
    means, d_z, r, together = [], [], [], []
    for k in range(STUDIES):
        d = np.column_stack([change[s][k][kept[k]] for s in TRUST])
        sd = d.std(axis=0, ddof=1)
        means.append(d.mean(axis=0))
        d_z.append(d.mean(axis=0) / sd)
        r.append(np.corrcoef(d.T)[3, :3])
        p = _two_sided(d.mean(axis=0) / sd * np.sqrt(len(d)), len(d) - 1)
        together.append((multicomp(p, method="holm")[1][:3] < 0.05).all())
    np.testing.assert_allclose(np.mean(means, axis=0), (-11.6, -9.8, -8.9, -3.8), atol=0.6)
    np.testing.assert_allclose(np.mean(d_z, axis=0), (-0.73, -0.64, -0.60, -0.22), atol=0.05)
    np.testing.assert_allclose(np.mean(r, axis=0), (0.49, 0.17, 0.43), atol=0.04)
    assert np.mean(together) > 0.85
    for scale in ("provider", "peers"):
        assert (draws.items[scale][:, 0] == 10).mean() == pytest.approx(0.105, abs=0.015)


def _two_sided(t: np.ndarray, df: int) -> np.ndarray:
    from scipy.stats import t as student

    return 2 * student.sf(np.abs(t), df)


def test_non_participants_have_their_own_levels() -> None:
    felt = latent.outsiders(RandomState(3), 40_000)
    targets = {"provider": 62, "municipal": 43, "generalized": 45, "interpersonal": 54}
    for scale, mean in targets.items():
        assert felt.score[scale][:, 0].mean() == pytest.approx(mean, abs=0.3)
    assert felt.score["motivation"][:, 0].mean() == pytest.approx(3.2, abs=0.02)
    assert felt.score["motivation"][:, 0].std() == pytest.approx(0.7, abs=0.02)


def test_motivation_and_control_fall(draws: Draws) -> None:
    assert draws.score["motivation"][:, 1].mean() == pytest.approx(3.5, abs=0.02)
    assert draws.score["control"][:, 1].mean() == pytest.approx(2.6, abs=0.02)


def test_answers_carry_an_error_of_thirteen_points() -> None:
    """Before rounding and the ends: seen at the middle of the scale, where no answer is cut off."""
    values = latent.answers(RandomState(5), np.full((40_000, 1), 5.0), 0, 10, 1).ravel()
    assert values.std() == pytest.approx(np.sqrt(1.3**2 + 1 / 12), rel=0.02)
    assert set(np.unique(latent.answers(RandomState(6), np.array([[-3.0], [14.0]]), 0, 10, 4))) == {0, 10}
