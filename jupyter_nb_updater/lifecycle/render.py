"""The OnStart script for one wheel."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from urllib.parse import urlsplit

TEMPLATE = Path(__file__).with_name("on_start.sh")

LONGEST_SCRIPT = 12 * 1024
"""Bytes. AWS allows 16384 characters (Developer Guide, "Customization of a SageMaker notebook instance using an LCC script")
and its API model puts that limit on the base64 text, which leaves 12288 for the script itself."""

WHEEL = re.compile(r"jupyter_nb_updater-[\w.+!]+(-\w+)?-[\w.]+-[\w.]+-[\w.]+\.whl")
BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
SHA256 = re.compile(r"[0-9a-f]{64}")


class RenderError(ValueError):
    """Something in the request makes no script; the message is for the person who asked."""


def render(wheel: str, sha256: str = "", home: str = "/home/ec2-user") -> str:
    """The OnStart script that installs ``wheel`` into ``JupyterSystemEnv``.

    Args:
        wheel: ``s3://bucket/key``, ``https://…`` or an absolute path on the instance, such as one on its volume. The name of
            the file must be that of a wheel of this package, since pip reads it.
        sha256: of the wheel, in hexadecimal; empty for no check.
        home: where the instance keeps ``anaconda3`` and ``SageMaker``.

    Raises:
        RenderError: a wheel, hash or folder that cannot be meant.
    """
    _check_wheel(wheel)
    if sha256 and not SHA256.fullmatch(sha256.lower()):
        raise RenderError("--sha256 must be 64 hexadecimal digits")
    if not home.startswith("/") or not home.isprintable():
        raise RenderError(f"the home folder must be an absolute path, not {home!r}")
    values = {"@WHEEL@": wheel, "@SHA256@": sha256.lower(), "@HOME@": home.rstrip("/")}
    script = re.sub("|".join(values), lambda found: shlex.quote(values[found[0]]), TEMPLATE.read_text("utf-8"))
    if len(script.encode()) > LONGEST_SCRIPT:
        raise RenderError(f"the script would be longer than {LONGEST_SCRIPT} bytes, the most that AWS takes")
    return script


def _check_wheel(wheel: str) -> None:
    try:
        parts = urlsplit(wheel)
    except ValueError as error:
        raise RenderError(f"{wheel!r} is not an address: {error}") from error
    if not wheel.isprintable() or " " in wheel:
        raise RenderError("--wheel must not contain spaces or control characters")
    if parts.scheme == "s3":
        if not BUCKET.fullmatch(parts.netloc):
            raise RenderError(f"{parts.netloc!r} is not the name of an S3 bucket")
    elif parts.scheme == "https":
        if not parts.hostname:
            raise RenderError(f"{wheel!r} names no host")
    elif parts.scheme or not wheel.startswith("/"):
        raise RenderError("--wheel must be s3://bucket/key, https://… or an absolute path on the instance")
    name = parts.path.rpartition("/")[2]
    if not WHEEL.fullmatch(name):
        raise RenderError(f"{name!r} is not the file name of a jupyter-nb-updater wheel; pip needs the name it was built with")
