"""Carry out a plan: open, edit, disturb, click, and gather the evidence."""

import time
from contextlib import suppress

from playwright.sync_api import Error

from tests.browser.pages import BUTTON, SHEET, banner

from .oracle import Evidence
from .plan import LAST_BEFORE_CLICK
from .session import PAGE_TIMEOUT_SECONDS, Session
from .steps import Steps
from .volume import Volume

REFUSAL = "Not restarted"

CLICK_TIMEOUT_MILLISECONDS = 3000
"""Timeout in milliseconds of a click that something covers, before it is retried."""

JOURNAL_TIMEOUT_SECONDS = 5.0
"""Time in seconds after which the page is queried even if the journal has not changed."""

NAMEABLE_THINGS = ("browser tab", "sagemaker:", "NotebookInstance", "AddTags", "journal")
"""Words that a reason can contain in addition to documents."""


class Run:
    """One run.

    Args:
        plan: the plan.
        windows: the pages.
        gear: stops the instance, or only records the stop.
    """

    def __init__(self, plan, windows, gear):
        self.plan, self.windows, self.gear = plan, windows, gear
        self.volume = Volume(gear.root, plan)
        self.session = Session(plan, [], self.volume)
        self.pending = list(plan.during)
        self.lines = None
        self._may_insist = plan.insists  # for one more time

    @property
    def pages(self):
        """The page of each tab of the plan."""
        return self.session.pages

    def carry_out(self):
        """Carry out the plan, and return the evidence."""
        plan = self.plan
        self.volume.lay()
        paths = {view.tab: plan.path(view.document) for view in plan.views}
        self.session.pages = self.windows.pages(plan.tabs, paths)
        self.session.open_documents()
        self._steps = Steps(self.session, self.volume, self.gear, self.windows)
        edits = [step for step in plan.before if step.do not in LAST_BEFORE_CLICK]
        for step in edits:
            self._steps.do(step)
        self.session.record_held()
        for step in plan.before[len(edits) :]:
            self._steps.do(step)
        stopped, on_disk = self._click_and_wait()
        return Evidence(
            stopped=stopped,
            lines=self.lines,
            names=[*(document.name for document in plan.documents), *NAMEABLE_THINGS],
            in_tabs=set() if stopped else self.session.marks_in_tabs(),
            held=self.session.held,
            on_disk=on_disk,
            excused=self.volume.excused,
            foreign=self.volume.foreign,
            moved=self.volume.moved,
        )

    def end(self, *, is_whole):
        """Restore the initial state. After an incomplete run no page is reused."""
        if not is_whole:
            self.gear.call_off()
        self.session.end()
        self.gear.end()
        self.windows.clear(keep=is_whole)
        self.volume.remove()

    def _click_and_wait(self):
        """Return whether the instance was stopped, and what was on disk by then."""
        page = self.pages[self.plan.clicker]
        page.bring_to_front()
        self.gear.arm()
        self.session.pump_until(lambda: self._ask(page), page)
        self._confirm(page)
        refusal = page.get_by_role("alertdialog", name=REFUSAL)
        until = self._clicked + PAGE_TIMEOUT_SECONDS
        while time.monotonic() < until:
            self.session.pump(page)
            self.pending = [step for step in self.pending if not self._steps.do(step)]
            if self.gear.has_stopped():
                on_disk = self.volume.tokens()
                self.gear.wait_for_return(page, self.windows.lasting())
                return True, on_disk
            if self._may_be_over() and refusal.is_visible():
                self.lines = [line.inner_text() for line in refusal.get_by_role("listitem").all()]
                if not self._insists():
                    refusal.get_by_role("button", name="Close").click()
                    break
                refusal.get_by_role("button", name="Try again").click()
                self._confirm(page)
        return False, self.volume.tokens()

    @staticmethod
    def _ask(page):
        """Click in the banner, after closing JupyterLab's own questions, such as that about a deleted file."""
        page.evaluate("window.chaos.dismiss()")
        with suppress(Error):  # on a busy machine, also of a click that has come through
            banner(page).get_by_role("button", name=BUTTON).click(timeout=CLICK_TIMEOUT_MILLISECONDS)
        return page.get_by_role("dialog", name=SHEET).is_visible()

    def _confirm(self, page):
        """Select everything that the sheet requires, and confirm."""
        sheet = page.get_by_role("dialog", name=SHEET)
        accept = sheet.get_by_role("button", name=BUTTON)
        accept.wait_for()
        self.session.pump_until(lambda: self._tick(sheet) or accept.is_enabled(), page)
        accept.click()
        self._clicked = time.monotonic()

    @staticmethod
    def _tick(sheet):
        """Select the checkboxes once the sheet has queried the server."""
        with suppress(Error):  # the sheet has just been filled anew
            for box in sheet.get_by_role("checkbox").all():
                box.check(timeout=CLICK_TIMEOUT_MILLISECONDS)

    def _insists(self):
        """Whether the user accepts the rescue copies, if nothing else blocks the restart."""
        codes = {finding["code"] for finding in self.gear.journal.last()["findings"]}
        insists, self._may_insist = self._may_insist and codes == {"document-rescued"}, False
        return insists

    def _may_be_over(self):
        """Check the journal first, because querying the page costs more; on a full volume the journal may be incomplete."""
        return (
            self.gear.journal.last()["event"] in {"refused", "failed"}
            or time.monotonic() > self._clicked + JOURNAL_TIMEOUT_SECONDS
        )
