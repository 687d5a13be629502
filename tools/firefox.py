"""Print the path of a Firefox for the browser tests; install one if the machine has none, or say how."""

from __future__ import annotations

import os
import shutil
import sys

from tools.debian import install

NAMES = ("firefox-esr", "firefox")
HINT = (
    "The browser tests need Mozilla's Firefox, and none could be brought here; the build that Playwright downloads is another "
    "browser. Install one (Debian: `apt-get install firefox-esr`; anywhere: www.mozilla.org), or set FIREFOX to its path."
)


def find() -> str | None:
    """Return the path in FIREFOX, or a Firefox of the system; ``None`` if there is none."""
    return os.environ.get("FIREFOX") or next(filter(None, map(shutil.which, NAMES)), None)


def main() -> None:
    """Find Firefox, or install it first."""
    if not find():
        install(["firefox-esr"])
    path = find()
    if path is None:
        sys.exit(HINT)
    print(path)


if __name__ == "__main__":
    main()
