"""What goes with willingness to take part, in the survey: the rungs and motives of the engagement model."""

from __future__ import annotations

from coprod_trust.report.groups import form_of_odds, odds_ratio
from coprod_trust.report.model import Row, Section, Sentence, Table, Text, Words
from coprod_trust.report.rows import EstimateRow, FindingRow
from coprod_trust.report.sentences import finding_sentences
from coprod_trust.report.writer import Writer


def engagement(w: Writer) -> Section | None:
    """One table in the order of the model; None where the study does not ask for willingness."""
    # As the analysis listed them: the ids carry no order, the estimates beside others do not either.
    findings = [f for f in w.m.findings if f.question == "engagement"]
    if not findings:
        return None
    t = w.t
    wave = w.contrast(findings[0].contrast)
    told = [f for f in findings if not f.declined]
    sentences: list[Sentence] = [t.sentence("engagement.intro", wave=wave)]
    sentences += [s for f in told if form_of_odds(w, f) != "open" for s in finding_sentences(w, f)]
    still = sum(form_of_odds(w, f) == "open" for f in told)
    if still:
        every = still == len(findings) > 1
        key = "engagement.open_all" if every else "engagement.open_count"
        sentences.append(t.sentence(key, None if every else still, total=len(findings)))
    rows = tuple(Row(_cells(w, f), f.finding_id) for f in sorted(findings, key=_size))
    columns = w.columns("predictor", "n#", "odds_ratio_ci#", "odds_ratio_beside#", "p#", "p_adjusted#", "status")
    table = Table(
        "engagement-table", t.say("engagement.table", wave=wave), columns, rows, (t.sentence("engagement.note"),)
    )
    return Section("engagement", t.say("section.engagement"), (w.paragraph(*sentences), table))


def _size(f: FindingRow) -> tuple[bool, float, str]:
    return (f.estimate is None, -(f.estimate or 0.0), f.finding_id)


def _cells(w: Writer, f: FindingRow) -> tuple[Text, ...]:
    t = w.t
    joint = next((e for e in f.estimates if e.method == "proportional_odds_adjusted"), None)
    return (
        w.title(f.predictor or ""),
        w.whole(f.n),
        t.say("declined.short") if f.declined else _odds(w, f),
        _odds(w, joint) if joint is not None and not joint.declined else t.say("none"),
        t.say("number", number=t.p(f.p_value)),
        t.say("number", number=t.p(f.p_adjusted) or t.say("none")),
        w.planned(f),
    )


def _odds(w: Writer, row: FindingRow | EstimateRow) -> Words:
    value, interval = odds_ratio(w, row.effect_size, row.effect_ci_low, row.effect_ci_high)
    return Words(f"{value} ({interval})" if interval else value)
