"""``--help`` answers at once, and a usage mistake costs no import of a statistics library."""

import subprocess
import sys
import time
from importlib.util import find_spec

import pytest

from coprod_trust.beside import NEEDED_BESIDE, NEEDED_LATER

HEAVY = ("duckdb", "matplotlib", "numpy", "pandas", "pingouin", "prefect", "pyarrow", "pydantic", "rich", "vl_convert")
HEAVY += ("ruamel.yaml", "scipy", "statsmodels")


def seconds(arguments):
    began = time.perf_counter()
    subprocess.run([sys.executable, "-m", "coprod_trust", *arguments], check=True, capture_output=True)
    return time.perf_counter() - began


def test_help_answers_in_half_a_second():
    assert min(seconds(["--help"]) for _ in range(3)) < 0.5


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["run", "--help"], ["sql", "--help"]])
def test_help_imports_nothing_heavy(arguments):
    program = (
        "import sys\n"
        "from coprod_trust.cli.app import application\n"
        f"application.main({arguments!r}, prog_name='coprod-trust', standalone_mode=False)\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    assert done.stderr.strip() == "[]"


@pytest.mark.parametrize("name", sorted({*NEEDED_BESIDE, *NEEDED_LATER}))
def test_what_is_imported_ahead_is_there(name):
    assert find_spec(name) is not None
