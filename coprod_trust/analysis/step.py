"""The analyse step: reads scores, answers every question of the plan, writes the findings."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from coprod_trust.analysis import (
    association,
    change,
    data,
    mixed_check,
    mixed_model,
    multiplicity,
    rules,
    selection,
    store,
)
from coprod_trust.analysis.finding import Estimate, Finding, Role
from coprod_trust.analysis.mixed_check import Fit, WaveMean
from coprod_trust.analysis.reliability import Reliability, declined_reliability, reliability
from coprod_trust.store import open_work
from coprod_trust.study.contrasts import Contrast, contrasts_of
from coprod_trust.study.model import Dimension, Scale

if TYPE_CHECKING:
    from coprod_trust.steps import Context, Counts

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Results:
    """Everything the step found."""

    reliabilities: tuple[Reliability, ...]
    wave_means: tuple[WaveMean, ...]
    findings: tuple[Finding, ...]


def run_step(context: Context) -> Counts:
    """Analyse the scores up to the context's wave; rebuilds its tables in one transaction."""
    study = context.study()
    with open_work(context.paths) as con:
        results = analyse(data.read(con, study, context.wave))
        store.write(con, results.reliabilities, results.wave_means, results.findings)
    return {
        "findings": len(results.findings),
        "declined": sum(f.declined is not None for f in results.findings),
        "estimates": sum(len(f.estimates) for f in results.findings),
    }


def analyse(measured: data.Measured) -> Results:
    """All analyses of the scores: the same input gives the same results, in whatever order it came."""
    from threadpoolctl import threadpool_limits

    # Small matrices only: more threads cost more than they give, and could change the last bits.
    with threadpool_limits(1, user_api="blas"):
        reliabilities = tuple(_reliabilities(measured))
        fits = _fits(measured)
        wave_means = (*_observed(measured), *_modelled(measured, fits))
        findings = _findings(measured, reliabilities, wave_means, fits)
    return Results(reliabilities, wave_means, findings)


def _scales(measured: data.Measured) -> list[Scale]:
    return [s for s in measured.study.scales if s.scored]


def _waves(measured: data.Measured, scale: Scale) -> tuple[str, ...]:
    return tuple(w for w in measured.waves if measured.study.asked(scale, w))


def _reliabilities(measured: data.Measured) -> Iterator[Reliability]:
    for scale in _scales(measured):
        for wave in _waves(measured, scale):
            items = measured.items(scale, wave)
            blocked = measured.blocked.get((scale.id, wave))
            for population in measured.populations(scale):
                group = population.group
                if items is None or blocked is not None:
                    reason = blocked or "none of its items was in the files of this wave"
                    yield declined_reliability(scale.id, wave, group, len(scale.items), reason)
                else:
                    yield reliability(scale.id, wave, group, items[measured.member(population)])


def _observed(measured: data.Measured) -> Iterator[WaveMean]:
    for scale in _scales(measured):
        for wave in _waves(measured, scale):
            scores = measured.score(scale.id, wave)
            for population in measured.populations(scale):
                values = scores[measured.member(population) & ~np.isnan(scores)]
                yield observed_mean(scale.id, wave, population.group, values)


def observed_mean(scale: str, wave: str, group: str, values: Floats) -> WaveMean:
    """Mean, SD and t interval of the scores of one group in one wave; no interval under the floor of a paired test."""
    from scipy.special import stdtrit

    n = len(values)
    mean = float(values.mean()) if n else None
    sd = float(values.std(ddof=1)) if n > 1 else None
    if mean is None or sd is None or n < rules.PAIRED_TEST.minimum:
        return WaveMean(scale, wave, group, "observed", n, mean, sd, None, None)
    half = float(stdtrit(n - 1, 0.975)) * sd / n**0.5
    return WaveMean(scale, wave, group, "observed", n, mean, sd, mean - half, mean + half)


@dataclass(frozen=True)
class _Fitted:
    """The models of one scale and population: the engine's, and statsmodels' as a check by others' code."""

    engine: mixed_model.Fit
    engine_adjusted: mixed_model.Fit | None
    plain: Fit
    adjusted: Fit | None


def _fits(measured: data.Measured) -> dict[tuple[str, str], _Fitted]:
    """Models of the trust dimensions and of the plan's primary scales; the waves that cannot be compared stay out."""
    study = measured.study
    fits = {}
    for scale in _scales(measured):
        if scale.dimension is None and scale.id not in study.plan.primary:
            continue
        waves = [w for w in _waves(measured, scale) if (scale.id, w) not in measured.blocked]
        comparable = [w for w in waves if w == waves[0] or not measured.why_not_comparable(scale.id, waves[0], w)]
        if len(comparable) < 2:
            continue
        scores = np.column_stack([measured.score(scale.id, w) for w in comparable])
        covariates = _covariates(measured, comparable)
        for population in measured.populations(scale):
            member = measured.member(population)
            if rules.MIXED_MODEL.declines(int((~np.isnan(scores[member])).any(axis=1).sum())):
                continue
            own = None if covariates is None else covariates[member]
            fits[scale.id, population.id] = _Fitted(
                mixed_model.fit(comparable, scores[member]),
                None if own is None else mixed_model.fit(comparable, scores[member], own[:, 0]),
                mixed_check.fit(comparable, scores[member]),
                None if own is None else mixed_check.fit(comparable, scores[member], own),
            )
    return fits


def _covariates(measured: data.Measured, waves: list[str]) -> Floats | None:
    """The plan's covariates as people x waves x columns: numbers as they are, categories as indicators."""
    import pandas as pd

    wanted = [c for c in measured.study.covariates if c.id in measured.study.plan.covariates]
    blocks = []
    for covariate in wanted:
        per_wave = [measured.covariate(covariate, w) for w in waves]
        if covariate.kind in ("number", "birth_year"):
            blocks.append(
                np.stack(
                    [pd.to_numeric(v, errors="coerce").to_numpy(float, na_value=np.nan) for v in per_wave], axis=1
                )[..., None]
            )
            continue
        levels = sorted({str(v) for series in per_wave for v in series.dropna()})
        for level in levels[1:]:
            columns = [np.where(v.isna(), np.nan, (v.astype(str) == level).astype(float)) for v in per_wave]
            blocks.append(np.stack(columns, axis=1)[..., None])
    return np.concatenate(blocks, axis=2) if blocks else None


def _modelled(measured: data.Measured, fits: dict[tuple[str, str], _Fitted]) -> Iterator[WaveMean]:
    for scale in _scales(measured):
        for population in measured.populations(scale):
            fitted = fits.get((scale.id, population.id))
            if fitted is not None:
                member = measured.member(population)
                model = fitted.engine
                counts = [int((~np.isnan(measured.score(scale.id, w)[member])).sum()) for w in model.waves]
                yield from model.wave_means(scale.id, population.group, counts)


def _findings(
    measured: data.Measured,
    reliabilities: tuple[Reliability, ...],
    wave_means: tuple[WaveMean, ...],
    fits: dict[tuple[str, str], _Fitted],
) -> tuple[Finding, ...]:
    plan = measured.study.plan
    families = multiplicity.Families(plan)
    findings: list[Finding] = []
    changes: list[change.Tested] = []
    associations: list[association.Tested] = []
    for question, extra in _change_questions(measured, reliabilities, wave_means, fits):
        reason = change.why_declined(question)
        if reason is not None:
            families.add(question.finding_id, question.name, question.slot, None)
            findings.append(_in_family(change.declined_finding(question, reason), families))
            continue
        tested = change.test_question(question, plan, extra)
        families.add(question.finding_id, question.name, question.slot, tested.deciding.p_value)
        changes.append(tested)
    for pair in _association_questions(measured):
        reason = association.why_declined(pair)
        if reason is not None:
            families.add(pair.finding_id, pair.name, pair.slot, None)
            findings.append(_in_family(association.declined_finding(pair, reason), families))
            continue
        related = association.test_question(pair, plan)
        families.add(pair.finding_id, pair.name, pair.slot, related.p_value)
        associations.append(related)
    compared = []
    for at_start in _selection_questions(measured):
        reason = selection.why_declined(at_start)
        estimates = selection.declined(at_start, reason) if reason else selection.answer(at_start, plan)
        families.add(at_start.finding_id, at_start.name, at_start.slot, estimates[0].p_value)
        compared.append((at_start, estimates))
    findings += [selection.finding(q, e, families) for q, e in compared]
    findings += [change.finish(t, families, plan) for t in changes]
    findings += [association.finish(t, families, plan) for t in associations]
    return tuple(sorted(findings, key=lambda f: f.finding_id))


def _in_family(finding: Finding, families: multiplicity.Families) -> Finding:
    family = families.family(finding.finding_id)
    return finding.with_(family=family.id) if family else finding


def _change_questions(
    measured: data.Measured,
    reliabilities: tuple[Reliability, ...],
    wave_means: tuple[WaveMean, ...],
    fits: dict[tuple[str, str], _Fitted],
) -> Iterator[tuple[change.Question, tuple[Estimate, ...]]]:
    plan = measured.study.plan
    errors = _error_variances(reliabilities, wave_means)
    for scale in _scales(measured):
        first = next(iter(_waves(measured, scale)), None)
        for contrast in contrasts_of(measured.study, scale, measured.waves):
            for population in measured.populations(scale):
                member = measured.member(population)
                start = measured.score(scale.id, contrast.wave_from)[member]
                end = measured.score(scale.id, contrast.wave_to)[member]
                default = population.id == data.DEFAULT_POPULATION
                if not default and rules.PAIRED_TEST.declines(int((~np.isnan(start) & ~np.isnan(end)).sum())):
                    continue
                parts = [errors.get((scale.id, w, population.group)) for w in (contrast.wave_from, contrast.wave_to)]
                question = change.Question(
                    scale=scale.id,
                    wave_from=contrast.wave_from,
                    wave_to=contrast.wave_to,
                    population=population.id,
                    suffix=population.suffix,
                    start=start,
                    end=end,
                    exploratory=_exploratory(plan, f"change.{scale.id}{population.suffix}", contrast)
                    and not (default and contrast.planned and scale.id in plan.primary),
                    first_wave=contrast.wave_from == first,
                    reliable_sd=None if None in parts else float(np.sqrt(sum(p for p in parts if p is not None))),
                    declined=measured.why_not_comparable(scale.id, contrast.wave_from, contrast.wave_to),
                    flagged=measured.flagged_in(contrast.wave_from, contrast.wave_to)[member],
                )
                yield question, _model_estimates(fits.get((scale.id, population.id)), contrast)


def _error_variances(
    reliabilities: tuple[Reliability, ...], wave_means: tuple[WaveMean, ...]
) -> dict[tuple[str, str, str], float]:
    """Error variance of a score, SD squared times one less reliability, by scale, wave and group."""
    sds = {(m.scale, m.wave, m.population): m.sd for m in wave_means if m.method == "observed"}
    found = {}
    for r in reliabilities:
        sd = sds.get((r.scale, r.wave, r.population))
        if r.value is not None and r.value > 0 and sd:
            found[r.scale, r.wave, r.population] = sd**2 * (1 - r.value)
    return found


def _model_estimates(fitted: _Fitted | None, contrast: Contrast) -> tuple[Estimate, ...]:
    """The engine's estimates with their t, and statsmodels' with their z beside them."""
    if fitted is None:
        return ()
    models = (
        (fitted.engine, Role.SECONDARY),
        (fitted.engine_adjusted, Role.SECONDARY),
        (fitted.plain, Role.CHECK),
        (fitted.adjusted, Role.CHECK),
    )
    return tuple(m.contrast(contrast.wave_from, contrast.wave_to, role) for m, role in models if m is not None)


def _exploratory(plan: multiplicity.Plan, question: str, contrast: Contrast) -> bool:
    """Whether the plan does not hold the question, or holds it as exploratory."""
    family = multiplicity.family_of(plan, question)
    return family is None or family.exploratory or not contrast.planned


def _selection_questions(measured: data.Measured) -> Iterator[selection.Question]:
    """Every scale asked of participants and of another group at the study's first wave."""
    study = measured.study
    first = study.waves[0].id
    if first not in measured.waves:
        return
    labels = {g.id: g.label.lower() for g in study.groups.values}
    for scale in _scales(measured):
        if not study.asked(scale, first):
            continue
        scores = measured.score(scale.id, first)
        groups = {p.id: scores[measured.member(p) & ~np.isnan(scores)] for p in measured.populations(scale)}
        participants = groups.pop(data.DEFAULT_POPULATION, np.empty(0))
        others = {g: v for g, v in groups.items() if len(v)}
        for group, values in others.items():
            suffix = f".{group}" if len(study.groups.values) > 2 else ""
            family = multiplicity.family_of(study.plan, f"selection.{scale.id}{suffix}")
            yield selection.Question(
                scale=scale.id,
                wave=first,
                other_label=labels[group],
                participants=participants,
                others=values,
                exploratory=family is None or family.exploratory,
                suffix=suffix,
                declined=measured.blocked.get((scale.id, first)),
            )


def _association_questions(measured: data.Measured) -> Iterator[association.Question]:
    study = measured.study
    participants = data.Population(data.DEFAULT_POPULATION, study.groups.participants)
    member = measured.member(participants)
    pairs = _pairs(measured)
    for predictor, outcome in pairs:
        common = [w for w in measured.waves if study.asked(predictor, w) and study.asked(outcome, w)]
        outcomes = [o for p, o in pairs if p.id == predictor.id and o.id != outcome.id]
        for contrast in contrasts_of(study, outcome, tuple(common)):
            a, b = contrast.wave_from, contrast.wave_to

            def scores(scale: Scale, a: str = a, b: str = b) -> association.Scores:
                return _scores(measured, scale, a, b, member)

            reasons = [
                f"{s.id}: {why}" for s in (predictor, outcome) if (why := measured.why_not_comparable(s.id, a, b))
            ]
            yield association.Question(
                predictor=scores(predictor),
                outcome=scores(outcome),
                others=tuple(scores(o) for o in outcomes if not measured.why_not_comparable(o.id, a, b)),
                wave_from=a,
                wave_to=b,
                population=participants.id,
                exploratory=_exploratory(study.plan, f"association.{predictor.id}-{outcome.id}", contrast),
                first_wave=a == common[0],
                declined="; ".join(reasons) or None,
                flagged=measured.flagged_in(a, b)[member],
            )


def _scores(
    measured: data.Measured, scale: Scale, wave_from: str, wave_to: str, member: NDArray[np.bool_]
) -> association.Scores:
    items = [measured.items(scale, w) for w in (wave_from, wave_to)]
    return association.Scores(
        scale.id,
        *(measured.score(scale.id, w)[member] for w in (wave_from, wave_to)),
        *(None if i is None else i[member] for i in items),
    )


def _pairs(measured: data.Measured) -> list[tuple[Scale, Scale]]:
    """Peers with provider, generalized and municipal trust, then every pair that the plan names."""
    study = measured.study
    scored = {s.id: s for s in _scales(measured)}
    peers = study.scale_of(Dimension.PEERS)
    wanted = []
    if peers is not None:
        others = (study.scale_of(d) for d in (Dimension.PROVIDER, Dimension.GENERALIZED, Dimension.MUNICIPAL))
        wanted = [(peers.id, o.id) for o in others if o is not None]
    for family in study.plan.families:
        for name in family.members:
            kind, _, rest = name.partition(".")
            predictor, dash, outcome = rest.partition("-")
            if kind == "association" and dash:
                wanted.append((predictor, outcome))
    return [(scored[p], scored[o]) for p, o in dict.fromkeys(wanted) if p in scored and o in scored]
