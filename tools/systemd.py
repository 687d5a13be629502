"""See that systemd is here for the tests that start it as process 1; install it if not, or say that plain processes do."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

from tools.debian import install

SYSTEMD = Path("/usr/lib/systemd/systemd")
PROGRAMS = {"unshare": "util-linux", "nsenter": "util-linux", "setpriv": "util-linux", "runuser": "util-linux"}
"""Program to Debian's package."""


def missing() -> list[str]:
    """The packages that are not here."""
    lacking = {package for program, package in PROGRAMS.items() if shutil.which(program) is None}
    return sorted(lacking | (set() if SYSTEMD.exists() else {"systemd"}))


def main() -> None:
    """Find, else install and find. Without it the tests are told so, and run the same with plain processes."""
    if missing():
        install(missing())
    if os.geteuid() != 0 or missing():
        sys.stderr.write("No root, or no systemd: the starts are tested with plain processes.\n")


if __name__ == "__main__":
    main()
