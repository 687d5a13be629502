"""The open tabs: those of JupyterLab are reused from run to run, those of Notebook 7 are opened for one."""

from contextlib import suppress
from pathlib import Path
from urllib.parse import quote

from playwright.sync_api import Error

SCRIPT = Path(__file__).with_name("lab.js")
BROWSER_OF = {"lab": 0, "hidden": 0, "other": 1, "edit": 1, "notebook": 1}
"""Browser of each kind of tab; ``hidden`` is behind the first tab."""

PAGES = {"edit": "edit/", "notebook": "notebooks/"}
"""URL paths of Notebook 7."""

OPEN_TIMEOUT_MILLISECONDS = 60_000
RUNS_PER_PAGE = 40
"""Number of runs after which a new JupyterLab is opened; after some hundred documents the old one needs a gigabyte."""

BANNER = "Notebook instance update"


class Windows:
    """Two browser contexts and their pages.

    Args:
        chromium: the browser.
        url: URL of Jupyter, with a slash at the end.
    """

    def __init__(self, chromium, url):
        self._url = url
        self._contexts = [
            chromium.new_context(viewport={"width": 800, "height": 450}, reduced_motion="reduce") for _ in range(2)
        ]
        for context in self._contexts:
            context.add_init_script(path=SCRIPT)
            context.set_default_timeout(20_000)
        self._lasting, self._runs = {}, 0

    def pages(self, tabs, paths):
        """Return the pages of a run, one for each kind of tab.

        Args:
            tabs: kinds, as in ``Plan.tabs``.
            paths: document by number of its tab.
        """
        if other := {"hidden", "other"} & set(tabs):
            (kind,) = other
            for unwanted in {"hidden", "other"} - {kind}:
                self.forget(unwanted)
        pages = [
            self.open(kind, PAGES[kind] + quote(paths[number])) if kind in PAGES else self._lasting_page(kind)
            for number, kind in enumerate(tabs)
        ]
        pages[0].bring_to_front()
        return pages

    def open(self, kind, address):
        """Open a page, and return it once its banner is shown."""
        page = self._contexts[BROWSER_OF[kind]].new_page()
        page.goto(self._url + address)
        page.get_by_role("region", name=BANNER).wait_for(timeout=OPEN_TIMEOUT_MILLISECONDS)
        page.evaluate("window.chaos.settled()")
        return page

    def lasting(self):
        """Return all reused pages, including those that this run does not use."""
        return list(self._lasting.values())

    def begin_to_open(self, path):
        """Open a page without waiting for it."""
        page = self._contexts[1].new_page()
        page.goto(f"{self._url}edit/{quote(path)}", wait_until="commit")
        return page

    def clear(self, *, keep):
        """Close documents in reused pages, and all other pages; close everything unless ``keep``."""
        self._runs += 1
        if not keep or self._runs % RUNS_PER_PAGE == 0:
            self._lasting.clear()
        kinds = {page: kind for kind, page in self._lasting.items()}
        for page in [page for context in self._contexts for page in context.pages]:
            with suppress(Error):  # it is loading, or has crashed
                page.evaluate("window.chaos.unmute(), window.chaos.clear()")
                if page in kinds:
                    continue
                page.evaluate("window.chaos.connected()")
            self._lasting.pop(kinds.get(page), None)
            page.close()

    def forget(self, kind):
        """Close a reused page."""
        if page := self._lasting.pop(kind, None):
            page.close()

    def close(self):
        """Close everything."""
        for context in self._contexts:
            context.close()

    def _lasting_page(self, kind):
        if kind not in self._lasting or self._lasting[kind].is_closed():
            self._lasting[kind] = self.open(kind, "lab?reset")
        return self._lasting[kind]
