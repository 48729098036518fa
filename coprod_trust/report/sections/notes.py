"""What people said: codes by number of participants, and quotes that may be shown."""

from __future__ import annotations

from coprod_trust.privacy.disclosure import Edition, Part, allows, may_show, suppress
from coprod_trust.report.charts import specs
from coprod_trust.report.model import Block, Figure, Heading, Panel, Quote, Row, Section, Table, Theirs, Words
from coprod_trust.report.rows import Agreement, CodeRow
from coprod_trust.report.sections.evidence import people as count_or_band
from coprod_trust.report.writer import Writer

MOST_BARS = 15
MOST_QUOTES = 12


def said(w: Writer) -> Section:
    """Codes by number of participants, and the quotes that may be shown."""
    title = w.t.say("section.said")
    base = w.m.notes_base
    if base is None or not base.n_segments:
        return Section("said", title, (w.paragraph(w.t.sentence("said.none")),))
    blocks: list[Block] = [
        w.paragraph(
            w.t.sentence("said.base", segments=base.n_segments, documents=base.n_documents, people=base.n_participants),
            w.t.sentence("said.unit"),
            w.t.sentence("said.unidentified", count=base.n_unidentified) if base.n_unidentified else None,
        )
    ]
    codes = [c for c in w.m.codes if c.n_segments]
    shown = [c for c in codes if c.n_participants and may_show(c.n_participants, w.edition)]
    if shown:
        blocks.append(_codes_figure(w, codes, shown, base.n_participants))
    elif codes:
        blocks.append(_codes_table(w, codes, base.n_participants))
    blocks += [*_filtered(w), *_boundaries(w), *_agreement(w), *_quotes(w, shown)]
    return Section("said", title, tuple(blocks))


def _codes_figure(w: Writer, codes: list[CodeRow], shown: list[CodeRow], people: int) -> Figure:
    drawn = shown[:MOST_BARS]
    spec = specs.code_bars([(c.name, c.n_participants) for c in drawn], w.t.say("axis.participants_spoke", n=people))
    spoken = w.t.join([w.t.say("said.spoken", name=Theirs(c.name), n=c.n_participants) for c in drawn])
    notes = (w.t.sentence("said.figure_note", n=len(drawn)),) if len(shown) > len(drawn) else ()
    panel = Panel(w.t.say("said.panel"), w.t.say("said.alternative", spoken=spoken, n=people), chart=spec)
    return Figure("codes", w.t.say("said.figure"), (panel,), _codes_table(w, codes, people), notes)


def _codes_table(w: Writer, codes: list[CodeRow], people: int) -> Table:
    rows = [
        Row(
            (
                Theirs(c.name),
                w.construct(c.construct),
                w.share(c.n_participants, people)
                if c.n_participants and may_show(c.n_participants, w.edition)
                else w.t.say("not_shown")
                if allows(w.edition, Part.CODE_COUNT)
                else count_or_band(w, c.n_participants, people),
                w.whole(c.n_segments) if may_show(c.n_participants, w.edition) else w.t.say("not_shown"),
            )
        )
        for c in codes
    ]
    columns = w.columns("code", "construct", "participants#", "segments#")
    return Table("codes-table", w.t.say("said.table"), columns, tuple(rows), (w.small_groups(),))


def _filtered(w: Writer) -> list[Block]:
    """What was left out before coding, and why; statements are counted, small numbers hidden with enough others."""
    rows = w.m.voices.filtered
    if not rows:
        return []
    total = sum(r.n_statements for r in rows)
    kept = sum(r.n_statements for r in rows if r.kept)
    shown: dict[int, int | None] = {k: r.n_statements for k, r in enumerate(rows)}
    if w.edition is Edition.PUBLIC:
        shown = suppress({k: r.n_statements for k, r in enumerate(rows)}, w.edition)
    told = (
        w.t.sentence("said.filtered", kept, of=total)
        if w.edition is Edition.INTERNAL or may_show(total - kept, w.edition)
        else w.t.sentence("said.filtered_few", of=total)
    )
    table_rows = tuple(
        Row(
            (
                w.t.say("said.passed" if r.kept else "said.left_out"),
                Theirs(r.reason) if r.reason else w.t.say("none"),
                w.known(shown[k]),
                w.known(r.n_documents if shown[k] is not None else None),
            )
        )
        for k, r in enumerate(rows)
        if w.edition is Edition.INTERNAL or shown[k] is not None
    )
    columns = w.columns("filter_decision", "filter_reason", "statements#", "documents#")
    table = Table("filter", w.t.say("said.filter"), columns, table_rows, folded=True)
    return [w.paragraph(told), *([table] if table_rows else [])]


def _boundaries(w: Writer) -> list[Block]:
    """Where passages begin and end comes before what they were coded with; coders are numbered, not named."""
    rows = w.m.voices.boundaries
    coders = _coders(w)
    sentences = [
        w.t.sentence("said.cut_alike", a=a, b=b, reason=w.t.phrase(r.declined))
        if r.declined
        else w.t.sentence(
            "said.cut",
            a=a,
            b=b,
            documents=r.n_documents,
            n_a=r.n_passages_a,
            n_b=r.n_passages_b,
            same=r.n_same,
            matched=r.n_matched,
            share=w.t.number(100 * (r.share_in_common or 0), 0),
            alpha=w.t.bare(r.alpha_u) if r.alpha_u is not None else w.t.say("none"),
        )
        for r in rows
        for a, b in [(coders.index(r.coder_a) + 1, coders.index(r.coder_b) + 1)]
    ]
    return [w.paragraph(*sentences)] if sentences else []


def _coders(w: Writer) -> list[str]:
    """Everybody who coded beside somebody else; the number of a coder in the report is the place here."""
    pairs = [(a.coder_a, a.coder_b) for a in w.m.agreement] + [(b.coder_a, b.coder_b) for b in w.m.voices.boundaries]
    return sorted({c for pair in pairs for c in pair})


def _agreement(w: Writer) -> list[Block]:
    """How far pairs of coders agreed before anything was reconciled; coders are numbered, not named."""
    t = w.t
    rows = [a for a in w.m.agreement if a.kappa is not None]
    if not rows:
        return []
    coders = _coders(w)
    pooled = [
        t.sentence(
            "said.pooled",
            a=coders.index(a.coder_a) + 1,
            b=coders.index(a.coder_b) + 1,
            n=a.n_segments,
            kappa=_with_interval(w, a),
        )
        for a in rows
        if a.code is None
    ]
    names = {c.code: c.name for c in w.m.codes}
    # How common a code is tells how few people were coded with it.
    inside = w.edition is Edition.INTERNAL
    counted = {c.code for c in w.m.codes if may_show(c.n_participants, w.edition)}
    table_rows = tuple(
        Row(
            (
                t.say(
                    "said.pair",
                    code=Theirs(names.get(a.code or "", a.code or "")),
                    a=coders.index(a.coder_a) + 1,
                    b=coders.index(a.coder_b) + 1,
                ),
                w.whole(a.n_segments),
                Words(t.number(100 * (a.prevalence or 0), 0)),
                t.say("number", number=_with_interval(w, a)),
                *(
                    t.say("number", number=t.bare(value) if value is not None else "")
                    for value in (a.alpha, a.pabak, a.ac1)
                ),
            )
        )
        for a in sorted(rows, key=lambda a: (names.get(a.code or "", ""), a.coder_a, a.coder_b))
        if a.code is not None and (inside or a.code in counted)
    )
    columns = w.columns("code_coders", "read_by_both#", "prevalence#", "kappa#", "k_alpha#", "pabak#", "ac1#")
    table = Table("agreement", t.say("said.agreement"), columns, table_rows, (t.sentence("said.agreement_note"),), True)
    return [w.paragraph(*pooled), *([table] if table_rows else [])]


def _with_interval(w: Writer, a: Agreement) -> str:
    interval = w.t.interval(a.ci_low, a.ci_high, 2, bare=True)
    return w.t.bare(a.kappa) + (f" ({interval})" if interval else "")


def _quotes(w: Writer, shown: list[CodeRow]) -> list[Block]:
    """Quotes on the codes that are shown, the most frequent codes first."""
    quotes = [(c, q) for c in shown for q in w.m.quotes.get(w.edition, ()) if q.code == c.code][:MOST_QUOTES]
    if not quotes:
        return [w.paragraph(w.t.sentence("said.no_quotes"))]
    blocks: list[Block] = [Heading("quotes", w.t.say("said.quotes")), w.paragraph(w.t.sentence("said.quotes_note"))]
    identified = allows(w.edition, Part.SEGMENT_ID)
    for code, quote in quotes:
        key = "said.paraphrase_of" if quote.paraphrased else "said.by"
        blocks.append(
            Quote(
                Theirs(quote.text),
                w.t.say(key, name=Theirs(code.name)),
                quote.segment_id if identified else None,
                quote.paraphrased,
            )
        )
    return blocks
