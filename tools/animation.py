"""Make the README's animation of a whole restart, from the sandbox and a real Chromium.

    CHROMIUM=/usr/bin/chromium python -m tools.animation [--wheel FILE]   # needs Pillow

The animation goes to ``docs/pictures/restart.webp``. Look at it before you commit it.
"""

from __future__ import annotations

import io
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image, ImageDraw
from playwright.sync_api import expect, sync_playwright

from jupyter_nb_updater.sandbox import Sandbox

from .pictures import (
    BANNER,
    BUTTON,
    CONFIRM,
    PAGE,
    PICTURES,
    RESTARTED,
    RESTARTING,
    add_packages,
    run_notebook,
    wheel_argument,
    write_work,
)

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

PATH = PICTURES / "restart.webp"
MAX_ANIMATION_BYTES = 1_500_000
SIZE = (960, 570)
POINTER = ((0, 0), (0, 17), (4, 13), (7, 20), (10, 19), (7, 12), (12, 12))
"""The outline of a mouse pointer, in pixels from its tip."""

READ_SECONDS = 2.6
"""For how long a page is shown that is to be read."""

CLICK_SECONDS = 0.9
PROGRESS_SECONDS = 0.25
POLL_MILLISECONDS = 500


class Animation:
    """The frames of an animation, each with the time for which it is shown."""

    def __init__(self, page: Page) -> None:
        """Start without frames.

        Args:
            page: the page that the frames show.
        """
        self._page = page
        self._frames: list[Image.Image] = []
        self._milliseconds: list[int] = []

    def show(self, seconds: float, pointer_at: Locator | None = None) -> None:
        """Add what the page shows now.

        Args:
            seconds: for how long it is shown.
            pointer_at: the element that a mouse pointer is drawn on.
        """
        screenshot = self._page.screenshot(animations="disabled", caret="hide")
        frame = Image.open(io.BytesIO(screenshot)).convert("RGB")
        if pointer_at and (box := pointer_at.bounding_box()):
            x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
            ImageDraw.Draw(frame).polygon([(x + dx, y + dy) for dx, dy in POINTER], fill="black", outline="white", width=2)
        self._frames.append(frame.resize(SIZE, Image.Resampling.LANCZOS))
        self._milliseconds.append(round(seconds * 1000))

    def click(self, element: Locator) -> None:
        """Show the mouse pointer on an element, and click the element.

        Args:
            element: the button.
        """
        self.show(CLICK_SECONDS, pointer_at=element)
        element.click()

    def save(self, path: Path) -> None:
        """Write the animation, which plays again and again.

        Args:
            path: of the file.
        """
        first, *others = self._frames
        first.save(path, save_all=True, append_images=others, duration=self._milliseconds, loop=0, quality=72, method=6)
        size = path.stat().st_size
        print(f"{path.name:24} {size / 1024:5.1f} KB, {len(self._frames)} frames, {sum(self._milliseconds) / 1000:.0f} s")
        if size > MAX_ANIMATION_BYTES:
            sys.exit(f"{path} is larger than {MAX_ANIMATION_BYTES} bytes")


def restart(page: Page, animation: Animation) -> None:
    """Restart the instance in a page, with a note that is not saved yet.

    Args:
        page: shows the notebook and the banner.
        animation: gets the frames.
    """
    banner, dialog = page.get_by_role("region", name=BANNER), page.get_by_role("dialog", name=CONFIRM)
    animation.show(READ_SECONDS)
    animation.click(banner.get_by_role("button", name=BUTTON))
    confirm = dialog.get_by_role("button", name=BUTTON)
    expect(confirm).to_be_enabled()
    animation.show(READ_SECONDS)
    animation.click(confirm)
    progress, restarted = page.get_by_role("alertdialog", name=RESTARTING), page.get_by_role("dialog", name=RESTARTED)
    expect(progress).to_be_visible()
    while progress.is_visible():
        animation.show(PROGRESS_SECONDS)
        page.wait_for_timeout(POLL_MILLISECONDS)
    expect(restarted).to_be_visible(timeout=120_000)
    page.wait_for_timeout(POLL_MILLISECONDS)
    animation.show(2 * READ_SECONDS)
    restarted.get_by_role("button").last.click()
    animation.show(READ_SECONDS)


def main() -> None:
    """Start a sandbox, restart its instance, and write the animation."""
    wheel = wheel_argument(__doc__ or "")
    chromium = os.environ.get("CHROMIUM") or sys.exit("CHROMIUM must hold the path of a Chromium; `make pictures` sets it")
    with sync_playwright() as playwright, Sandbox(wheel=wheel, stop_seconds=2, start_seconds=4) as sandbox:
        write_work(sandbox.volume)
        add_packages(sandbox)
        expect.set_options(timeout=20_000)
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page(viewport=PAGE)
        run_notebook(page, sandbox)
        animation = Animation(page)
        restart(page, animation)
        animation.save(PATH)
        browser.close()


if __name__ == "__main__":
    main()
