"""The cases in which a fit would return numbers that mean nothing."""

from __future__ import annotations

import numpy as np

from coprod_trust.mixed.design import Design
from coprod_trust.mixed.errors import NotIdentified
from coprod_trust.mixed.moments import Attendance, cross_products
from coprod_trust.mixed.panel import Panel, indicator_names


def check(panel: Panel, design: Design, attended: Attendance, effects: int) -> None:
    """NotIdentified says what the data cannot carry before anything is fitted; ``effects``: random effects a person."""
    if attended.observations <= attended.people * effects:
        raise NotIdentified(
            f"{attended.observations} answers of {attended.people} people cannot carry {effects} random effects each",
            "use a random intercept, or compound symmetry on two waves",
        )
    if attended.observations <= len(design.columns) + 1:
        raise NotIdentified("there are no more answers than coefficients", "leave covariates out")
    cross = cross_products(attended, design, np.ones((len(panel.waves), 1))).inner
    total = cross[-1, -1] - cross[-1, 0] ** 2 / cross[0, 0]
    if total <= 1e-12 * attended.observations:
        raise NotIdentified("the outcome is the same in every answer", "there is nothing to explain")
    check_cells(panel, design, attended)
    gram = cross[:-1, :-1]
    size = np.sqrt(np.diag(gram))
    if (size == 0).any():
        nothing = design.columns[int(np.argmin(size))].name
        raise NotIdentified(f"{nothing} has no variation among the people in the model", "leave it out")
    values, vectors = np.linalg.eigh(gram / np.outer(size, size))
    if values[0] < 1e-10:
        involved = [c.name for c, v in zip(design.columns, vectors[:, 0], strict=True) if abs(v) > 1e-4]
        raise NotIdentified(f"these columns determine each other: {', '.join(involved)}", "leave one of them out")


def check_cells(panel: Panel, design: Design, attended: Attendance) -> None:
    """NotIdentified where the model has a mean for each group and wave, and nobody of a group answered in a wave."""
    crossed = {c.term for c in design.columns if "wave" in c.term.split(":")}
    for factor, levels in panel.factors.items():
        if not any(factor in term.split(":") for term in crossed):
            continue
        places = [panel.between_index(name) for name in indicator_names(factor, levels)]
        # (W, levels - 1) people of each value but the first in each wave
        moments = attended.moments[:, 0, places] * panel.scale[places] + (
            attended.counts[:, None] * panel.centre[places]
        )
        people = attended.waves.T @ moments
        total = attended.waves.T @ attended.counts
        people = np.column_stack([total - people.sum(axis=1), people])
        for w, wave in enumerate(panel.waves):
            for k, level in enumerate(levels):
                if people[w, k] < 0.5:
                    raise NotIdentified(
                        f"nobody with {factor} {level} answered in {wave}",
                        f"leave {wave} out of the panel, or write wave + {factor}",
                    )
