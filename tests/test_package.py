"""The installed package runs outside the checkout, with its SQL inside."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.studies import small_study

CHECKOUT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that holds nothing but what the wheel carries."""
    folder = tmp_path_factory.mktemp("wheel")
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    subprocess.run(
        [*pip, "wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", str(folder), str(CHECKOUT)], check=True
    )
    (wheel,) = folder.glob("coprod_trust-*.whl")
    zipfile.ZipFile(wheel).extractall(folder / "site")
    return folder / "site"


def test_a_run_outside_the_checkout_publishes_and_reports(installed: Path, tmp_path: Path) -> None:
    study = small_study(tmp_path / "study")
    program = (
        "import coprod_trust, sys; from coprod_trust.cli import main; "
        f"assert coprod_trust.__file__.startswith({str(installed)!r}), coprod_trust.__file__; "
        "sys.exit(main())"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, "run", str(study), "--direct"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(installed)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    report = Path(done.stdout.strip().splitlines()[-1])
    assert report.is_file()
    assert (study / "published" / "trust.duckdb").is_file()
