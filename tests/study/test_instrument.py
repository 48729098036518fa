"""The default instrument and codebook hold what the field expects of them."""

from __future__ import annotations

import csv
import io

import pytest

from coprod_trust.study.instrument import default_codebook, default_scales

SCALES = {s.id: s for s in default_scales()}
# scale: number of items, ends, reverse items
EXPECTED = {
    "generalized": (4, 0, 10, set()),
    "municipal": (4, 0, 10, set()),
    "provider": (6, 0, 10, {"prov_guarded"}),
    "peers": (3, 0, 10, set()),
    "interpersonal": (2, 0, 10, set()),
    "identification": (2, 0, 10, set()),
    "self_efficacy": (3, 1, 5, set()),
    "control": (7, 1, 4, {"ctl_no_way_out", "ctl_pushed", "ctl_little_grip", "ctl_helpless", "ctl_cannot_change"}),
    "motivation": (4, 1, 5, {"mot_have_to", "mot_wonder"}),
    "org_support": (4, 1, 5, {"sup_alone"}),
    "commitment": (3, 1, 5, set()),
    "internal_efficacy": (4, 1, 5, set()),
    "external_efficacy": (3, 1, 5, {"ext_decide_anyway"}),
    "ease": (4, 1, 5, {"ease_time"}),
    "salience": (2, 1, 5, set()),
    "community": (5, 1, 5, set()),
    "engagement": (2, 1, 5, set()),
    "self_interest": (5, 1, 5, set()),
    "free_riding": (1, 0, 10, set()),
}
# code: expected direction on provider, municipal, generalized, peers
CODES = """
TRU-ID + ? ? +|TRU-AFF + ? 0 0|TRU-COG ± ± 0 0|TRU-INS 0 ± ? 0|SE-UP + ? + ?|SE-DN - ? - ?|CTL-UP ± ? ? 0
CTL-DN ± ? ? 0|TN-BOND ? 0 + +|TN-CONF - ? - -|TN-OUT 0 ? - +|MOT-UP ± ? ? ?|MOT-DN ± ? ? ?|COND-SUP + + 0 0
COND-NOSUP - - 0 ?|COND-COM + ? ? +|COND-NOCOM - ? ? -|COND-RESP + + 0 0|OBS-CROWD - - ? 0|OBS-FREE ? 0 - -
OBS-UNC - - 0 0|OBS-SEL - - ? ?|VES-SAL-P 0 0 0 0|VES-SAL-S 0 0 0 0|VES-EASE 0 0 0 0|VES-INT ? 0 0 0|VES-EXT ± ± 0 0
VES-TR ± ± 0 0|IND-SES 0 0 0 0|IND-NET 0 0 0 0|ENG-SELF-MAT 0 0 0 0|ENG-SELF-SOL 0 0 0 0|ENG-SELF-EXP 0 0 0 0
ENG-SELF-INT 0 0 0 0|ENG-SELF-SAN 0 0 0 0|ENG-COM-ORG 0 0 0 0|ENG-COM-NBH 0 0 0 0|ENG-COM-SOC 0 0 0 0|NEW-NET 0 0 0 0
NEW-PROB 0 0 0 0|NEW-INFO 0 0 0 0|NEW-ANX 0 0 0 0|NEW-DISS 0 0 0 0|FB-CONT ? 0 0 0|FB-DOUBT ? 0 0 0|FB-EXIT ? 0 0 0
"""


def test_every_scale_is_there_with_its_items_ends_and_reverse_items() -> None:
    found = {s.id: (len(s.items), s.low, s.high, {i.id for i in s.items if i.reverse}) for s in SCALES.values()}
    assert found == EXPECTED


def test_trust_scales_carry_their_dimension_and_others_none() -> None:
    trust = {"generalized", "municipal", "provider", "peers", "interpersonal"}
    assert {s.id for s in SCALES.values() if s.dimension} == trust
    assert all(SCALES[t].dimension == t for t in trust)


def test_profiles_have_no_total() -> None:
    assert {s.id for s in SCALES.values() if not s.scored} == {"salience", "self_interest"}


def test_self_efficacy_is_scored_only_when_complete() -> None:
    assert SCALES["self_efficacy"].needed == 3


@pytest.mark.parametrize("item", [i for s in SCALES.values() for i in s.items], ids=lambda i: i.id)
def test_every_item_says_where_it_comes_from_and_claims_no_check(item) -> None:  # type: ignore[no-untyped-def]
    assert item.wording
    assert item.source
    assert item.licence
    assert item.wording_status in ("adapted", "own")
    assert not item.verified, "no wording was compared with its source"
    assert (item.wording_status == "own") == item.source.startswith("own")


def test_the_codebook_has_every_code_with_its_expected_directions() -> None:
    rows = {r["code"]: r for r in csv.DictReader(io.StringIO(default_codebook()))}
    directions = ("expected_provider", "expected_municipal", "expected_generalized", "expected_peers")
    for line in CODES.replace("\n", "|").strip("|").split("|"):
        code, *expected = line.split()
        assert [rows[code][d] for d in directions] == expected, code
        assert rows[code]["anchor"]
        assert rows[code]["construct"]
    assert {"OTHER", "UNCODABLE"} <= set(rows)
    assert all(r["definition"] for r in rows.values())
    assert all(not r["parent"] or r["parent"] in rows for r in rows.values())
