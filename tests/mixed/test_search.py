"""The search for two variances finds the lowest deviance, also near the boundary."""

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import minimize

from coprod_trust.mixed import NotIdentified, Panel
from coprod_trust.mixed.covariance import RandomEffects
from coprod_trust.mixed.parameters import theta_to_phi


def study(number: int) -> tuple[pd.DataFrame, dict[int, float]]:
    """One of a series of small studies with and without slopes, gaps and whole-number answers."""
    r = np.random.default_rng(5)
    for k in range(number + 1):
        n, w = int(r.integers(8, 60)), int(r.integers(3, 7))
        s, tau, unit = r.choice([0, 0.05, 0.3, 1]), r.choice([0, 0.1, 1, 5]), r.choice([1.0, 6.0])
        t = np.arange(w) * unit
        y = tau * r.normal(size=(n, 1)) + s * r.normal(size=(n, 1)) * t + r.normal(size=(n, w))
        y[r.random(y.shape) < 0.15] = np.nan
        if r.random() < 0.3:
            y = np.round(y)
        if k == number:
            break
    frame = pd.DataFrame({"pid": np.repeat(np.arange(n), w), "wave": np.tile(np.arange(w), n), "y": y.ravel()})
    return frame.dropna(), dict(enumerate(t))


# 148: a saddle where the slopes have no variance; 382: steps that would leap between a column and its mirror image;
# the others are singular and not
@pytest.mark.parametrize("number", [148, 382, 3, 20])
@pytest.mark.parametrize("reml", [True, False])
def test_no_other_search_finds_a_higher_likelihood(number: int, reml: bool) -> None:
    frame, time = study(number)
    fit = Panel.from_frame(frame, "pid", "wave", "y", time=time).fit("wave", random="slope", reml=reml)
    structure = fit.structure
    assert isinstance(structure, RandomEffects)

    def deviance(theta: np.ndarray) -> float:
        try:
            return structure.state(theta_to_phi(theta, 1.0)[0]).profiled()[1]
        except NotIdentified:
            return np.inf

    starts = ([1, 0, 1], [3, -1, 0.5], [0.5, 0.3, 0.01], [0.01, 1, 0.5])
    options = {"xatol": 1e-7, "fatol": 1e-9, "maxiter": 1000}
    others = min(minimize(deviance, s, method="Nelder-Mead", options=options).fun for s in starts)
    assert fit.solution.state.deviance <= others + 1e-7


def small_panel(number: int) -> pd.DataFrame:
    """One of a series of small studies with growing variances and many gaps."""
    r = np.random.default_rng(11)
    for _ in range(number + 1):
        w = int(r.integers(2, 6))
        n = int(r.integers(w + 2, 40))
        y = r.choice([0, 0.5, 3]) * r.normal(size=(n, 1)) + r.normal(size=(n, w)) * np.linspace(
            1, r.choice([0.3, 1, 3]), w
        )
        if r.random() < 0.5:
            y[:, 1:] += np.cumsum(r.normal(size=(n, w - 1)), 1)
        y[r.random(y.shape) < r.choice([0, 0.15, 0.3])] = np.nan
    frame = pd.DataFrame({"pid": np.repeat(np.arange(n), w), "wave": np.tile(np.arange(w), n), "y": y.ravel()})
    return frame.dropna()


def test_a_covariance_whose_search_ended_at_the_edge_is_refused() -> None:
    # its best covariance is singular, and its search came to rest 4.5 above the lowest deviance
    with pytest.raises(NotIdentified, match="compound symmetry"):
        Panel.from_frame(small_panel(101), "pid", "wave", "y").fit("wave", covariance="unstructured", reml=False)


@pytest.mark.parametrize("number", [13, 85])
def test_few_people_may_carry_an_unstructured_covariance(number: int) -> None:
    fit = Panel.from_frame(small_panel(number), "pid", "wave", "y").fit("wave", covariance="unstructured", reml=False)
    assert np.abs(fit.solution.state.gradient).max() < 1e-5
    assert np.linalg.eigvalsh(fit.solution.state.hessian)[0] > 0
