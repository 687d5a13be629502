"""What the tests of a whole instance share: our own wheel, built from this very tree."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import settings

# A long search draws anew; any other run judges the code, not the day's luck. Neither judges the machine's pace.
settings.register_profile("search", settings.get_profile("ci"), derandomize=False)
settings.load_profile("search" if "TRACES" in os.environ else "ci")

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="session")
def wheel(tmp_path_factory):
    """As a platform team would build it: the one that ``make`` has built (WHEEL), else one of our own."""
    if made := os.environ.get("WHEEL"):
        return Path(made).resolve()
    shutil.rmtree(ROOT / "build", ignore_errors=True)
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    built = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert built.returncode == 0, built.stdout + built.stderr
    (path,) = folder.glob("*.whl")
    return path
