"""Carries one plan out: opens, edits, disturbs, clicks from the banner through the sheet, and gathers what is left."""

import time
from contextlib import suppress

from playwright.sync_api import Error

from tests.browser.pages import BUTTON, SHEET, banner

from .oracle import Evidence
from .traffic import Traffic
from .volume import Volume

REFUSAL = "Not restarted"
PATIENCE = 40.0
"""Seconds until a run that has no end counts as refused without a reason."""

GLANCE = 3000
"""Milliseconds until a click that something is in the way of is tried again."""

QUIET = 5.0
"""Seconds after which the page is asked whatever the journal says."""

HUGE = "x" * 79 + "\n"


class Run:
    """One run.

    Args:
        plan: what is to happen.
        windows: the pages.
        gear: stops, or only records the stop.
    """

    def __init__(self, plan, windows, gear):
        self.plan, self.windows, self.gear = plan, windows, gear
        self.volume = Volume(gear.root, plan)
        self.pages, self.traffic, self.held, self.closed = [], [], {}, set()
        self.pending = list(plan.during)
        self.lines = None
        self._patient = plan.insists  # for one more time

    def carry_out(self):
        """Everything; returns the evidence."""
        plan = self.plan
        self.volume.lay()
        paths = {view.tab: plan.path(view.document) for view in plan.views}
        self.pages = self.windows.pages(plan.tabs, paths)
        self._open_documents()
        edits = [step for step in plan.before if step.do not in LAST]
        for step in edits:
            self._do(step)
        self._note_what_is_held()
        for step in plan.before[len(edits) :]:
            self._do(step)
        stopped, on_disk = self._click_and_wait()
        in_tabs = set() if stopped else self._marks_in_tabs()
        return Evidence(
            stopped=stopped,
            lines=self.lines,
            names=self._names(),
            held=self.held,
            in_tabs=in_tabs,
            on_disk=on_disk,
            excused=self.volume.excused,
            foreign=self.volume.foreign,
            moved=self.volume.moved,
        )

    def end(self, *, is_whole):
        """As if nothing had been. A run that was not whole may have left anything in its pages: none of them lives on."""
        if not is_whole:
            self.gear.call_off()
        for traffic in self.traffic:
            if not traffic.page.is_closed():
                traffic.end()
        self.gear.end()
        self.windows.clear(keep=is_whole)
        self.volume.remove()

    # What happens

    def _open_documents(self):
        for number, kind in enumerate(self.plan.tabs):
            views = [view for view in self.plan.views if view.tab == number]
            if kind not in {"edit", "notebook"}:
                wanted = [[self.plan.path(view.document), view.type, view.kernel] for view in views]
                self.pages[number].evaluate("window.chaos.openAll", wanted)

    def _do(self, step):
        getattr(self, f"_{step.do.replace('-', '_')}")(step)

    def _view(self, step):
        view = self.plan.views[step.at]
        return self.pages[view.tab], self.plan.path(view.document), view.type

    def _type(self, step):
        page, path, kind = self._view(step)
        page.bring_to_front()
        page.evaluate("([path, kind]) => window.chaos.focus(path, kind)", [path, kind])
        page.keyboard.insert_text(f" typed {step.mark} ")

    def _change(self, step):
        page, path, kind = self._view(step)
        text = f" changed {step.mark} "
        if step.how == "huge":
            text = HUGE * (2 * self.gear.quota // len(HUGE)) + text
        page.evaluate("([path, kind, text]) => window.chaos.change(path, kind, text)", [path, kind, text])

    def _save(self, step):
        page, path, kind = self._view(step)
        page.evaluate("([path, kind]) => window.chaos.save(path, kind)", [path, kind])

    def _save_and_type(self, step):
        page, path, kind = self._view(step)
        save = Traffic(page, path, "hold")
        page.evaluate("([path, kind]) => window.chaos.startSave(path, kind)", [path, kind])
        self._pump_until(lambda: save.is_holding, page)
        self._type(step)
        save.release()
        page.evaluate("window.chaos.saved()")
        save.end()

    def _foreign(self, step):
        self.volume.change(step.at, step.how, step.mark)

    def _fill_volume(self, step):
        self.gear.fill_volume()

    def _server(self, step):
        page, path, _ = self._view(step)
        how, _, everything = step.how.partition(" ")
        self.traffic.append(Traffic(page, f"{self.plan.folder}/" if everything else path, how))

    def _mute(self, step):
        self.pages[step.at].evaluate("how => window.chaos.mute(how)", step.how)

    def _block(self, step):
        self.pages[step.at].evaluate("seconds => window.chaos.block(seconds * 1000)", float(step.how))

    def _run(self, step):
        page, path, _ = self._view(step)
        page.evaluate("([path, how]) => window.chaos.run(path, how)", [path, step.how])

    def _aws(self, step):
        operation, code = step.how.split()
        message = f"User: notebook is not authorized to perform: sagemaker:{operation}"
        self.gear.faults.add(operation, code=code, message=message)

    # What happens between the click and the end; each tells whether it is done

    def _in_flight(self, step):
        page, path, _ = self._view(step)
        traffic = next(one for one in self.traffic if one.page is page and one.path == path and one.how == "hold")
        if not traffic.is_holding:
            return False
        if step.how == "type":
            page.keyboard.insert_text(f" late {step.mark} ")
        else:
            self._change(step)
        self._note_if_taken(page, step.mark)
        traffic.release()
        return True

    def _type_late(self, step):
        page, _, _ = self._view(step)
        if not page.is_closed():
            page.keyboard.insert_text(f" late {step.mark} ")
            self._note_if_taken(page, step.mark)
        return True

    def _drop(self, step):
        self.pages[step.at].evaluate("window.chaos.drop()")
        return True

    def _close_tab(self, step):
        self.pages[step.at].close()
        return True

    def _open_document(self, step):
        self.windows.begin_to_open(self.plan.path(step.at))
        return True

    # The click and what comes of it

    def _click_and_wait(self):
        page = self.pages[self.plan.clicker]
        page.bring_to_front()
        self.gear.arm()
        self._pump_until(lambda: self._ask(page), page)
        self._confirm(page)
        refusal = page.get_by_role("alertdialog", name=REFUSAL)
        until = self._clicked + PATIENCE
        while time.monotonic() < until:
            self._pump(page)
            self.pending = [step for step in self.pending if not self._during(step)]
            if self.gear.has_stopped():
                on_disk = self.volume.tokens()
                self.gear.come_back(page, self.pages)
                return True, on_disk
            if self._may_be_over() and refusal.is_visible():
                self.lines = [line.inner_text() for line in refusal.get_by_role("listitem").all()]
                if not self._insists():
                    refusal.get_by_role("button", name="Close").click()
                    break
                refusal.get_by_role("button", name="Try again").click()
                self._confirm(page)
        return False, self.volume.tokens()

    def _confirm(self, page):
        """Read the sheet, tick what it wants to be ticked, and say yes."""
        sheet = page.get_by_role("dialog", name=SHEET)
        accept = sheet.get_by_role("button", name=BUTTON)
        accept.wait_for()
        self._pump_until(lambda: self._tick(sheet) or accept.is_enabled(), page)
        accept.click()
        self._clicked = time.monotonic()

    @staticmethod
    def _ask(page):
        """Click in the banner; JupyterLab's own questions, as what to do about a file that is gone, are closed first."""
        page.evaluate("window.chaos.dismiss()")
        with suppress(Error):  # on a busy machine, also of a click that has come through
            banner(page).get_by_role("button", name=BUTTON).click(timeout=GLANCE)
        return page.get_by_role("dialog", name=SHEET).is_visible()

    @staticmethod
    def _tick(sheet):
        """The boxes that are there once the sheet has asked the server."""
        with suppress(Error):  # the sheet has just been filled anew
            for box in sheet.get_by_role("checkbox").all():
                box.check(timeout=GLANCE)

    def _insists(self):
        """Whether the person accepts the copies, which were all that was in the way."""
        codes = {finding["code"] for finding in self.gear.journal.last()["findings"]}
        insists, self._patient = self._patient and codes == {"document-rescued"}, False
        return insists

    def _may_be_over(self):
        """The journal costs less to ask than the page; a full volume may keep it from telling."""
        return self.gear.journal.last()["event"] in {"refused", "failed"} or time.monotonic() > self._clicked + QUIET

    def _during(self, step):
        return self._foreign(step) is None if step.do == "foreign" else getattr(self, f"_{step.do.replace('-', '_')}")(step)

    def _pump(self, page):
        page.wait_for_timeout(25)
        for traffic in self.traffic:
            traffic.pump()

    def _pump_until(self, condition, page):
        until = time.monotonic() + PATIENCE
        while not condition():
            assert time.monotonic() < until, "the page does not do what it was told"
            self._pump(page)

    # What is left

    def _note_what_is_held(self):
        for page in self.pages:
            for document in page.evaluate("window.chaos.held()"):
                self.held.setdefault(document["path"], set()).update(document["tokens"])

    def _note_if_taken(self, page, mark):
        """Text that the page did not take any more was never held."""
        for document in page.evaluate("window.chaos.held()"):
            if mark in document["tokens"]:
                self.held.setdefault(document["path"], set()).add(mark)

    def _marks_in_tabs(self):
        marks = set()
        for number, page in enumerate(self.pages):
            if page.is_closed():  # by the person himself
                views = [view for view in self.plan.views if view.tab == number]
                for path in {self.plan.path(view.document) for view in views}:
                    self.volume.excused |= self.held.get(path, set())
            else:
                marks |= {mark for document in page.evaluate("window.chaos.held()") for mark in document["tokens"]}
        return marks

    def _names(self):
        documents = [document.name for document in self.plan.documents]
        return [*documents, "browser tab", "sagemaker:", "NotebookInstance", "AddTags", "journal"]


LAST = {"fill-volume", "server", "mute", "block", "aws"}
