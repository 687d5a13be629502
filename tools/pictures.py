"""Take the pictures of the README: a sandbox, a real Chromium, and a real restart.

    CHROMIUM=/usr/bin/chromium python -m tools.pictures [--wheel FILE]

Without ``--wheel`` the installed extension is used. Run it after visible changes, and look at the files in ``docs/pictures``
before you commit them.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from playwright.sync_api import expect, sync_playwright

from jupyter_nb_updater.sandbox import Sandbox

if TYPE_CHECKING:
    from playwright.sync_api import FloatRect, Locator, Page, ViewportSize

PICTURES = Path(__file__).parent.parent / "docs" / "pictures"
MAX_PICTURE_BYTES = 80 * 1024
PAGE: ViewportSize = {"width": 1280, "height": 760}
TOP: FloatRect = {"x": 0, "y": 0, "width": 1280, "height": 484}
THEMES = "lab/api/settings/@jupyterlab/apputils-extension:themes"
BANNER = "Notebook instance update"
BUTTON = "Save all and restart"
CONFIRM = "Restart this notebook instance?"
RESTARTING = "Restarting"
RESTARTED = "Restarted"

# A week of bicycle hires a row, so that the page shows what a data scientist's page shows.
DATA = {
    "March": (412, 398, 441, 460, 487, 523, 311),
    "April": (468, 455, 492, 503, 541, 610, 389),
    "May": (533, 541, 560, 574, 601, 702, 455),
}
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
TITLE = "# Which day needs the most bicycles?"
READ = """\
import csv
from statistics import mean

with open("hires.csv") as file:
    rows = list(csv.DictReader(file))"""
COUNT = """\
for row in rows:
    month = row.pop("month")
    hires = {day: int(count) for day, count in row.items()}
    busiest = max(hires, key=hires.get)
    print(f"{month:6} mean {mean(hires.values()):.0f}, busiest {busiest} with {hires[busiest]}")"""
CELLS = (("markdown", TITLE), ("code", READ), ("code", COUNT))


def write_work(volume: Path) -> None:
    """Write a small analysis with its data."""
    lines = [",".join(("month", *DAYS)), *(",".join((month, *map(str, hires))) for month, hires in DATA.items())]
    (volume / "hires.csv").write_text("\n".join(lines) + "\n")
    (volume / "notes.md").write_text("Saturdays need a third more bicycles than Mondays.\n")
    cells = [
        {"cell_type": kind, "id": f"cell-{number}", "metadata": {}, "source": source}
        | ({"outputs": [], "execution_count": None} if kind == "code" else {})
        for number, (kind, source) in enumerate(CELLS)
    ]
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}}
    notebook = {"cells": cells, "metadata": kernel, "nbformat": 4, "nbformat_minor": 5}
    (volume / "bicycle-hires.ipynb").write_text(json.dumps(notebook))


def add_packages(sandbox: Sandbox) -> None:
    """Install two packages that the image does not have, as in a terminal."""
    done = sandbox.run("pip", "install", "--quiet", "tabulate", "humanize")
    if done.returncode:
        sys.exit(f"pip brought no packages: {done.stderr}")


def take(page: Page, name: str, clip: FloatRect | None = None) -> None:
    """Take a picture of the page, or of a part of it, once nothing moves."""
    page.evaluate("document.fonts.ready")
    page.mouse.move(PAGE["width"] - 2, PAGE["height"] - 2)  # no tooltip, no hover
    path = PICTURES / f"{name}.png"
    page.screenshot(path=path, clip=clip, animations="disabled", caret="hide")
    size = path.stat().st_size
    print(f"{path.name:24} {size / 1024:5.1f} KB")
    if size > MAX_PICTURE_BYTES:
        sys.exit(f"{path} is larger than {MAX_PICTURE_BYTES} bytes")


def take_around(page: Page, name: str, dialog: Locator, margin: int = 24) -> None:
    """Take a picture of a dialog with a margin."""
    box = dialog.bounding_box()
    if box is None:
        sys.exit(f"{name}: there is nothing to see")
    x, y = max(box["x"] - margin, 0), max(box["y"] - margin, 0)
    width = min(box["width"] + 2 * margin, PAGE["width"] - x)
    take(page, name, {"x": x, "y": y, "width": width, "height": min(box["height"] + 2 * margin, PAGE["height"] - y)})


def set_theme(page: Page, sandbox: Sandbox, theme: str) -> None:
    """Set the theme like the menu "Settings, Theme"."""
    page.request.get(f"{sandbox.url}nb-updater/state")  # sets the XSRF cookie
    cookie = next((cookie["value"] for cookie in page.context.cookies() if cookie["name"] == "_xsrf"), "")
    answer = page.request.put(sandbox.url + THEMES, headers={"X-XSRFToken": cookie}, data={"raw": json.dumps({"theme": theme})})
    if not answer.ok:
        sys.exit(f"JupyterLab did not take the theme {theme}: {answer.status} {answer.text()}")


def run_notebook(page: Page, sandbox: Sandbox) -> None:
    """Open the notebook in JupyterLab, run its cells, and save it.

    Args:
        page: an empty page.
        sandbox: has the notebook.
    """
    page.goto(f"{sandbox.lab_url}/tree/bicycle-hires.ipynb")
    expect(page.get_by_role("region", name=BANNER)).to_be_visible()
    expect(page.get_by_text("| Idle")).to_be_visible()
    page.get_by_role("alert").get_by_role("button", name="No", exact=True).click()  # JupyterLab asks about news
    page.get_by_role("menuitem", name="Run").click()
    page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
    expect(page.get_by_text("busiest Sat").first).to_be_visible()
    page.keyboard.press("Control+s")
    expect(page.get_by_role("tab", name="bicycle-hires.ipynb")).not_to_have_class(re.compile("jp-mod-dirty"))


def banners(page: Page, sandbox: Sandbox) -> None:
    """Take pictures of JupyterLab in both themes, with a notebook that has run."""
    banner = page.get_by_role("region", name=BANNER)
    run_notebook(page, sandbox)
    for theme in ("Dark", "Light"):
        set_theme(page, sandbox, f"JupyterLab {theme}")
        page.reload()
        expect(page.locator("body")).to_have_attribute("data-jp-theme-name", f"JupyterLab {theme}")
        expect(banner).to_be_visible()
        expect(page.get_by_text("| Idle")).to_be_visible()
        expect(page.get_by_role("listitem", name="bicycle-hires.ipynb")).to_be_visible()
        take(page, f"banner-{theme.lower()}", TOP)


def in_notebook(page: Page, sandbox: Sandbox) -> None:
    """Take a picture of the banner in Notebook 7."""
    page.goto(f"{sandbox.url}notebooks/bicycle-hires.ipynb")
    expect(page.get_by_role("region", name=BANNER)).to_be_visible()
    expect(page.get_by_text("busiest Sat").first).to_be_visible()
    expect(page.get_by_role("button", name="Python 3 (ipykernel)").first).to_be_visible()
    take(page, "notebook", {**TOP, "height": 524})


def restart(page: Page) -> None:
    """Take pictures of a whole restart with unsaved text."""
    page.get_by_role("listitem", name="notes.md").dblclick()
    page.get_by_text("more bicycles than").click()
    page.keyboard.press("Control+End")
    page.keyboard.insert_text("Look at the weather next.")
    page.get_by_role("region", name=BANNER).get_by_role("button", name=BUTTON).click()
    sheet = page.get_by_role("dialog", name=CONFIRM)
    expect(sheet.get_by_role("button", name=BUTTON)).to_be_enabled()
    take_around(page, "sheet", sheet)
    sheet.get_by_role("button", name=BUTTON).click()
    overlay = page.get_by_role("alertdialog", name=RESTARTING)
    expect(overlay).to_contain_text("Everything is saved")
    expect(overlay).to_contain_text("Elapsed: 3 s")
    take_around(page, "restarting", overlay)
    restarted = page.get_by_role("dialog", name=RESTARTED)
    expect(restarted).to_be_visible(timeout=120_000)
    expect(restarted.get_by_role("button", name="Reinstall 2 packages")).to_have_attribute("aria-disabled", "false")
    take_around(page, "restarted", restarted)


def wheel_argument(description: str) -> Path | None:
    """Parse the command line and return the wheel of the pictured extension; ``None`` for the installed one.

    Args:
        description: of the program; its first line is the help.
    """
    parser = argparse.ArgumentParser(description=description.partition("\n")[0])
    parser.add_argument("--wheel", type=Path, help="wheel of the extension; needed with an editable install")
    wheel: Path | None = parser.parse_args().wheel
    return wheel


def main() -> None:
    """Start the sandbox and take all pictures."""
    wheel = wheel_argument(__doc__ or "")
    chromium = os.environ.get("CHROMIUM") or sys.exit("CHROMIUM must hold the path of a Chromium; `make pictures` sets it")
    PICTURES.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright, Sandbox(wheel=wheel, stop_seconds=2, start_seconds=4) as sandbox:
        write_work(sandbox.volume)
        add_packages(sandbox)
        expect.set_options(timeout=20_000)
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page, other = browser.new_page(viewport=PAGE), browser.new_page(viewport=PAGE)
        banners(page, sandbox)
        in_notebook(other, sandbox)
        other.close()
        restart(page)
        browser.close()


if __name__ == "__main__":
    main()
