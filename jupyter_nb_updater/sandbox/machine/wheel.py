"""Build the wheel of the installed package again from what pip installed.

The demo runs from an installed package, its instance gets the product from a wheel and in no other way: so the wheel is put
together again from the package's own RECORD.
"""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import json
import zipfile
from importlib import metadata
from pathlib import Path, PurePosixPath

from ..options import SandboxError

NAME = "jupyter-nb-updater"
LEFT_OUT = {"INSTALLER", "REQUESTED", "RECORD", "direct_url.json"}
"""What pip adds to a distribution when it installs it."""


def repack(folder: Path) -> Path:
    """Write the wheel of the installed distribution into ``folder`` and return its path.

    Raises:
        SandboxError: it is not installed, or installed in a way that a wheel cannot be made of (editable).
    """
    try:
        distribution = metadata.distribution(NAME)
    except metadata.PackageNotFoundError as error:
        raise SandboxError(f"{NAME} is not installed here: install it, or name a wheel with --wheel") from error
    if _is_editable(distribution):
        raise SandboxError(
            f"{NAME} is installed in editable mode, of which no wheel can be made: "
            "run `python -m build --wheel` and name the result with --wheel"
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
    """As PyPA's "Recording the Direct URL Origin of installed distributions" marks it."""
    direct_url = distribution.read_text("direct_url.json")
    return bool(direct_url and json.loads(direct_url).get("dir_info", {}).get("editable"))


def _tag(distribution: metadata.Distribution) -> str:
    for line in (distribution.read_text("WHEEL") or "").splitlines():
        key, _, value = line.partition(": ")
        if key == "Tag":
            return value.strip()
    raise SandboxError(f"the installed {NAME} has no WHEEL file: name a wheel with --wheel")


def _contents(distribution: metadata.Distribution, data: str) -> dict[str, Path]:
    """Name in the wheel to file on disk.

    What lies outside site-packages goes back to ``.data/data``; scripts stay out: pip makes them anew from the entry points.
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
    """The RECORD of a wheel (PyPA, "Binary distribution format")."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    for name, content in files:
        digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
        writer.writerow((name, f"sha256={digest}", len(content)))
    writer.writerow((own_name, "", ""))
    return text.getvalue()
