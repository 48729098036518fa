"""What is found in the bytes of a file must not depend on where a block of them ends."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from coprod_trust.ingest.readers import csv_text
from coprod_trust.ingest.readers.csv_text import Dialect, Scan, checks_of, scan

PIECES = st.lists(
    st.sampled_from(
        [
            b"a",
            b"1",
            b"\n",
            b"\r\n",
            b"\r",
            b",",
            b";",
            b'"',
            b" ",
            b"=",
            b"-",
            "é".encode(),
            "\u200b".encode(),
            b"\xe9",
            b"\t",
        ]
    ),
    max_size=30,
).map(b"".join)


def looked_at(path: Path, block: int) -> tuple[Scan, object]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(csv_text, "CHUNK", block)
        found = scan(path)
        return found, checks_of(path, found, Dialect(",", '"', (), 2))


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(content=PIECES, block=st.integers(1, 7))
def test_blocks_of_any_size_give_the_same(content: bytes, block: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x.csv"
        path.write_bytes(content)
        whole = looked_at(path, 1 << 20)
        assert looked_at(path, block) == whole


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(content=PIECES)
def test_what_is_found_is_what_is_there(content: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x.csv"
        path.write_bytes(content)
        found = scan(path)
    try:
        content.decode("utf-8")
        utf8 = True
    except UnicodeDecodeError:
        utf8 = False
    assert found.utf8 == utf8
    lines = content.split(b"\n")
    assert found.lines == len(lines) - (lines[-1] == b"")
    ends = {b"\r\n" if line.endswith(b"\r") else b"\n" for line in lines[:-1]}
    one_kind = len(ends) <= 1 and content.count(b"\r") == content.count(b"\r\n")
    blank = any(line.strip(b"\r") == b"" for line in lines[:-1])
    assert found.plain_lines == (one_kind and not blank) or not content
