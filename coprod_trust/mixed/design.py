"""From a formula to the columns of X, each a function of the wave times one entry of v."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np

from coprod_trust.mixed.errors import NotIdentified
from coprod_trust.mixed.panel import Panel, indicator_names

CONSTANT = ""


@dataclass(frozen=True)
class Column:
    """X[person, wave] = weights[wave] * variable, the variable being 1, a covariate, or a covariate at that wave."""

    name: str
    term: str
    weights: tuple[float, ...]
    variable: str


@dataclass(frozen=True)
class Design:
    """The columns of X, and how those of standardised variables turn into them: X_raw = X_standardised @ transform."""

    columns: tuple[Column, ...]
    transform: np.ndarray
    selectors: np.ndarray  # (W, p + 1, d): row w of [X, y] of a person is selectors[w] @ v
    needed: int  # bits of the between-person variables that must be present
    varying: tuple[str, ...]

    @property
    def names(self) -> list[str]:
        return [c.name for c in self.columns]

    def of_term(self, term: str) -> list[int]:
        """Positions of a term's columns; KeyError where the model has no such term."""
        found = [k for k, c in enumerate(self.columns) if c.term == term]
        if not found:
            raise KeyError(
                f"the model has no term {term}; it has {', '.join(dict.fromkeys(c.term for c in self.columns))}"
            )
        return found


def terms_of(formula: str) -> list[tuple[str, ...]]:
    """The terms in order of degree, as tuples of factor names; ``a * b`` is a + b + a:b."""
    found: dict[frozenset[str], tuple[str, ...]] = {}
    for part in formula.split("+"):
        text = part.strip()
        if text in ("", "1"):
            continue
        crossed = [f.strip() for f in text.split("*")]
        for size in range(1, len(crossed) + 1):
            for chosen in combinations(crossed, size):
                factors = tuple(dict.fromkeys(f.strip() for c in chosen for f in c.split(":")))
                found.setdefault(frozenset(factors), factors)
    return sorted(found.values(), key=len)


def build(panel: Panel, formula: str) -> Design:
    """The design of a formula on a panel; ValueError names a term that the panel does not have."""
    ones = np.ones(len(panel.waves))
    columns = [Column("Intercept", "Intercept", tuple(ones), CONSTANT)]
    terms = terms_of(formula)
    for factors in terms:
        for clock in ("wave", "time"):
            if clock in factors and (clock,) not in terms:
                raise ValueError(f"{':'.join(factors)} needs {clock} itself in the formula; write {clock} * ...")
        columns += _columns(panel, factors)
    needed = 0
    for c in columns:
        if c.variable in panel.between:
            needed |= 1 << panel.between_index(c.variable)
    varying = tuple(v for v in panel.varying if any(c.variable == v for c in columns))
    return Design(tuple(columns), _transform(panel, columns), _selectors(panel, columns), needed, varying)


def _columns(panel: Panel, factors: tuple[str, ...]) -> list[Column]:
    parts: list[tuple[str, tuple[float, ...], str]] = [("", tuple(np.ones(len(panel.waves))), CONSTANT)]
    for factor in factors:
        made = []
        for label, weights, variable in parts:
            for name, more, of in _expand(panel, factor):
                if variable != CONSTANT and of != CONSTANT:
                    raise ValueError(
                        f"{':'.join(factors)} is a product of two covariates; "
                        "make a column of their product and name it"
                    )
                joined = f"{label}:{name}" if label else name
                made.append((joined, tuple(np.multiply(weights, more)), of if of != CONSTANT else variable))
        parts = made
    return [Column(label, ":".join(factors), weights, variable) for label, weights, variable in parts]


def _expand(panel: Panel, factor: str) -> list[tuple[str, np.ndarray, str]]:
    ones = np.ones(len(panel.waves))
    if factor == "wave":
        eye = np.eye(len(panel.waves))
        return [(f"wave[T.{w}]", eye[k], CONSTANT) for k, w in enumerate(panel.waves) if k]
    if factor == "time" and panel.visits is None:
        return [("time", panel.times, CONSTANT)]
    if factor in panel.factors:
        return [(name, ones, name) for name in indicator_names(factor, panel.factors[factor])]
    if factor in panel.between or factor in panel.varying:
        return [(factor, ones, factor)]
    known = list(dict.fromkeys(["wave", "time", *panel.factors, *panel.between, *panel.varying]))
    raise ValueError(f"{factor} is not in the panel; it has {', '.join(known)}")


def _position(panel: Panel, variable: str, wave: int) -> int:
    if variable == CONSTANT:
        return 0
    return panel.between_index(variable) if variable in panel.between else panel.varying_index(variable, wave)


def _selectors(panel: Panel, columns: list[Column]) -> np.ndarray:
    d = len(panel.centre)
    found = np.zeros((len(panel.waves), len(columns) + 1, d))
    for w in range(len(panel.waves)):
        for k, c in enumerate(columns):
            found[w, k, _position(panel, c.variable, w)] = c.weights[w]
        found[w, -1, panel.outcome_index(w)] = 1.0
    return found


def _transform(panel: Panel, columns: list[Column]) -> np.ndarray:
    """T with X_raw = X_standardised T: a covariate's column is scale * itself + centre * a function of the wave, which
    the columns without covariate must span (they do where main effects are in the model)."""
    p = len(columns)
    constant = [k for k, c in enumerate(columns) if c.variable == CONSTANT]
    basis = np.array([columns[k].weights for k in constant]).T
    transform = np.eye(p)
    for k, c in enumerate(columns):
        if c.variable == CONSTANT:
            continue
        j = _position(panel, c.variable, 0)
        coefficients, *_ = np.linalg.lstsq(basis, np.array(c.weights), rcond=None)
        if np.abs(basis @ coefficients - np.array(c.weights)).max() > 1e-9:
            raise NotIdentified(f"{c.name} stands without its main effects", "write the interaction with *")
        transform[k, k] = panel.scale[j]
        transform[constant, k] += panel.centre[j] * coefficients
    return transform
