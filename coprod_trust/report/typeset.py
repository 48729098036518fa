"""Sets one document with typst, as a program of its own: typst keeps half a gigabyte of a long report in memory for
as long as its process lives.

Reads JSON from standard input, writes the PDF to standard output, and imports nothing of ours.
"""

from __future__ import annotations

import json
import sys
from datetime import datetime


def main() -> None:
    """``template``: typst's source; ``report``: its data, as JSON text; ``moment``: the date inside the file."""
    import typst

    job = json.load(sys.stdin.buffer)
    made = typst.compile(
        job["template"].encode(),
        format="pdf",
        sys_inputs={"report": job["report"]},
        pdf_standards=["ua-1"],
        ignore_system_fonts=True,
        timestamp=datetime.fromisoformat(job["moment"]),
    )
    sys.stdout.buffer.write(made)


if __name__ == "__main__":
    main()
