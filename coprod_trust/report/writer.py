"""What every section needs: the rows, the language, the edition, and the study's own names for things."""

from __future__ import annotations

from dataclasses import dataclass, field

from coprod_trust.analysis.finding import STRICT_MATCHES
from coprod_trust.privacy.disclosure import Edition, Part, allows, may_show, may_show_percentage, minimum_group
from coprod_trust.report.language import Language
from coprod_trust.report.model import Column, Paragraph, Sentence, Text, Theirs, Words
from coprod_trust.report.read import DEFAULT_POPULATION, Material
from coprod_trust.report.rows import CodeRow, FindingRow
from coprod_trust.study.model import Groups, Scale
from coprod_trust.study.report_settings import Labels, ReportLanguage

# A method that compares a correlation with the one that it names.
COMPARED_WITH = "steiger_vs_"
# A method that is another one, within the group that it names.
IN_GROUP = "spearman_in_"
_EVERYBODY = Groups().values[0].label


class Phrases:
    """What needs nothing but the language and the edition: numbers, counts, names of verdicts and columns."""

    t: Language
    edition: Edition

    def share(self, k: int, n: int) -> Words:
        """'39 % (7 of 18)' from 20 people on, '7 of 18' below."""
        if n and may_show_percentage(n):
            return self.t.say("share.percent", percent=self.t.number(100 * k / n, 0), k=k, n=n)
        return self.t.say("share.count", k=k, n=n)

    def count(self, n: int | None) -> Text:
        """A count of people in a group, or 'not shown' where the group is too small for this edition."""
        if n is None or not may_show(n, self.edition):
            return self.t.say("not_shown")
        return Words(self.t.integer(n))

    def allows(self, part: Part) -> bool:
        """Whether this edition may hold such a part at all."""
        return allows(self.edition, part)

    def small_groups(self) -> Sentence:
        """From how many people on this edition shows a group."""
        return self.t.sentence("note.small_groups", minimum=minimum_group(self.edition))

    def whole(self, n: int | None) -> Words:
        """A count that is exempt from suppression; '' for none."""
        return Words("" if n is None else self.t.integer(n))

    def known(self, n: int | None) -> Words:
        """A count that was suppressed where it had to be; None is 'not shown'."""
        return self.t.say("not_shown") if n is None else self.whole(n)

    def estimate(
        self, value: float | None, low: float | None, high: float | None, digits: int = 1, plus: bool = False
    ) -> Words:
        """'−11.6 (−16.3 to −6.9)'."""
        if value is None:
            return self.t.say("none")
        interval = self.t.interval(low, high, digits)
        return Words(self.t.number(value, digits, plus) + (f" ({interval})" if interval else ""))

    def correlation(self, value: float | None, low: float | None, high: float | None) -> Words:
        """'.60 (.36 to .76)': what cannot pass 1, two decimals, written as the language writes it."""
        if value is None:
            return self.t.say("none")
        interval = self.t.interval(low, high, 2, bare=True)
        return Words(self.t.bare(value) + (f" ({interval})" if interval else ""))

    def columns(self, *keys: str) -> tuple[Column, ...]:
        """Columns by the catalogue; a key that ends in # is a column of numbers."""
        return tuple(Column(self.t.say(f"column.{k.rstrip('#')}"), k.endswith("#")) for k in keys)

    def verdict(self, verdict: str | None) -> Words:
        """The verdict in the language of the report."""
        return self._known("verdict", verdict)

    def certainty(self, certainty: str | None) -> Words:
        """The certainty word in the language of the report."""
        return self._known("certainty", certainty)

    def capital(self, words: Words) -> Words:
        """The same with a capital, for the start of a line; names such as d_z stay as they are."""
        if "_" in words:
            return words
        return Words(words[:1].upper() + words[1:], words.own[:1].upper() + words.own[1:])

    def _known(self, table: str, name: str | None) -> Words:
        if not name:
            return self.t.say(f"{table}.none")
        key = f"{table}.{name.replace(',', '').replace(' ', '_')}"
        return self.t.say(key) if self.t.has(key) else Words(name.replace("_", " "))

    def paragraph(self, *sentences: Sentence | None) -> Paragraph:
        """The sentences that are there, as one paragraph."""
        return Paragraph(tuple(s for s in sentences if s is not None))


@dataclass(frozen=True)
class Writer(Phrases):
    """``t`` speaks the language of the report; the methods give names and numbers their form."""

    m: Material = field(repr=False)
    t: Language
    edition: Edition = Edition.INTERNAL

    @property
    def delta(self) -> str:
        """The equivalence bound, as written in a sentence."""
        return f"{self.m.study.plan.equivalence_bound:g}".replace(".", str(self.t.catalogue["format.decimal"]))

    @property
    def only_linked(self) -> bool:
        """Whether only people who are found in more than one wave are followed: nobody can be said to have left."""
        rule = self.m.study.follow_up
        return rule is not None and rule.only_linked

    @property
    def followed(self) -> str:
        """Who is followed, as keys of the catalogue end: started, asked_again or linked."""
        return "linked" if self.only_linked else "started" if self.m.study.follow_up is None else "asked_again"

    @property
    def whom(self) -> Words:
        """Of whom change and levels are."""
        return self.t.say(f"whom.{self.followed}")

    def wave(self, wave_id: str) -> Theirs:
        """The label of a wave."""
        if wave_id in self.m.study.wave_ids:
            return Theirs(self.m.study.wave(wave_id).label)
        return Theirs(wave_id)

    def wave_title(self, wave_id: str) -> Theirs:
        """The label of a wave with a capital, as a title or at the start of a line."""
        return _capital(self.wave(wave_id))

    def scale(self, scale: Scale | str) -> Theirs:
        """The label of a scale, given as such or as the outcome of a finding."""
        found = scale if isinstance(scale, Scale) else self.m.scale(scale)
        if found:
            return Theirs(found.label)
        name, _, level = str(scale).partition(": ")
        covariate = next((c for c in self.m.study.covariates if c.id == name), None)
        if covariate:
            label = covariate.label or covariate.id
            texts = self.m.study.report.labels.get(ReportLanguage(self.t.code), Labels()).texts
            return Theirs(f"{label}: {texts.get(level, level)}" if level else label)
        items = (i for s in self.m.study.scales for i in s.items)
        worded = next((i.wording for i in items if i.id == scale and i.wording), None)
        return Theirs(f"'{worded.rstrip('.')}'" if worded else str(scale))

    def title(self, scale: Scale | str) -> Theirs:
        """The label of a scale with a capital, as a title or at the start of a line."""
        return _capital(self.scale(scale))

    def pair(self, finding: FindingRow) -> Words:
        """'Motivation with trust in the provider'."""
        return self.t.say("association.panel", x=self.title(finding.predictor or ""), y=self.scale(finding.outcome))

    def construct(self, name: str | None) -> Theirs:
        """What a code is about: scales or dimensions by their label, else as the codebook has it."""
        parts = []
        for part in (name or "").split(", "):
            scale = self.construct_scale(part)
            parts.append(scale.label if scale else self.t.phrase(part))
        return _capital(Theirs(", ".join(parts)))

    def construct_scale(self, name: str) -> Scale | None:
        """The scale that measures what the codebook names so, by its id or dimension."""
        wanted = name.replace("-", "_").replace(" ", "_")
        return next((s for s in self.m.study.scales if wanted in (s.id, s.dimension)), None)

    def named_code(self, code: CodeRow) -> Theirs:
        """The name of a code."""
        return Theirs(code.name)

    def outcome(self, finding: FindingRow) -> Text:
        """What the finding is about: the scale's label, and whose it is where that is not the participants."""
        if finding.population in (DEFAULT_POPULATION, self.m.study.groups.participants):
            return self.scale(finding.outcome)
        return self.t.say("among", label=self.scale(finding.outcome), group=self.group(finding.population))

    def outcome_title(self, finding: FindingRow) -> Text:
        """The same with a capital."""
        return self.at_start(self.outcome(finding))

    def at_start(self, text: Text) -> Text:
        """The same with a capital, for the start of a line."""
        capital = text[:1].upper() + text[1:]
        return Words(capital, text.own) if isinstance(text, Words) else Theirs(capital)

    def group(self, group_id: str) -> Theirs:
        """The label of a group."""
        groups = self.m.study.groups
        wanted = groups.participants if group_id == DEFAULT_POPULATION else group_id
        label = next((g.label for g in groups.values if g.id == wanted), group_id)
        # Where the study names no groups, the name is the program's own.
        return Theirs(self.t.say("whom.everybody") if groups.column is None and label == _EVERYBODY else label)

    def group_title(self, group_id: str) -> Theirs:
        """The label of a group with a capital, as a title or at the start of a line."""
        return _capital(self.group(group_id))

    def contrast(self, contrast: str | None) -> Words:
        """'Start to Twelve months', or the one wave that is named."""
        if contrast is None:
            return Words("")
        if "-" not in contrast:
            return self.t.say("plain", text=self.wave(contrast))
        start, end = contrast.split("-", 1)
        return self.t.say("contrast", start=self.wave(start), end=self.wave(end))

    def method(self, method: str) -> Words:
        """The name of a method, as the catalogue has it, else its id without underscores."""
        if method.startswith(COMPARED_WITH):
            return self.t.say("method.steiger", label=self.scale(method.removeprefix(COMPARED_WITH)))
        if method.startswith(STRICT_MATCHES):
            return self.t.say("method.strict_matches", method=self.method(method.removeprefix(STRICT_MATCHES)))
        if method.startswith(IN_GROUP):
            return self.t.say("method.spearman_in", group=self.group(method.removeprefix(IN_GROUP)))
        return self._known("method", method)

    def planned(self, finding: FindingRow) -> Words:
        """Whether the finding was planned."""
        return self.t.say("exploratory" if finding.exploratory else "planned")

    def person(self, participant_id: str, said: str) -> str:
        """What is told of one person's mark, after the id where this edition may hold it."""
        return f"{participant_id}: {said}" if self.allows(Part.PARTICIPANT_ID) else said


def _capital(label: Theirs) -> Theirs:
    return Theirs(label[:1].upper() + label[1:])
