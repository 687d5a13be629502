"""Second stage of the short block: it runs this module, as root, out of the wheel whose hash it has checked.

It runs in the Python of the operating system, which may be old: Amazon Linux 2 has 3.7.
"""

from __future__ import annotations

import io
import os
import sys
import zipfile

FOLDER = "jupyter_nb_updater/lifecycle/"


def start(wheel: bytes) -> None:
    """Replace this process by the installation, as the long block starts it.

    Args:
        wheel: content of the wheel.
    """
    read = zipfile.ZipFile(io.BytesIO(wheel)).read
    texts = {name: read(FOLDER + file).decode() for name, file in (("work", "on_start.sh"), ("helper", "on_start.py"))}
    command = ["bash", "-p", "-c", 'eval "$work"', "nb-updater-on-start", *sys.argv[1:]]
    os.execvpe(command[0], command, {**os.environ, **texts})  # noqa: S606  no shell parses it
