"""Check that dnf and the tools for building a repository are installed for the tests; install them, or say how."""

from __future__ import annotations

import shutil
import sys

from tools.debian import install

PACKAGES = {"dnf": "dnf", "createrepo_c": "createrepo-c", "modifyrepo_c": "createrepo-c", "rpm": "rpm", "rpmbuild": "rpm"}
"""Debian package of each program."""

HINT = (
    "The tests of the source os_release need the real dnf, and these are missing: {missing}. Install them (Debian: "
    "`apt-get install dnf createrepo-c rpm`; Fedora, Amazon Linux 2023: `dnf install createrepo_c rpm-build`)."
)


def missing() -> list[str]:
    """Return the missing programs."""
    return [program for program in PACKAGES if shutil.which(program) is None]


def main() -> None:
    """Check for the programs, and install missing ones."""
    if missing():
        install(sorted({PACKAGES[program] for program in missing()}))
    if names := missing():
        sys.exit(HINT.format(missing=", ".join(names)))


if __name__ == "__main__":
    main()
