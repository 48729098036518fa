"""The questions of designs A3 and A5 beside the scores: what goes with taking part, and do the groups overlap?"""

from __future__ import annotations

import numpy as np

from coprod_trust.analysis import baseline, data, membership, rules
from coprod_trust.analysis.balance import Groups
from coprod_trust.analysis.data import Measured, Population
from coprod_trust.analysis.design import Answer, Answers, Plain, Shared
from coprod_trust.analysis.finding import Finding, Role
from coprod_trust.analysis.multiplicity import exploratory

ODDS = "log odds of taking part rather than {other}, at the first wave"
OVERLAP = "share of those who take part whose modelled probability of taking part lies within the range of {other}"


def answers(shared: Shared) -> Answers:
    """Participants against each other group that was asked at the first wave."""
    measured = shared.measured
    study = measured.study
    if study.waves[0].id not in measured.waves:
        return Answers(())
    found: list[Answer] = []
    rows: list[dict[str, object]] = []
    others = [g for g in study.groups.values if g.id != study.groups.participants]
    for other in others:
        given, balance = _compared(measured, Population(other.id, other.id), other.label.lower(), len(others) > 1)
        found += given
        rows += balance
    return Answers(found, {"balance": rows} if rows else {})


def _compared(
    measured: Measured, other: Population, label: str, several: bool
) -> tuple[list[Answer], list[dict[str, object]]]:
    first = measured.study.waves[0].id
    answered = measured.answered(first)
    participants = measured.member(Population(data.DEFAULT_POPULATION, measured.study.groups.participants)) & answered
    others = measured.member(other) & answered
    if not participants.any() or not others.any():
        return [], []
    both = participants | others
    suffix = other.suffix if several else ""
    plan = measured.study.plan
    wanted = (*baseline.auxiliary(measured), *plan.primary, *plan.covariates)
    candidates = baseline.columns(measured, wanted, first, both, (participants, others))
    model = membership.model(participants[both], candidates)
    note = f"{int(participants.sum())} participants and {int(others.sum())} {label}"
    found: list[Answer] = []
    # Those without room would only repeat that there is none; where nothing has room the first says why.
    used = [v for v in baseline.named(measured, wanted, first, both) if v.name in model.used.names]
    lacking = [v for v in baseline.named(measured, wanted, first, both) if v.name in candidates.names][:1]
    for variable in used or lacking:
        name = f"propensity.{variable.slug}{suffix}"
        estimate = model.estimate(variable.name, Role.PRIMARY)
        draft = Finding(
            finding_id=f"propensity.{variable.slug}.{first}{suffix}",
            design="A3",
            outcome="participation",
            predictor=variable.name,
            population=data.DEFAULT_POPULATION,
            estimand=ODDS.format(other=label),
            estimates=(estimate,),
            contrast=first,
            n_start=int(both.sum()),
            exploratory=exploratory(plan, name),
            declined=estimate.declined,
            note=note,
        )
        found.append(Plain(draft, name, f"at {first}"))
    if not rules.SELECTION.declines(int(min(participants.sum(), others.sum()))):
        estimates = (*membership.overlap(model), *membership.weighted_n(model, first_weighted=False))
        draft = Finding(
            finding_id=f"overlap.participation.{first}{suffix}",
            design="A3",
            outcome="participation",
            population=data.DEFAULT_POPULATION,
            estimand=OVERLAP.format(other=label),
            estimates=estimates,
            contrast=first,
            n_start=int(both.sum()),
            exploratory=True,
            declined=estimates[0].declined,
            note=note,
        )
        found.append(Plain(draft, f"overlap.participation{suffix}", f"at {first}"))
    groups = Groups("selection", first, data.DEFAULT_POPULATION, other.id, participants, others)
    variables = baseline.variables(measured, first, np.asarray(both))
    return found, membership.compared(variables, groups, model, both, first_weighted=False)
