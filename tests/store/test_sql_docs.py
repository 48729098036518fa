"""docs/sql.md and the examples hold what the published database holds."""

from __future__ import annotations

from pathlib import Path

import pytest

from coprod_trust.store.query import query
from tests.store.sql_docs import document, examples, title

PAGE = Path(__file__).parents[2] / "docs" / "sql.md"


def test_the_page_is_up_to_date(published_study: Path) -> None:
    assert PAGE.read_text(encoding="utf-8") == document(published_study), "python -m tests.store.sql_docs > docs/sql.md"


@pytest.mark.parametrize("path", examples(), ids=lambda p: p.stem)
def test_an_example_runs_and_says_what_it_answers(published_study: Path, path: Path) -> None:
    assert title(path)[0].isupper()
    assert "?" in title(path)
    with query(published_study, path.read_text(encoding="utf-8")) as answer:
        assert len(answer.names) > 2
        rows = list(answer)
    if path.stem in NOT_EMPTY:
        assert rows


NOT_EMPTY = {
    "trust_over_time",
    "main_findings",
    "rose_and_fell",
    "largest_falls",
    "joined_and_did_not",
    "stayed_and_left",
    "why_no_score",
    "why_no_answer",
    "rows_of_every_file",
    "quarantine_by_rule",
    "from_score_to_row",
}


def test_trust_over_time_gives_the_mean_of_the_scores(published_study: Path) -> None:
    example = next(p for p in examples() if p.stem == "trust_over_time")
    with query(published_study, example.read_text(encoding="utf-8")) as answer:
        rows = [dict(zip(answer.names, row, strict=True)) for row in answer]
    with query(published_study, "SELECT provider__w2 FROM score_wide WHERE study_group = 'participant'") as answer:
        scores = [s for (s,) in answer if isinstance(s, float)]
    (found,) = [r for r in rows if (r["dimension"], r["wave"]) == ("provider", "w2")]
    assert found["people"] == len(scores) == 11
    assert found["mean_of_100"] == pytest.approx(sum(scores) / len(scores), abs=0.05)


def test_stayed_and_left_counts_the_participants_of_the_last_wave_with_answers(published_study: Path) -> None:
    example = next(p for p in examples() if p.stem == "stayed_and_left")
    with query(published_study, example.read_text(encoding="utf-8")) as answer:
        found = {(scale, later): people for scale, later, people, _ in answer}
    assert found["provider", "stayed"] == 10
    assert found["provider", "left"] == 2
