"""The model of engagement that the notes are held against: its variables, the links it expects, and the cases compared.

The default is the model of Van Eijk and Steen (2016): salience; then ease, internal and external efficacy and trust;
then engagement, looked back upon. Where their text allows two readings the declaration says which one is used.
"""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


class Element(_Model):
    """Something that people may speak of: a variable of the model, a new element, or a motive."""

    id: str = Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=48)
    label: str
    codes: list[str] = Field(min_length=1, description="codes that stand for it; a code stands for those below it too")
    times: list[str] = Field(default_factory=list, description="time references that count; empty: all")
    kind: Literal["model", "new", "motive"] = "model"
    rung: int | None = Field(None, ge=1, description="its rung on the decision ladder; null: none")
    guide: list[str] = Field(
        default_factory=list, description="constructs of the guide by which it was asked, beside its id"
    )
    note: str = Field("", description="which reading is used where there are several")


class Link(_Model):
    """A link that the model expects between two variables."""

    source: str
    target: str


class Case(_Model):
    """A case that is compared with others."""

    name: str = Field(min_length=1, description="as in documents.csv")
    label: str = ""
    attributes: dict[str, str] = Field(default_factory=dict, description="how the cases differ, in words")


def _variable(id: str, label: str, codes: str, rung: int | None = None, **more: object) -> Element:
    return Element(id=id, label=label, codes=codes.split(), rung=rung, **more)


def default_elements() -> list[Element]:
    """Variables, new elements and motives, by the codes of the default codebook."""
    return [
        _variable("salience", "salience", "VES-SAL-P VES-SAL-S", 1),
        _variable("ease", "ease", "VES-EASE", 2),
        _variable("internal_efficacy", "internal efficacy", "VES-INT", 2),
        _variable(
            "external_efficacy", "external efficacy", "VES-EXT COND-RESP", 2,
            note="the model's source calls it the second rung in one place and 'a third step' in another",
        ),
        _variable("trust_before", "trust before taking part", "VES-TR", 2, times=["before"], guide=["trust"]),
        _variable(
            "trust_during", "trust while taking part", "VES-TR", 3, times=["now", "after", "during", "change"],
            guide=["trust"],
        ),
        _variable("socio_economic", "skills from job or education", "IND-SES", guide=["individual"]),
        _variable(
            "connectedness", "social connectedness", "IND-NET", guide=["individual"],
            note="networks that make a matter people's own are counted as the new element 'network' instead",
        ),
        _variable("self_interest", "motives of one's own", "ENG-SELF", guide=["motives"]),
        _variable("community", "community motives", "ENG-COM", guide=["motives"]),
        _variable("feedback", "looking back", "FB", 3),
        _variable("new_network", "network", "NEW-NET", kind="new"),
        _variable("new_problem", "an actual problem", "NEW-PROB", kind="new"),
        _variable(
            "new_information", "wanting information", "NEW-INFO", kind="new",
            note="the model's source excepts the client councils and does not say in which country",
        ),
        _variable("new_anxiety", "anxiety", "NEW-ANX", kind="new"),
        _variable("new_dissatisfaction", "dissatisfaction", "NEW-DISS", kind="new"),
        _variable("motive_material", "material", "ENG-SELF-MAT", kind="motive", guide=["self_interest"]),
        _variable("motive_solidary", "solidary", "ENG-SELF-SOL", kind="motive", guide=["self_interest"]),
        _variable("motive_expressive", "expressive", "ENG-SELF-EXP", kind="motive", guide=["self_interest"]),
        _variable("motive_intrinsic", "intrinsic", "ENG-SELF-INT", kind="motive", guide=["self_interest"]),
        _variable("motive_sanction", "avoiding a sanction", "ENG-SELF-SAN", kind="motive", guide=["self_interest"]),
        _variable("motive_organisation", "for the organisation", "ENG-COM-ORG", kind="motive", guide=["community"]),
        _variable("motive_neighbourhood", "for the neighbourhood", "ENG-COM-NBH", kind="motive", guide=["community"]),
        _variable("motive_society", "for society", "ENG-COM-SOC", kind="motive", guide=["community"]),
    ]  # fmt: skip


def default_links() -> list[Link]:
    """Individual characteristics with the second rung, motives with salience, trust with external efficacy."""
    second = ("internal_efficacy", "external_efficacy", "trust_before", "ease")
    pairs = [(source, target) for source in ("socio_economic", "connectedness") for target in second]
    pairs += [("self_interest", "salience"), ("community", "salience"), ("trust_during", "external_efficacy")]
    return [Link(source=source, target=target) for source, target in pairs]


DEFAULT_APPRAISALS = {"going on": ("FB-CONT",), "doubting": ("FB-DOUBT",), "leaving": ("FB-EXIT",)}


class Engagement(_Model):
    """What the notes are held against."""

    elements: list[Element] = Field(default_factory=default_elements)
    links: list[Link] = Field(default_factory=default_links)
    appraisals: dict[str, list[str]] = Field(
        default_factory=lambda: {name: list(codes) for name, codes in DEFAULT_APPRAISALS.items()},
        description="what people make of it so far: the codes that stand for it",
    )
    inductive: list[str] = Field(
        default_factory=lambda: ["NEW", "OTHER"],
        description="codes that came from the notes; saturation is shown for them by themselves too",
    )
    cases: list[Case] = Field(default_factory=list, description="in the order in which they are shown; else by name")

    @property
    def variables(self) -> list[Element]:
        """The variables of the model."""
        return [e for e in self.elements if e.kind == "model"]
