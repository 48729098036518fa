"""Rules that stand in SQL and in Python say the same."""

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coprod_trust.ingest.problem import Problem
from coprod_trust.ingest.reading import fold
from coprod_trust.store import sql
from coprod_trust.study import Severity
from coprod_trust.study.ids import normalise
from coprod_trust.study.model import Ids, Normalisation

CON = duckdb.connect()
TEXT = st.text(st.characters(codec="ascii", min_codepoint=32, max_codepoint=126), max_size=10).map(str.strip)
RULES = st.builds(
    Normalisation,
    upper=st.booleans(),
    remove=st.sampled_from(["", "[^A-Z0-9]", "[- ]", "^ID"]),
    prefix=st.sampled_from(["", "P", "T1-"]),
    digits=st.integers(0, 5),
)


def _macro(call: str, **names: object) -> str:
    template = sql._environment().from_string("{% import 'staging/_expressions.sql' as x %}{{ " + call + " }}")
    return str(template.render(**names))


@settings(max_examples=150, deadline=None)
@given(TEXT, RULES)
def test_ids_are_normalised_alike(raw: str, rule: Normalisation) -> None:
    expression = _macro("x.participant('$raw', n)", n=rule)
    found = CON.execute(f"SELECT {expression}", {"raw": raw}).fetchone()
    assert found == (normalise(Ids(column="id", normalise=rule), raw) or None,)


@settings(max_examples=100, deadline=None)
@given(st.text(st.sampled_from("aB  ÄßéŐ’'-7\t"), max_size=10).map(str.strip))
def test_texts_are_compared_alike(raw: str) -> None:
    expression = _macro("x.fold('$raw')")
    assert CON.execute(f"SELECT {expression}", {"raw": raw}).fetchone() == (fold(raw),)


@pytest.mark.parametrize("row", [None, 7])
@pytest.mark.parametrize("scale", [None, "peers"])
def test_problems_have_one_identity(row: int | None, scale: str | None) -> None:
    con = duckdb.connect()
    con.execute("CREATE SCHEMA staging")
    sql.run(con, "checks/ledger")
    problem = Problem(
        rule="out-of-range", severity=Severity.QUARANTINE, scope="cell", message="", expected="", fix="",
        source_id="w1__ab", name="waves/w1.csv", wave="w1", row_number=row, column_name="q'1", scale=scale,
    )  # fmt: skip
    found = con.execute(
        "SELECT problem_key($s, $n, $w, $r, $c, $k, $rule)",
        {"s": problem.source_id, "n": problem.name, "w": problem.wave, "r": problem.row_number,
         "c": problem.column_name, "k": problem.scale, "rule": problem.rule},
    ).fetchone()  # fmt: skip
    assert found == (problem.problem_id,)
