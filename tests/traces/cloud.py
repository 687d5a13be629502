"""The part of AWS that a restart depends on: an instance, its tag, and the stack's state machine."""

import asyncio
import json
from datetime import datetime, timedelta, timezone

from jupyter_nb_updater.instance import tags
from jupyter_nb_updater.instance.aws import AwsError
from jupyter_nb_updater.instance.metadata import Identity
from jupyter_nb_updater.instance.sagemaker import Description
from jupyter_nb_updater.util.clock import from_text

BEGINNING = datetime(2026, 11, 23, 14, 0, tzinfo=timezone.utc)
SKEW = 300
"""Tolerated clock skew in seconds: AWS accepts the signature of a request for five minutes."""

LATENCY, STOPS, STARTS, POLL = 0.2, 20.0, 40.0, 15.0
"""Durations in seconds."""

ATTEMPTS, POLLS = 6, 120
"""Number of start attempts (the template's default is 30), and of polls for the return."""

PATTERN = {"source": ["aws.sagemaker"], "detail": {"NotebookInstanceName": [{"wildcard": "research-*"}]}}

REFUSALS = {"access-denied", "throttled", "unreachable", "aws-error"}


class Cloud:
    """One instance in one account.

    Args:
        loop: event loop whose time is used.
    """

    identity = Identity("research-1", "eu-west-1", "123456789012", "aws")

    def __init__(self, loop):
        self._loop = loop
        self.status, self.tag_value, self.outcome = "InService", None, None
        # Or the error that every call gets, or the one operation that is denied; "mute" acts and does not answer.
        self.mood = "well"
        self.quota = 0  # so many starts are refused
        self.skew = 0.0  # of the instance's clock
        self.stopped_by = None
        self.maintenance_stops = False  # whether AWS accepts a stop in maintenance
        self.broken = []  # what must never be
        self.alarms = []  # restarts of which the topic was told that they did not come back
        self.goes_down = self.comes_up = lambda: None

    @property
    def now(self):
        """AWS's clock."""
        return BEGINNING + timedelta(seconds=int(self._loop.time()))

    @property
    def instance_clock(self):
        """The clock of the instance."""
        return self.now + timedelta(seconds=self.skew)

    @property
    def armed(self):
        """Id of the restart in a valid tag; ``None`` without one."""
        if self.tag_value is None:
            return None
        restart, expiry, *_ = self.tag_value.split(" ")
        return restart if from_text(expiry) > self.now else None

    # As the instance calls it

    async def describe(self):
        return await self._call("DescribeNotebookInstance", lambda: Description(self.status, "arn"))

    async def lacks(self, lifecycle_config):
        return False

    async def stop(self):
        return await self._call("StopNotebookInstance", lambda: self.begin_to_stop("instance"))

    async def tag(self, arn, key, value):
        await self._call("AddTags", lambda: self._set_tag(value))

    async def tags(self, arn):
        told = {tags.RESTART: self.tag_value, tags.OUTCOME: self.outcome}
        return await self._call("ListTags", lambda: {key: value for key, value in told.items() if value})

    async def untag(self, arn, key):
        await self._call("DeleteTags", lambda: self._set_tag(None))

    async def call(self, service, operation, **parameters):
        return await self._call(operation, lambda: {"State": "ENABLED", "EventPattern": json.dumps(PATTERN)})

    async def _call(self, operation, act):
        """Make a call that may be refused before its effect, or lose its response after it."""
        await asyncio.sleep(LATENCY)
        if self.mood in REFUSALS or self.mood == operation:
            code = self.mood if self.mood in REFUSALS else "access-denied"
            raise AwsError(code, operation, self.mood)
        if abs(self.skew) > SKEW:
            raise AwsError("access-denied", operation, "Signature expired")
        answer = act()
        if self.mood == "mute":
            raise AwsError("unreachable", operation, "no answer")
        return answer

    def _set_tag(self, value):
        self.tag_value = value

    # As a person in the console does

    @property
    def is_up(self):
        """Whether the machine runs and is not going down."""
        return self.status in {"InService", "PendingMaintenance"}

    def announce_maintenance(self, *, stops):
        if self.status == "InService":
            self.status, self.maintenance_stops = "PendingMaintenance", stops

    def end_maintenance(self):
        if self.status == "PendingMaintenance":
            self.status = "InService"

    def begin_to_stop(self, by):
        if not self.is_up or (self.status != "InService" and not self.maintenance_stops):
            raise AwsError("wrong-state", "StopNotebookInstance", f"Status ({self.status}) not in ([InService])")
        self.status, self.stopped_by = "Stopping", by
        self.goes_down()
        self._loop.call_later(STOPS, self._has_stopped)

    def begin_to_start(self):
        if self.status != "Stopped":
            raise AwsError("wrong-state", "StartNotebookInstance", f"Status ({self.status}) not in ([Stopped])")
        self.status = "Pending"
        self._loop.call_later(STARTS, self._has_started)

    def _has_stopped(self):
        self.status = "Stopped"
        self.tell_that_it_stopped()

    def tell_that_it_stopped(self):
        """Send the event of the stop, which may be sent again at any time."""
        self._loop.create_task(self._return(), name="the stack")

    def _has_started(self):
        self.status = "InService"
        self.comes_up()

    async def _return(self):
        """Emulate ``cloud/return-path.yaml``: check, start, wait, clear the tag, record the outcome."""
        if self.armed is None or self.is_up:
            return
        restart, is_started = await self._start()
        if restart is None:  # taken back
            return
        for _ in range(POLLS if is_started else 0):
            if self.is_up or self.status == "Failed":
                break
            await asyncio.sleep(POLL)
        is_back = self.is_up
        self.outcome = f"{restart} {'returned' if is_back else 'failed-to-return'}"
        if not is_back:
            self.alarms.append(restart)
        if self._requested == restart:
            self.tag_value = None

    async def _start(self):
        """Retry while AWS refuses. Returns the id of the request, and whether the instance is starting."""
        refusals, pause = 0, POLL
        while refusals < ATTEMPTS and (restart := self._requested):
            if self.status == "Stopped" and self.quota == 0:
                self.begin_to_start()
            if self.status == "Pending" or self.is_up:
                return restart, True
            if self.status == "Stopped":
                self.quota, refusals, pause = self.quota - 1, refusals + 1, min(2 * pause, 900)
            await asyncio.sleep(pause)
        return self._requested, False

    @property
    def _requested(self):
        return self.tag_value.split(" ")[0] if self.tag_value else None
