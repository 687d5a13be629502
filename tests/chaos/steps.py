"""Carry out each step of a plan: one method for each value of ``Step.do``."""

HUGE_LINE = "x" * 79 + "\n"


class Steps:
    """Actions of the user, another program, the network and AWS.

    Args:
        session: the pages.
        volume: the documents on disk.
        gear: the machine.
        windows: where new pages open.
    """

    def __init__(self, session, volume, gear, windows):
        self._session, self._volume, self._gear, self._windows = session, volume, gear, windows

    def do(self, step):
        """Carry out a step; return whether it is done. Before the click all succeed; later ones are retried."""
        return getattr(self, f"_{step.do.replace('-', '_')}")(step) is not False

    # A person

    def _type(self, step):
        page, path, kind = self._session.view(step)
        page.bring_to_front()
        page.evaluate("([path, kind]) => window.chaos.focus(path, kind)", [path, kind])
        page.keyboard.insert_text(f" typed {step.mark} ")

    def _change(self, step):
        page, path, kind = self._session.view(step)
        text = f" changed {step.mark} "
        if step.how == "huge":
            text = HUGE_LINE * (2 * self._gear.max_file_bytes // len(HUGE_LINE)) + text
        page.evaluate("([path, kind, text]) => window.chaos.change(path, kind, text)", [path, kind, text])

    def _save(self, step):
        page, path, kind = self._session.view(step)
        page.evaluate("([path, kind]) => window.chaos.save(path, kind)", [path, kind])

    def _save_and_type(self, step):
        page, path, kind = self._session.view(step)
        save = self._session.disturb(page, path, "hold")
        page.evaluate("([path, kind]) => window.chaos.startSave(path, kind)", [path, kind])
        self._session.pump_until(lambda: save.is_holding, page)
        self._type(step)
        save.release()
        page.evaluate("window.chaos.saved()")
        save.end()

    def _type_late(self, step):
        page, _, _ = self._session.view(step)
        if not page.is_closed():
            page.keyboard.insert_text(f" late {step.mark} ")
            self._session.record_if_held(page, step.mark)

    def _in_flight(self, step):
        page, path, _ = self._session.view(step)
        traffic = self._session.held_up(page, path)
        if not traffic.is_holding:
            return False
        if step.how == "type":
            page.keyboard.insert_text(f" late {step.mark} ")
        else:
            self._change(step)
        self._session.record_if_held(page, step.mark)
        traffic.release()
        return True

    def _run(self, step):
        page, path, _ = self._session.view(step)
        page.evaluate("([path, how]) => window.chaos.run(path, how)", [path, step.how])

    def _close_tab(self, step):
        self._session.pages[step.at].close()

    def _open_document(self, step):
        self._windows.begin_to_open(self._session.plan.path(step.at))

    # Another program, and the disk

    def _foreign(self, step):
        self._volume.change(step.at, step.how, step.mark)

    def _fill_volume(self, step):
        self._gear.fill_volume()

    # The page, the network, AWS

    def _mute(self, step):
        self._session.pages[step.at].evaluate("how => window.chaos.mute(how)", step.how)

    def _block(self, step):
        self._session.pages[step.at].evaluate("seconds => window.chaos.block(seconds * 1000)", float(step.how))

    def _drop(self, step):
        self._session.pages[step.at].evaluate("window.chaos.drop()")

    def _server(self, step):
        page, path, _ = self._session.view(step)
        how, _, everything = step.how.partition(" ")
        self._session.disturb(page, f"{self._session.plan.folder}/" if everything else path, how)

    def _aws(self, step):
        operation, code = step.how.split()
        message = f"User: notebook is not authorized to perform: sagemaker:{operation}"
        self._gear.faults.add(operation, code=code, message=message)
