"""Whatever a file holds, every row of it is accounted for, and answers are what a person can give."""

import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from coprod_trust.errors import Refused
from coprod_trust.ingest import run
from coprod_trust.ingest.invariant import InvariantBroken
from tests.ingest.gate_case import Case
from tests.studies import answers

YAML = "consent: {column: consent, granted: ['yes'], withdrawn: [withdrawn]}\nplatform: {free_text: [remark]}\n"
IDS = st.sampled_from(["P001", "p1", "P002", "P 3", "4", "", "1.2E+05", "x", "P0001", "P005", "P006", "P007"])
ANSWERS = st.sampled_from(
    ["0", "5", "10", "", "88", "99", "11", "-1", "7.5", "7,5", "3-4", "seven", " 6 ", "NaN", "1e1"]
)
ROW = st.fixed_dictionaries(
    {
        "pid": IDS,
        "group": st.sampled_from(["participant", "non-participant", "", "other"]),
        "date": st.sampled_from(["2025-01-13", "", "2025-02-30", "2025-07-14", "x"]),
        "age": st.sampled_from(["30", "", "200", "thirty"]),
        "birth_year": st.sampled_from(["1980", "1981", ""]),
        "gender": st.sampled_from(["m", "f", ""]),
        "consent": st.sampled_from(["yes", "yes", "yes", "", "withdrawn"]),
        "remark": st.sampled_from(["", "fine", "mail me: a.b@example.org"]),
        "prov_1": ANSWERS, "prov_2": ANSWERS, "prov_3": ANSWERS, "peer_1": ANSWERS,
    }
)  # fmt: skip
BLANK = st.just(dict.fromkeys(("pid", "group", "prov_1"), ""))
TABLE = st.lists(st.one_of(ROW, ROW, ROW, BLANK), min_size=1, max_size=14)


def _filled(rows: list[dict[str, str]]) -> list[dict[str, str]]:
    columns = [*answers()["w1"][0], "consent", "remark"]
    return [{c: row.get(c, "") for c in columns} for row in rows]


@settings(max_examples=12, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(st.tuples(TABLE, TABLE))
def test_rows_in_are_rows_accounted_for(tables: tuple[list[dict[str, str]], list[dict[str, str]]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        case = Case(Path(folder) / "study").declare(YAML)
        case.waves = {f"w{i}": _filled(rows) for i, rows in enumerate(tables, start=1)}
        try:
            case.run("w2")
        except Refused:
            assert any(not any(any(r.values()) for r in rows) for rows in tables)
            return
        files = case.query("SELECT wave, rows_in, accepted, quarantined, duplicates, blank, withdrawn FROM source_file")
        for wave, rows_in, *rest in files:
            assert rows_in == sum(rest) <= len(case.waves[wave])
            assert rest[3] <= sum(not any(r.values()) for r in case.waves[wave])
            people = case.query(f"SELECT participant_id FROM answer.{wave}")
            assert len(people) == len(set(people)) == rest[0]
            for item in ("prov_1", "prov_2", "prov_3", "peer_1"):
                for value, reason in case.query(f"SELECT {item}, {item}__reason FROM answer.{wave}"):
                    assert (value is None) == (reason is not None)
                    assert value is None or 0 <= value <= 10
        held = case.query(
            "SELECT count(DISTINCT (source_id, row_number)) FROM problem WHERE scope = 'row' AND status = 'open' "
            "AND severity = 'quarantine' AND rule <> 'birth-year-differs'"
        )
        assert held[0][0] == sum(f[3] for f in files)


def test_a_lost_row_stops_the_run_as_a_defect(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    wrote = run.write_participants

    def lose(con, study, waves, beside):  # type: ignore[no-untyped-def]
        wrote(con, study, waves, beside)
        con.execute("DELETE FROM answer.w1 WHERE row_number = 3")

    monkeypatch.setattr(run, "write_participants", lose)
    with pytest.raises(InvariantBroken, match="w1"):
        case.run()
