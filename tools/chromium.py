"""Print the path of a Chromium for the browser tests; install one if the machine has none, or say how."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
HINT = (
    "The browser tests need a Chromium, and none could be brought here. Install one (Debian: `apt-get install chromium`; "
    "anywhere: `.venv/bin/playwright install chromium`), or set CHROMIUM to its path."
)


def find() -> str | None:
    """Return the path in CHROMIUM, or a Chromium of the system or of Playwright; ``None`` if there is none."""
    named = os.environ.get("CHROMIUM")
    if named:
        return named
    for name in NAMES:
        if found := shutil.which(name):
            return found
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        own = playwright.chromium.executable_path
    return own if Path(own).exists() else None


def install() -> None:
    """Install Chromium with the system's package manager if possible, else with Playwright."""
    attempts = [[sys.executable, "-m", "playwright", "install", "chromium"]]
    if shutil.which("apt-get") and os.geteuid() == 0:
        attempts = [["apt-get", "update", "-qq"], ["apt-get", "install", "-y", "-qq", "chromium"], *attempts]
    for attempt in attempts:
        try:
            subprocess.run(attempt, stdout=sys.stderr, timeout=600, check=False)
        except subprocess.TimeoutExpired:
            continue
        if find():
            return


def main() -> None:
    """Find Chromium, or install it first."""
    if not find():
        install()
    path = find()
    if path is None:
        sys.exit(HINT)
    print(path)


if __name__ == "__main__":
    main()
