"""Environments as pip and conda leave them behind, and an index in a folder, small enough to build for each test."""

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pip as pip_package


def put(path, content="x"):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)


def install(environment, *names, conda=False, installer="pip", direct=None):
    """The metadata of packages (``numpy-2.1.0``), and nothing else."""
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
    """A wheel with one module in it."""
    stem = f"{name}-{version}"
    needed = "".join(f"Requires-Dist: {requirement}\n" for requirement in needs)
    files = {
        f"{name}.py": module or f"__version__ = {version!r}\n",
        f"{stem}.dist-info/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{needed}",
        f"{stem}.dist-info/WHEEL": "Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{stem}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as wheel:
        for inside, text in files.items():
            wheel.writestr(inside, text)
        record = "".join(f"{inside},,\n" for inside in [*files, f"{stem}.dist-info/RECORD"])
        wheel.writestr(f"{stem}.dist-info/RECORD", record)
    return path


def make_venv(path):
    """A real environment with a real pip: a copy of ours, which is quicker than to have it installed."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(path)], check=True, timeout=120, capture_output=True)
    (site,) = path.glob("lib/python3*/site-packages")
    ours = Path(pip_package.__file__).parent
    for folder in (ours, *ours.parent.glob("pip-*.dist-info")):
        shutil.copytree(folder, site / folder.name)
    return path


def pip(environment, *words):
    """As somebody does it in a terminal."""
    command = [str(environment / "bin" / "python"), "-m", "pip", "--disable-pip-version-check", *words]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
