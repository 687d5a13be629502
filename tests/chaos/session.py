"""The pages of one run: their documents, and the disturbances of their saves."""

import time

from .traffic import Traffic

PAGE_TIMEOUT_SECONDS = 40.0
"""Timeout in seconds of a page that does nothing."""

POLL_MILLISECONDS = 25
"""Polling interval in milliseconds."""


class Session:
    """The pages of the user in one run.

    Args:
        plan: plan of the run.
        pages: one page for each tab of the plan.
        volume: volume with the documents.
    """

    def __init__(self, plan, pages, volume):
        self.plan, self.pages, self._volume = plan, pages, volume
        self.traffic, self.held = [], {}

    def open_documents(self):
        """Open the documents in JupyterLab; the pages of Notebook 7 have opened theirs."""
        for number, kind in enumerate(self.plan.tabs):
            views = [view for view in self.plan.views if view.tab == number]
            if kind not in {"edit", "notebook"}:
                wanted = [[self.plan.path(view.document), view.type, view.kernel] for view in views]
                self.pages[number].evaluate("window.chaos.openAll", wanted)

    def view(self, step):
        """Return page, path and editor of a step."""
        view = self.plan.views[step.at]
        return self.pages[view.tab], self.plan.path(view.document), view.type

    def disturb(self, page, path, how):
        """Disturb the saves of a page until released."""
        self.traffic.append(Traffic(page, path, how))
        return self.traffic[-1]

    def held_up(self, page, path):
        """Return the saves that are being held."""
        return next(one for one in self.traffic if one.page is page and one.path == path and one.how == "hold")

    def pump(self, page):
        """Let the pages continue for a moment."""
        page.wait_for_timeout(POLL_MILLISECONDS)
        for traffic in self.traffic:
            traffic.pump()

    def pump_until(self, condition, page):
        """Let the pages continue until a condition is true."""
        until = time.monotonic() + PAGE_TIMEOUT_SECONDS
        while not condition():
            assert time.monotonic() < until, "the page does not do what it was told"
            self.pump(page)

    def record_held(self):
        """Record the tokens in every page now."""
        for page in self.pages:
            for document in page.evaluate("window.chaos.held()"):
                self.held.setdefault(document["path"], set()).update(document["tokens"])

    def record_if_held(self, page, mark):
        """Record a token unless the page did not accept it."""
        for document in page.evaluate("window.chaos.held()"):
            if mark in document["tokens"]:
                self.held.setdefault(document["path"], set()).add(mark)

    def marks_in_tabs(self):
        """Return the tokens in the pages at the end. What was in a page that the user closed is excused."""
        marks = set()
        for number, page in enumerate(self.pages):
            if page.is_closed():
                views = [view for view in self.plan.views if view.tab == number]
                for path in {self.plan.path(view.document) for view in views}:
                    self._volume.excused |= self.held.get(path, set())
            else:
                marks |= {mark for document in page.evaluate("window.chaos.held()") for mark in document["tokens"]}
        return marks

    def end(self):
        """End all disturbances."""
        for traffic in self.traffic:
            if not traffic.page.is_closed():
                traffic.end()
