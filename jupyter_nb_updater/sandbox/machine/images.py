"""Software images of an instance: virtual environments that are built once and kept in the user's cache.

An image represents the AMI of a platform: ``SYSTEM`` contains those of consecutive releases, ``KERNEL`` is the environment of
the kernels. None of them contains this extension.
"""

from __future__ import annotations

import base64
import csv
import fcntl
import hashlib
import io
import json
import logging
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path, PurePosixPath

from ..options import Collaboration, SandboxError

NAME = "jupyter-nb-updater"
LEFT_OUT = {"INSTALLER", "REQUESTED", "RECORD", "direct_url.json"}
"""Files that pip adds to a distribution when it installs it."""


def repack(folder: Path) -> Path:
    """Write a wheel of the installed distribution into ``folder`` and return its path.

    Raises:
        SandboxError: the package is not installed, or is installed in editable mode.
    """
    try:
        distribution = metadata.distribution(NAME)
    except metadata.PackageNotFoundError as error:
        raise SandboxError(f"{NAME} is not installed here: install it, or specify a wheel with --wheel") from error
    if _is_editable(distribution):
        raise SandboxError(
            f"{NAME} is installed in editable mode, so no wheel can be built from it: "
            "run `python -m build --wheel` and specify the result with --wheel"
        )
    stem = f"{NAME.replace('-', '_')}-{distribution.version}"
    target = folder / f"{stem}-{_tag(distribution)}.whl"
    record = [(name, path.read_bytes()) for name, path in sorted(_contents(distribution, f"{stem}.data").items())]
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as wheel:
        for name, content in record:
            wheel.writestr(name, content)
        wheel.writestr(f"{stem}.dist-info/RECORD", _record(record, f"{stem}.dist-info/RECORD"))
    return target


def _is_editable(distribution: metadata.Distribution) -> bool:
    """Check for editable mode (PyPA, "Recording the Direct URL Origin of installed distributions")."""
    direct_url = distribution.read_text("direct_url.json")
    return bool(direct_url and json.loads(direct_url).get("dir_info", {}).get("editable"))


def _tag(distribution: metadata.Distribution) -> str:
    for line in (distribution.read_text("WHEEL") or "").splitlines():
        key, _, value = line.partition(": ")
        if key == "Tag":
            return value.strip()
    raise SandboxError(f"the installed {NAME} has no WHEEL file: specify a wheel with --wheel")


def _contents(distribution: metadata.Distribution, data: str) -> dict[str, Path]:
    """Return the files on disk by their name in the wheel.

    Files outside site-packages go to ``.data/data``; scripts are omitted, because pip creates them from the entry points.
    """
    contents = {}
    for file in distribution.files or ():
        parts = PurePosixPath(file).parts
        outside = [part for part in parts if part != ".."]
        if file.name in LEFT_OUT or "__pycache__" in parts or outside[0] in ("bin", "Scripts"):
            continue
        name = str(file) if len(outside) == len(parts) else f"{data}/data/{'/'.join(outside)}"
        contents[name] = Path(str(distribution.locate_file(file)))
    return contents


def _record(files: list[tuple[str, bytes]], own_name: str) -> str:
    """Return the RECORD of a wheel (PyPA, "Binary distribution format")."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    for name, content in files:
        digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
        writer.writerow((name, f"sha256={digest}", len(content)))
    writer.writerow((own_name, "", ""))
    return text.getvalue()


CACHE_FORMAT = 2  # version of the cache; another number rebuilds the images
BUILD_TIMEOUT_SECONDS = 900
EXCLUDED_PACKAGE = "rfc3987-syntax"
"""Package that is uninstalled from each image.

With it, jsonschema 4.26 builds a grammar at import: three quarters of JupyterLab's
own load time. Only its formats ``iri`` and ``iri-reference`` need it, and Jupyter uses neither."""

LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class Recipe:
    """Content of an image: pip requirements on top of a ``base`` or an empty environment."""

    name: str
    requirements: tuple[str, ...]
    base: Recipe | None = None

    @property
    def key(self) -> str:
        """Identifies the image; it changes with everything that changes the image."""
        origin = self.base.key if self.base else [sys.version, sys.base_prefix]
        text = json.dumps([CACHE_FORMAT, self.requirements, origin])
        return f"{self.name}-{hashlib.sha256(text.encode()).hexdigest()[:16]}"


COMMON = ("boto3", "requests", "psutil", "ipykernel")
FIRST = Recipe("system-1", ("jupyterlab==4.5.*", "notebook==7.5.*", *COMMON))
SYSTEM = (FIRST, Recipe("system-2", ("jupyterlab==4.6.*", "notebook==7.6.*"), FIRST))
KERNEL = Recipe("kernel", ("ipykernel",))


def system(collaboration: Collaboration | None = None) -> tuple[Recipe, ...]:
    """Return the recipes of Jupyter's environment, one for each boot, optionally with a version of jupyter-collaboration."""
    if collaboration is None:
        return SYSTEM
    # 3 has no room for a file that JupyterLab 4.5 opens: it looks for "RTC:…" on disk. Seen with 3.1.2.
    under = SYSTEM if collaboration == "5" else (Recipe("system-0", ("jupyterlab==4.4.*", "notebook==7.4.*", *COMMON)),)
    added = (f"jupyter-collaboration=={collaboration}.*",)
    return tuple(Recipe(f"{recipe.name}-collaboration-{collaboration}", added, recipe) for recipe in under)


@dataclass(frozen=True)
class Image:
    """An image on disk. Its scripts contain ``built_at``, so they work only in a copy by ``copy``."""

    path: Path
    built_at: str

    def copy(self, target: Path) -> None:
        """Copy the image to ``target``, which must not exist, with hard links if the disk supports them.

        Files that programs write in place (``etc``, kernel specifications) or that contain their own path are copied.
        """
        target.parent.mkdir(parents=True, exist_ok=True)
        _link_tree(str(self.path), str(target))
        written_in_place = (*target.glob("etc/**/*"), *target.glob("share/jupyter/kernels/**/*"))
        for file in (*target.glob("bin/*"), target / "pyvenv.cfg", *written_in_place):
            if file.is_file() and not file.is_symlink():
                _replace(file, file.read_bytes().replace(self.built_at.encode(), str(target).encode()))


def _link_tree(source: str, target: str) -> None:
    """Link the 20,000 files of an image; ``shutil.copytree`` takes twice as long."""
    os.mkdir(target, os.stat(source).st_mode & 0o7777)  # noqa: PTH102, PTH116  a Path for each file is most of the time
    with os.scandir(source) as entries:
        for entry in entries:
            copy = f"{target}/{entry.name}"
            if entry.is_symlink():
                os.symlink(os.readlink(entry.path), copy)  # noqa: PTH115, PTH211
            elif entry.is_dir():
                _link_tree(entry.path, copy)
            else:
                _link(entry.path, copy)


def _link(source: str, target: str) -> None:
    try:
        os.link(source, target, follow_symlinks=False)
    except OSError:  # another disk, or one without hard links
        shutil.copy2(source, target, follow_symlinks=False)


def _replace(file: Path, content: bytes) -> None:
    mode = file.stat().st_mode
    file.unlink()  # it is a hard link to the cache
    file.write_bytes(content)
    file.chmod(mode)


def cache_folder() -> Path:
    """Return the folder of the images: ``$XDG_CACHE_HOME/jupyter-nb-updater/images``."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "jupyter-nb-updater" / "images"


def prepare(recipe: Recipe, log: logging.Logger = LOG, cache: Path | None = None) -> Image:
    """Return the image of a recipe, built if the cache does not contain it. Concurrent calls build it once.

    Args:
        recipe: content of the image.
        log: where the build is announced.
        cache: folder of the images; ``None`` for ``cache_folder``.

    Raises:
        SandboxError: pip could not build it; the message contains pip's last output.
    """
    cache = cache or cache_folder()
    cache.mkdir(parents=True, exist_ok=True)
    path = cache / recipe.key
    with _locked(cache / f"{recipe.key}.lock"):
        if not path.exists():
            base = prepare(recipe.base, log, cache) if recipe.base else None
            log.info("Building the image %s (once): %s", recipe.name, ", ".join(recipe.requirements))
            work = path.with_suffix(".building")
            shutil.rmtree(work, ignore_errors=True)
            if base:
                base.copy(work)
            else:
                _run(sys.executable, "-m", "venv", str(work))
            pip = (str(work / "bin" / "python"), "-m", "pip")
            _run(*pip, "install", "--quiet", "--upgrade", *recipe.requirements)
            _run(*pip, "uninstall", "--quiet", "--yes", EXCLUDED_PACKAGE)
            about = work / "image.json"
            about.unlink(missing_ok=True)  # in a copy of the base it belongs to the base
            about.write_text(json.dumps({"built_at": str(work)}), "utf-8")
            work.rename(path)
    return Image(path, json.loads((path / "image.json").read_text("utf-8"))["built_at"])


def _run(*command: str) -> None:
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=BUILD_TIMEOUT_SECONDS, check=False)
    except subprocess.TimeoutExpired as error:
        raise SandboxError(f"The image was not built within {BUILD_TIMEOUT_SECONDS} seconds: {' '.join(command)}") from error
    if done.returncode:
        output = (done.stderr or done.stdout).strip()[-800:]
        raise SandboxError(f"The image could not be built: {' '.join(command)}\n{output}")


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)  # limited by the timeout of the build
        yield
