"""The state machine alone with random events: it always ends, its journal suffices, and no stop is unarmed."""

import os
from datetime import datetime, timedelta, timezone

from hypothesis import settings, strategies as some
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from jupyter_nb_updater.restart import recovery
from jupyter_nb_updater.restart.machine import BOUNDS, TRANSITIONS, Event, Restart, RestartOrder, next_state, overrun
from jupyter_nb_updater.util.clock import to_text

ORDERS = {"requested", "scheduled"}
AT_REST = {"idle", "refused", "failed"}
OUT_OF_REACH = {"stopping", "away", "verifying"}
"""Phases in which AWS may hold our request to start the instance."""

WHEN = some.sampled_from(["now", "idle", "2026-11-23T18:00:00Z"])
SECONDS = some.integers(min_value=-86400, max_value=2 * 86400)
"""Time between two events, also negative because a clock may be set back."""


class Restarts(RuleBasedStateMachine):
    def __init__(self):
        super().__init__()
        self.now = datetime(2026, 11, 23, 14, tzinfo=timezone.utc)
        self.restart, self.records, self.asked = Restart(), [], 0
        self.armed, self.taken_back = None, set()

    def apply(self, event):
        """Apply an event like the coordinator: the record first."""
        before, self.restart = self.restart, next_state(self.restart, event, self.now)
        after = self.restart
        order = {"by": after.order.by, "when": after.order.when} if event.order else {}
        findings = [finding.to_json() for finding in event.findings]
        record = {"time": to_text(self.now), "event": event.name, "restart": after.id, "stops_only": after.stops_only}
        self.records.append({**record, **order, "findings": findings})
        if event.name == "armed":
            self.armed = after.id
        elif event.name in {"returned", "failed"} or (before.phase, after.phase) == ("arming", "idle"):
            self.armed = None  # it is disarmed then

    @rule(data=some.data(), when=WHEN, seconds=SECONDS)
    def something_happens(self, data, when, seconds):
        self.now += timedelta(seconds=seconds)
        name = data.draw(some.sampled_from([name for phase, name in TRANSITIONS if phase == self.restart.phase]))
        if name == "accepted":
            assert self.armed == self.restart.id, "stopped, and nobody would bring it back"
            assert self.restart.id not in self.taken_back, "stopped after it was called off"
        if name == "cancelled":
            self.taken_back.add(self.restart.id)
        self.asked += name in ORDERS
        order = RestartOrder(f"r-{self.asked}", when=when, asked=self.now) if name in ORDERS else None
        self.apply(Event(name, order=order))

    @precondition(lambda self: self.restart.deadline is not None)
    @rule()
    def its_time_is_over(self):
        self.now = max(self.now, self.restart.deadline)
        self.apply(overrun(self.restart.phase))

    @rule(booted_before=some.integers(min_value=-7200, max_value=7200))
    def another_server_starts(self, booted_before):
        booted = self.now - timedelta(seconds=booted_before)
        self.restart = recovery.replay(self.records)
        event = recovery.decide(self.restart, booted, recovery.last_sign_of_life(self.records))
        if event is not None:
            self.apply(event)
        assert self.restart.phase in AT_REST | {"waiting", "away", "verifying"}

    @invariant()
    def the_journal_is_enough(self):
        told = recovery.replay(self.records)
        assert (told.phase, told.id, told.deadline) == (self.restart.phase, self.restart.id, self.restart.deadline)

    @invariant()
    def nothing_is_armed_and_forgotten(self):
        assert self.armed is None or self.restart.phase in OUT_OF_REACH

    @invariant()
    def left_alone_it_comes_to_rest(self):
        left = self.restart
        for _ in BOUNDS:
            if left.phase in AT_REST:
                break
            assert left.deadline is not None
            left = next_state(left, overrun(left.phase), left.deadline)
        assert left.phase in AT_REST


Restarts.TestCase.settings = settings(max_examples=int(os.environ.get("TRACES", "300")), stateful_step_count=30)
TestRestarts = Restarts.TestCase
