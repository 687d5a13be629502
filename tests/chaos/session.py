"""The pages of one run: what each has open and holds, and what is wrong with its saves."""

import time

from .traffic import Traffic

PAGE_TIMEOUT_SECONDS = 40.0
"""Seconds until a page that does nothing is given up."""

POLL_MILLISECONDS = 25
"""Milliseconds."""


class Session:
    """The pages that a person has open in one run.

    Args:
        plan: of the run.
        pages: one for each of its tabs.
        volume: where its documents are.
    """

    def __init__(self, plan, pages, volume):
        self.plan, self.pages, self._volume = plan, pages, volume
        self.traffic, self.held = [], {}

    def open_documents(self):
        """The pages of Notebook 7 are about theirs already."""
        for number, kind in enumerate(self.plan.tabs):
            views = [view for view in self.plan.views if view.tab == number]
            if kind not in {"edit", "notebook"}:
                wanted = [[self.plan.path(view.document), view.type, view.kernel] for view in views]
                self.pages[number].evaluate("window.chaos.openAll", wanted)

    def view(self, step):
        """Page, path and editor that a step is about."""
        view = self.plan.views[step.at]
        return self.pages[view.tab], self.plan.path(view.document), view.type

    def disturb(self, page, path, how):
        """Something is wrong with the saves of a page, until it is let go of."""
        self.traffic.append(Traffic(page, path, how))
        return self.traffic[-1]

    def held_up(self, page, path):
        """The saves that wait for us."""
        return next(one for one in self.traffic if one.page is page and one.path == path and one.how == "hold")

    def pump(self, page):
        """Let the pages go on for a moment."""
        page.wait_for_timeout(POLL_MILLISECONDS)
        for traffic in self.traffic:
            traffic.pump()

    def pump_until(self, condition, page):
        """Let them go on until it is so."""
        until = time.monotonic() + PAGE_TIMEOUT_SECONDS
        while not condition():
            assert time.monotonic() < until, "the page does not do what it was told"
            self.pump(page)

    def record_held(self):
        """By every page, at this moment."""
        for page in self.pages:
            for document in page.evaluate("window.chaos.held()"):
                self.held.setdefault(document["path"], set()).update(document["tokens"])

    def record_if_held(self, page, mark):
        """Text that the page did not take any more was never held."""
        for document in page.evaluate("window.chaos.held()"):
            if mark in document["tokens"]:
                self.held.setdefault(document["path"], set()).add(mark)

    def marks_in_tabs(self):
        """What the pages hold in the end. What is gone with a page that the person closed is nobody's loss."""
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
        """Nothing is wrong any more."""
        for traffic in self.traffic:
            if not traffic.page.is_closed():
                traffic.end()
