"""Environments as created by pip and conda, and a package index in a folder, small enough for each test."""

import shutil
import subprocess
import sys
from pathlib import Path

import pip as pip_package

from tests.wheels import write_wheel


def put(path, content="x"):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)


def install(environment, *names, conda=False, installer="pip", direct=None):
    """Write the metadata of packages (``numpy-2.1.0``), and nothing else."""
    site = environment / "lib" / "python3.11" / "site-packages"
    for name in names:
        if conda:
            put(environment / "conda-meta" / f"{name}-py311_0.json")
        else:
            info = site / f"{name}.dist-info"
            put(info / "METADATA")
            put(info / "INSTALLER", f"{installer}\n")
            put(info / "RECORD", "")
            if direct is not None:
                put(info / "direct_url.json", direct)


def make_wheel(folder, name, version="1.0", needs=(), module=None):
    """Build a wheel with one module."""
    return write_wheel(folder, name, version, {f"{name}.py": module or f"__version__ = {version!r}\n"}, needs)


def make_venv(path):
    """Create a real environment with a real pip, copied from ours because that is faster."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(path)], check=True, timeout=120, capture_output=True)
    (site,) = path.glob("lib/python3*/site-packages")
    ours = Path(pip_package.__file__).parent
    for folder in (ours, *ours.parent.glob("pip-*.dist-info")):
        shutil.copytree(folder, site / folder.name)
    return path


def pip(environment, *words):
    """Run pip as in a terminal."""
    command = [str(environment / "bin" / "python"), "-m", "pip", "--disable-pip-version-check", *words]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
