"""Models fitted to everything that people answered, against lavaan's full-information likelihood (structural.R)."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from coprod_trust.analysis import cross_lagged, invariance, structural
from coprod_trust.analysis.relation import Pending
from tests.oracle.results import oracle

R = oracle("structural")
INDICES = ("chisq", "pvalue", "cfi", "rmsea", "rmsea.ci.lower", "rmsea.ci.upper", "srmr")


def test_invariance_with_dropout_and_gaps_fits_as_in_lavaan():
    answers = np.array(R["answers"], float).reshape(-1, R["waves"], R["items"])
    assert np.isnan(answers).any(axis=(1, 2)).mean() > 0.3
    found = invariance.invariance(answers)
    assert (found.declined, found.n, len(found.models)) == (None, 300, 3)
    for model in found.models:
        r = R["invariance"][model.model]
        assert model.df == r["df"]
        ours = [model.chi2, model.p_value, model.cfi, model.rmsea, model.rmsea_ci_low, model.rmsea_ci_high, model.srmr]
        assert ours == pytest.approx([r[n] for n in INDICES], rel=1e-4, abs=1e-5)


def question(panel: dict[str, Any], **changes: object) -> cross_lagged.Question:
    x, y = (np.array(panel[k], float) for k in "xy")
    waves = tuple(f"w{k + 1}" for k in range(x.shape[1]))
    given = {"months": tuple(6.0 * k for k in range(len(waves))), **changes}
    return cross_lagged.Question("peers", "provider", waves, x, y, "participants", True, **given)  # type: ignore[arg-type]


@pytest.mark.parametrize("panel", R["panels"], ids=["3 waves, 400 people", "4 waves, 250 people"])
def test_the_cross_lagged_panel_is_lavaans(panel: dict[str, Any]):
    found = cross_lagged.answer(question(panel))
    assert isinstance(found, Pending)
    *lags, alike = found.draft.estimates
    assert [e.method for e in lags] == list(cross_lagged.LAGS)
    for estimate, value, error in zip(lags, panel["estimate"], panel["se"], strict=True):
        assert estimate.estimate == pytest.approx(value, abs=0.005 * error)
        assert estimate.std_error == pytest.approx(error, rel=0.002)
    gained = panel["fit"]["chisq"] - panel["free"]["chisq"]
    assert (alike.statistic, alike.df) == (pytest.approx(gained, abs=5e-3), panel["fit"]["df"] - panel["free"]["df"])
    # the likelihood is never below lavaan's
    model = cross_lagged.Panel(len(panel["x"][0]))
    data = structural.sample(question(panel).values)
    free = structural.moments(data)
    assert free is not None
    state = cross_lagged.fit(model, data, free)
    assert not isinstance(state, str)
    fits = structural.indices(model, state, data, free)
    assert panel["fit"]["chisq"] - 1e-3 < fits.chi2 < panel["fit"]["chisq"] + 1e-5
    assert fits.df == panel["fit"]["df"]


def test_the_derivatives_of_the_cross_lagged_panel_are_those_of_its_moments():
    model = cross_lagged.Panel(4, alike=False)
    state = np.random.default_rng(1).uniform(0.1, 1, model.size)
    d_mu, d_sigma = model.derivatives(state)
    for j in range(model.size):
        step = 1e-6 * (np.arange(model.size) == j)
        above, below = model.implied(state + step), model.implied(state - step)
        assert d_mu[j] == pytest.approx((above[0] - below[0]) / 2e-6, abs=1e-7)
        assert d_sigma[j].ravel() == pytest.approx((above[1] - below[1]).ravel() / 2e-6, abs=1e-6)


def reason(found: object) -> str:
    return str(found.draft.declined)  # type: ignore[attr-defined]


def test_the_cross_lagged_panel_says_why_it_declines():
    panel = R["panels"][0]
    few = {k: panel[k][:110] for k in "xy"}
    assert "needs at least 100 people; there are 9" in reason(cross_lagged.answer(question(few)))
    two = {k: [row[:2] for row in panel[k]] for k in "xy"}
    assert "needs at least 3 waves" in reason(cross_lagged.answer(question(two)))
    assert "not equally far apart" in reason(cross_lagged.answer(question(panel, months=(0, 6, 18))))
    same = {"x": panel["x"], "y": panel["x"]}
    assert reason(cross_lagged.answer(question(same))) == "the scores determine one another"
    apart = np.random.default_rng(2).normal(60, 10, (300, 2, 3))
    assert "no lasting level" in reason(cross_lagged.answer(question({"x": apart[:, 0], "y": apart[:, 1]})))
