"""Compare the downtime of one click with a stop and start of the same instance by hand.

    CHROMIUM=/usr/bin/chromium WHEEL=dist/….whl python bench/downtime.py

The stop takes 20 s and the start 40 s. The reference calls StopNotebookInstance, waits for Stopped, immediately calls
StartNotebookInstance, and waits for InService. Our time is from the click to the page that shows what the restart changed: the
save round, arming, the stack's event and state machine, the boot, and the reload of the page. Prints both times and their
ratio; exits with 1 if the ratio is too high.

In the sandbox Jupyter responds before the instance is InService; on AWS the proxy does not, so the page counts only from
InService on.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from jupyter_nb_updater.sandbox import Sandbox

STOP_SECONDS, START_SECONDS = 20.0, 40.0
MAX_RATIO = 1.05
BUTTON = "Save all and restart"
TIMEOUT_SECONDS = 300.0


def main() -> int:
    """Measure, print and judge."""
    wheel = Path(os.environ["WHEEL"]) if os.environ.get("WHEEL") else None
    with (
        sync_playwright() as playwright,
        Sandbox(wheel=wheel, stop_seconds=STOP_SECONDS, start_seconds=START_SECONDS) as sandbox,
    ):
        browser = playwright.chromium.launch(executable_path=os.environ["CHROMIUM"], args=["--no-sandbox"])
        page = browser.new_page()
        page.set_default_timeout(TIMEOUT_SECONDS * 1000)
        ours = click(page, sandbox)
        page.close()
        by_hand = stop_and_start(sandbox)
        browser.close()
    ratio = ours / by_hand
    print(f"stop and start by hand {by_hand:5.1f} s")
    print(f"click to usable page   {ours:5.1f} s")
    print(f"ratio {ratio:.2f} of {MAX_RATIO}")
    return int(ratio > MAX_RATIO)


def click(page: Page, sandbox: Sandbox) -> float:
    """Return the seconds from the click until the page is back on an instance that is InService."""
    (sandbox.volume / "notes.txt").write_text("\n", "utf-8")
    page.goto(f"{sandbox.lab_url}/tree/notes.txt")
    page.get_by_role("region").get_by_role("button", name=BUTTON).click()
    accept = page.get_by_role("dialog").get_by_role("button", name=BUTTON)
    accept.click()
    began = time.monotonic()
    page.get_by_role("dialog", name="Restarted").wait_for()
    sandbox.wait_for("InService", timeout=TIMEOUT_SECONDS)
    return time.monotonic() - began


def stop_and_start(sandbox: Sandbox) -> float:
    """Return the seconds of the reference."""
    client = sandbox.aws.client("sagemaker")
    began = time.monotonic()
    client.stop_notebook_instance(NotebookInstanceName=sandbox.name)
    sandbox.wait_for("Stopped", timeout=TIMEOUT_SECONDS)
    client.start_notebook_instance(NotebookInstanceName=sandbox.name)
    sandbox.wait_for("InService", timeout=TIMEOUT_SECONDS)
    return time.monotonic() - began


if __name__ == "__main__":
    sys.exit(main())
