"""Agreement of coders as it stands in the tables of the notes."""

from __future__ import annotations

from dataclasses import fields

import pytest

from coprod_trust.integrate.agreement import Agreement, coder_agreement
from coprod_trust.integrate.boundaries import BoundaryAgreement, boundary_agreement, read_passages
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
        rows = {(r.coder_a, r.coder_b, r.code): r for r in coder_agreement(con).result()}
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


def test_passages_cut_a_little_differently_are_compared_and_the_rest_is_not_absent() -> None:
    with open_memory() as con:
        for i in range(40):
            document, shift = f"d{i % 4}", 100 * i
            for coder, start, end in (("ann", shift, shift + 40), ("ben", shift + 4, shift + 42)):
                segment = f"{coder}{i}"
                con.execute(
                    "INSERT INTO segment (segment_id, document, start_offset, end_offset) VALUES ($1, $2, $3, $4)",
                    [segment, document, start, end],
                )
                insert_rows(con, "segment_coder", [(segment, coder, False)])
                if i < 10 or (coder == "ann" and i < 15):
                    insert_rows(con, "coding", [(segment, "SUP", coder, *[None] * 10)])
        # ann alone cut these: whether ben would have coded them is not known
        for i in range(10):
            con.execute(
                "INSERT INTO segment (segment_id, document, start_offset, end_offset) VALUES ($1, 'd0', $2, $3)",
                [f"alone{i}", 5000 + 100 * i, 5050 + 100 * i],
            )
            insert_rows(con, "segment_coder", [(f"alone{i}", "ann", False)])
            insert_rows(con, "coding", [(f"alone{i}", "SUP", "ann", *[None] * 10)])
        con.execute("INSERT INTO document (document, n_characters) SELECT DISTINCT document, 10000 FROM segment")
        rows = {r.code: r for r in coder_agreement(con).result()}
        boundaries = boundary_agreement(read_passages(con))
        assert [f.name for f in fields(BoundaryAgreement)] == [
            d[0] for d in con.execute("FROM boundary_agreement").description or ()
        ]
    sup = rows["SUP"]
    assert (sup.n_both, sup.n_a_only, sup.n_b_only, sup.n_neither) == (10, 5, 0, 25)
    whole = boundaries[0]
    assert (whole.document, whole.n_documents, whole.n_passages_a, whole.n_passages_b) == (None, 4, 50, 40)
    assert (whole.n_same, whole.n_matched, whole.n_characters) == (0, 40, 40000)
    assert whole.share_in_common == pytest.approx(40 * 36 / (40 * 42 + 10 * 50))
    assert whole.alpha_u is not None and 0 < whole.alpha_u < 1
    assert {b.document for b in boundaries[1:]} == {"d0", "d1", "d2", "d3"}
    assert boundaries[2].alpha_u is not None and boundaries[2].alpha_u > whole.alpha_u, "in d1 nothing was cut alone"


def test_passages_that_were_given_to_both_leave_nothing_to_cut() -> None:
    with open_memory() as con:
        for i in range(3):
            con.execute("INSERT INTO segment (segment_id, document, start_offset, end_offset) VALUES ($1, 'd', $2, $3)",
                        [f"s{i}", 10 * i, 10 * i + 8])  # fmt: skip
            insert_rows(con, "segment_coder", [(f"s{i}", "ann", False), (f"s{i}", "ben", False)])
        (row,) = boundary_agreement(read_passages(con))
    assert (row.n_same, row.alpha_u) == (3, None)
    assert row.declined is not None and "given" in row.declined


def test_passages_of_which_one_coder_read_a_part_alone_were_given_too() -> None:
    with open_memory() as con:
        con.execute("INSERT INTO document (document, n_characters) VALUES ('d', 1000)")
        for i in range(50):
            con.execute("INSERT INTO segment (segment_id, document, start_offset, end_offset) VALUES ($1, 'd', $2, $3)",
                        [f"s{i}", 20 * i, 20 * i + 8])  # fmt: skip
            readers = ("ann",) if i >= 30 else ("ann", "ben")
            insert_rows(con, "segment_coder", [(f"s{i}", c, False) for c in readers])
        (row,) = boundary_agreement(read_passages(con))
        assert (row.n_passages_a, row.n_passages_b, row.n_same) == (50, 30, 30)
        assert row.declined is not None and "given" in row.declined
        con.execute("UPDATE segment SET end_offset = end_offset + 2 WHERE segment_id = 's3'")
        con.execute("INSERT INTO segment (segment_id, document, start_offset, end_offset) VALUES ('s3b', 'd', 60, 68)")
        con.execute("UPDATE segment_coder SET segment_id = 's3b' WHERE segment_id = 's3' AND coder = 'ben'")
        assert boundary_agreement(read_passages(con))[0].declined is None, "one passage that both cut, otherwise"
