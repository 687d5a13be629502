"""Check that systemd is installed for the tests that start it as process 1; install it, or use plain processes."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

from tools.debian import install

SYSTEMD = Path("/usr/lib/systemd/systemd")
PROGRAMS = {"unshare": "util-linux", "nsenter": "util-linux", "setpriv": "util-linux", "runuser": "util-linux"}
"""Debian package of each program."""


def missing() -> list[str]:
    """Return the missing packages."""
    lacking = {package for program, package in PROGRAMS.items() if shutil.which(program) is None}
    return sorted(lacking | (set() if SYSTEMD.exists() else {"systemd"}))


def main() -> None:
    """Check for systemd, and install it if it is missing. Without it the same tests run with plain processes."""
    if missing():
        install(missing())
    if os.geteuid() != 0 or missing():
        sys.stderr.write("No root, or no systemd: the starts are tested with plain processes.\n")


if __name__ == "__main__":
    main()
