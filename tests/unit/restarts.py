"""A simulated restart from the click to the stop: an AWS that can refuse, tabs, a journal on a real disk."""

from datetime import datetime, timezone

from jupyter_nb_updater.advice.hold import Holds
from jupyter_nb_updater.instance.platforms import known
from jupyter_nb_updater.instance.sagemaker import Description
from jupyter_nb_updater.restart.request import Consent, RestartRequest
from jupyter_nb_updater.restart.return_path import ReturnPath, Verification
from jupyter_nb_updater.util.clock import to_text
from tests.wait import eventually_async

NOW = datetime(2026, 11, 23, 14, 0, tzinfo=timezone.utc)


WAY = ["requested", "cleared", "saved", "armed", "accepted"]


class Aws:
    """One instance, and which operations fail."""

    def __init__(self):
        self.status, self.after_stop, self.armed, self.calls = "InService", "Stopping", None, []
        self.errors, self.platform, self.target, self.said = {}, None, None, None
        self.lacking = False

    def _do(self, operation):
        self.calls.append(operation)
        if error := self.errors.get(operation):
            raise error

    async def describe(self):
        self._do("describe")
        return Description(self.status, "arn", self.platform, platforms=known(moves_amazon_linux_2=True))

    async def lacks(self, lifecycle_config):
        return self.lacking

    async def stop(self):
        try:
            self._do("stop")
        finally:
            self.status = self.after_stop
        return "request-1"


class Path(ReturnPath):
    """A return path that records its calls."""

    kind = "stack"
    migrates = True
    proof = "verified"

    async def verify(self):
        return Verification(self.proof)

    async def arm(self, arn, restart, until, platform=None):
        self.sagemaker._do("arm")
        self.sagemaker.armed, self.sagemaker.target = restart, platform
        return "request-0"

    async def ended(self, restart):
        self.sagemaker._do("ended")
        return self.sagemaker.said

    async def disarm(self):
        self.sagemaker._do("disarm")
        self.sagemaker.armed = None


class Clock:
    """A wall clock that the test moves."""

    def __init__(self, world):
        self._world = world

    def now(self):
        return self._world.now


class World:
    """Everything else on the instance: losses, sessions, the disk, the policy."""

    def __init__(self):
        self.clock = Clock(self)
        self.running, self.strangers, self.rooms, self.disk = [], [], [], None
        self.holds, self.now, self.returned, self.required = Holds(), NOW, None, True

    async def list(self):
        return [*self.running]

    @property
    def hold(self):
        return self.holds.current(self.now)

    def is_restart_required(self):
        return self.required

    def returned_recently(self, now):
        return self.returned

    async def unreported(self, reported):
        return [*self.strangers]

    async def unsaved(self, timeout_seconds):
        return [*self.rooms]

    def sync(self):
        if self.disk:
            raise self.disk


def ask(*losses, confirmed=(), **more):
    consent = Consent(frozenset(losses), frozenset(confirmed))
    return RestartRequest(by="someone", consent=consent, facts={"software": {"jupyterlab": "4.5.11"}}, **more)


def kernel(identifier, *, busy=False, name="a.ipynb", since=None):
    return {"id": identifier, "kind": "kernel", "name": name, "detail": "python3", "busy": busy, "since": to_text(since)}


async def until(coordinator, *phases):
    """Wait for one of these phases, and return the codes of the findings."""
    await eventually_async(lambda: coordinator.restart.phase in phases, 5, what=lambda: coordinator.restart.phase)
    return [finding.code for finding in coordinator.restart.findings]


def events(journal):
    return [record["event"] for record in journal.records()]
