"""Agreement of coders as it stands in the tables of the notes."""

from __future__ import annotations

from dataclasses import fields

import pytest

from coprod_trust.integrate.agreement import Agreement, coder_agreement
from coprod_trust.store import insert_rows, open_memory


def test_pairs_of_coders_code_by_code_and_pooled() -> None:
    segments = [f"s{i:02d}" for i in range(40)]
    codings = [(s, "SUP", "ann") for s in segments[:12]] + [(s, "SUP", "ben") for s in segments[4:14]]
    codings += [(s, "MOT", coder) for s in segments[20:22] for coder in ("ann", "ben")]
    codings.append(("s39", "SUP", "ann"))
    readings = [(s, coder, s == "s39" and coder == "ben") for s in segments for coder in ("ann", "ben")]
    readings += [("s00", "cas", False), ("s01", "cas", False)]
    with open_memory() as con:
        insert_rows(con, "segment_coder", readings)
        insert_rows(con, "coding", [(*c, *[None] * 10) for c in codings])
        rows = {(r.coder_a, r.coder_b, r.code): r for r in coder_agreement(con)}
        assert [f.name for f in fields(Agreement)] == [
            d[0] for d in con.execute("FROM coder_agreement").description or ()
        ]
    sup = rows["ann", "ben", "SUP"]
    assert (sup.n_both, sup.n_a_only, sup.n_b_only, sup.n_neither) == (8, 4, 2, 25), "s39 is held and left out"
    observed, expected = 33 / 39, (12 * 10 + 27 * 29) / 39**2
    assert sup.kappa == pytest.approx((observed - expected) / (1 - expected))
    assert rows["ann", "ben", "MOT"].kappa == 1
    pooled = rows["ann", "ben", None]
    expected_mot = (2 / 39) ** 2 + (37 / 39) ** 2
    means = (observed + 1) / 2, (expected + expected_mot) / 2
    assert pooled.kappa == pytest.approx((means[0] - means[1]) / (1 - means[1]))
    assert pooled.n_segments == 39
    few = rows["ann", "cas", None]
    assert (few.n_segments, few.kappa) == (2, None)
    assert few.declined == "coder agreement needs at least 30 segments coded twice; there are 2"
    assert ("ann", "cas", "SUP") not in rows
