"""Every source is asked when its answer is old; what fails is unknown, and asked less and less often."""

import asyncio
from datetime import datetime, timedelta, timezone

import pytest

from jupyter_nb_updater.signals.base import AdviceSource, NullSource
from jupyter_nb_updater.signals.poller import SourcePoller
from jupyter_nb_updater.signals.signal import Signal

NOW = datetime(2026, 11, 23, 14, 0, tzinfo=timezone.utc)


class Source(AdviceSource):
    name = "fleet"

    def __init__(self, answer="current", **traits):
        super().__init__(**traits)
        self.answer, self.asked = answer, 0

    async def look(self, now):
        self.asked += 1
        if isinstance(self.answer, Exception):
            raise self.answer
        if self.answer == "never":
            await asyncio.Event().wait()
        return Signal(self.name, self.answer, f"fleet-{self.answer}", now, {"seen": self.asked})


def after(seconds):
    return NOW + timedelta(seconds=seconds)


async def looked(source, *moments, **traits):
    lookout = SourcePoller([source], chance=lambda: 0.5, **traits)
    for moment in moments:
        (signal,) = await lookout.look(moment)
    return signal


async def test_an_answer_is_good_for_its_time():
    source = Source(every_seconds=3600)
    await looked(source, NOW, after(3599))
    assert source.asked == 1
    await looked(source, after(3599), after(3599 + 3600))
    assert source.asked == 3


async def test_a_source_that_was_never_asked_is_not_there():
    assert SourcePoller([Source()]).signals == ()


async def test_what_was_current_is_unknown_when_it_cannot_be_asked():
    source = Source(every_seconds=10)
    lookout = SourcePoller([source], chance=lambda: 0.5)
    await lookout.look(NOW)
    source.answer = OSError("no route to host")
    (signal,) = await lookout.look(after(10))
    assert (signal.state, signal.code, signal.evidence) == ("unknown", "fleet-unreachable", {"problem": "no route to host"})


async def test_what_was_due_stays_due_with_the_age_of_that_answer():
    source = Source("due", every_seconds=10)
    lookout = SourcePoller([source], chance=lambda: 0.5)
    await lookout.look(NOW)
    source.answer = OSError("no route to host")
    (signal,) = await lookout.look(after(10))
    assert (signal.state, signal.checked, signal.evidence["problem"]) == ("due", NOW, "no route to host")


async def test_a_source_that_does_not_answer_is_not_waited_for():
    signal = await looked(Source("never", timeout_seconds=0.1), NOW)
    assert (signal.state, signal.code) == ("unknown", "fleet-timeout")


async def test_one_that_hangs_does_not_hold_up_the_others():
    class Other(Source):
        name = "health"

    lookout = SourcePoller([Source("never", timeout_seconds=0.1), Other()])
    assert [signal.state for signal in await lookout.look(NOW)] == ["unknown", "current"]


@pytest.mark.parametrize(("failures", "wait"), [(1, 60), (2, 120), (3, 240), (7, 3600), (40, 3600)])
async def test_it_is_asked_less_and_less_often_while_it_fails(failures, wait):
    source = Source(OSError("down"), every_seconds=3600)
    lookout = SourcePoller([source], chance=lambda: 0.5)
    now = NOW
    for _ in range(failures):
        await lookout.look(now)
        last, now = now, now + timedelta(days=1)
    asked = source.asked
    await lookout.look(last + timedelta(seconds=wait - 1))
    assert source.asked == asked
    await lookout.look(last + timedelta(seconds=wait))
    assert source.asked == asked + 1


@pytest.mark.parametrize(("chance", "first"), [(0.0, 3240), (1.0, 3960)])
async def test_a_fleet_does_not_look_at_once(chance, first):
    source = Source(every_seconds=3600)
    lookout = SourcePoller([source], chance=lambda: chance, jitter=0.1)
    await lookout.look(NOW)
    await lookout.look(after(first - 1))
    assert source.asked == 1
    await lookout.look(after(first))
    assert source.asked == 2


async def test_a_clock_that_was_set_back_asks_anew():
    source = Source(every_seconds=3600)
    await looked(source, NOW, NOW - timedelta(days=2))
    assert source.asked == 2


async def test_one_that_is_switched_off_is_not_asked():
    source = Source(enabled=False)
    assert await SourcePoller([source]).look(NOW) == ()
    assert source.asked == 0


async def test_only_those_that_are_named_are_asked():
    source = Source()
    assert await SourcePoller([source]).look(NOW, {"age"}) == ()
    assert source.asked == 0


async def test_what_is_judged_by_something_new_is_asked_at_the_next_look():
    source = Source(every_seconds=3600)
    lookout = SourcePoller([source], chance=lambda: 0.5)
    await lookout.look(NOW)
    lookout.forget("fleet")
    await lookout.look(after(1))
    assert source.asked == 2


async def test_a_source_that_is_not_there_knows_nothing():
    (signal,) = await SourcePoller([NullSource()]).look(NOW)
    assert signal.state == "unknown"
