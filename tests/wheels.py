"""Build wheels for tests: of this tree, of a few files, or of another wheel with some changed files."""

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

BUILD_SECONDS = 300
METADATA = "Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{requires}"
WHEEL = "Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n"


def build_wheel(tree, folder):
    """Build the wheel of a source tree.

    Args:
        tree: folder of pyproject.toml.
        folder: folder for the wheel.
    """
    shutil.rmtree(tree / "build", ignore_errors=True)
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(tree)]
    built = subprocess.run(command, capture_output=True, text=True, timeout=BUILD_SECONDS, check=False, cwd=tree)
    assert built.returncode == 0, built.stdout + built.stderr
    (path,) = Path(folder).glob("*.whl")
    return path


def write_wheel(folder, name, version="1.0", files=(), requires=()):
    """Write a wheel with these files only.

    Args:
        folder: folder for the wheel.
        name: name of the distribution.
        version: version of the distribution.
        files: path to content, as text or bytes; ``DATA`` and ``INFO`` at the beginning mean the wheel's own folders.
        requires: distributions that it requires.
    """
    stem = f"{name.replace('-', '_')}-{version}"
    needed = "".join(f"Requires-Dist: {requirement}\n" for requirement in requires)
    inside = {
        path.replace("DATA/", f"{stem}.data/data/").replace("INFO/", f"{stem}.dist-info/"): content
        for path, content in {
            **dict(files),
            "INFO/METADATA": METADATA.format(name=name, version=version, requires=needed),
            "INFO/WHEEL": WHEEL,
        }.items()
    }
    record = f"{stem}.dist-info/RECORD"
    inside[record] = "".join(f"{path},,\n" for path in [*inside, record])
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{stem}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as wheel:
        for name_inside, content in inside.items():
            wheel.writestr(name_inside, content)
    return path


def changed_wheel(wheel, folder, changes):
    """Write a copy of a wheel in which some files have other content. Hashes of installed files are not checked.

    Args:
        wheel: the original.
        folder: folder for the copy, which has the same name.
        changes: path in the wheel to its new content.
    """
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / wheel.name
    with zipfile.ZipFile(wheel) as source, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as copy:
        for name in source.namelist():
            copy.writestr(name, changes.get(name, source.read(name)))
    return target
