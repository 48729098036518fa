"""The constructs that designs ask about, by the ids that the default instrument gives them.

A study that does not have a scale is not asked about it; a plan may name other scales for the same questions.
"""

from __future__ import annotations

from coprod_trust.study.model import Dimension, Scale, Study

MOTIVATION = "motivation"
CONTROL = "control"

# Why people could come to trust: design A7.
MECHANISMS = ("self_efficacy", "identification")
# Under which conditions, and what could stand in the way: design A8. An item stands for a scale that is not there.
CONDITIONS = ("org_support", "commitment")
OBSTRUCTIONS = ("crowding_out", "free_riding")
CROWDING_OUT_ITEM = "mot_have_to"

# What an evaluation asks about in others; trust in fellow participants is part of how it comes about.
TRUST = (Dimension.PROVIDER, Dimension.MUNICIPAL, Dimension.GENERALIZED)
TRUST_AND_PEERS = (*TRUST, Dimension.PEERS)


def scored(study: Study, *ids: str) -> list[Scale]:
    """The scales of those ids that the study scores, in the order given."""
    known = {s.id: s for s in study.scales if s.scored}
    return [known[i] for i in ids if i in known]


def measuring(study: Study, *dimensions: Dimension) -> list[Scale]:
    """The scales that measure those dimensions, in the order given."""
    found = (study.scale_of(d) for d in dimensions)
    return [s for s in found if s is not None and s.scored]


def named_pairs(study: Study, kind: str) -> list[tuple[str, str]]:
    """The pairs that families of the plan name as ``<kind>.<predictor>-<outcome>``."""
    wanted = []
    for family in study.plan.families:
        for member in family.members:
            of, _, rest = member.partition(".")
            predictor, dash, outcome = rest.partition("-")
            if of == kind and dash:
                wanted.append((predictor, outcome))
    return wanted
