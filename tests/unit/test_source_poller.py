"""Every source is polled at its interval; one that fails is unknown, and polled less and less often."""

import asyncio
from datetime import datetime, timedelta, timezone

import pytest
from traitlets import TraitError
from traitlets.config import Application, Config

from jupyter_nb_updater.advice.deadline import reasons
from jupyter_nb_updater.advice.policy import Policy
from jupyter_nb_updater.advice.signal import Signal
from jupyter_nb_updater.signals.base import AdviceSource
from jupyter_nb_updater.signals.poller import SOURCES, SourcePoller, SourceRegistry

from ..signal_sources import Always, source_context

NOW = datetime(2026, 11, 23, 14, 0, tzinfo=timezone.utc)


class Source(AdviceSource):
    name = "fleet"

    def __init__(self, answer="current", **traits):
        super().__init__(source_context(), **traits)
        self.answer, self.asked = answer, 0

    async def poll(self, now):
        self.asked += 1
        if isinstance(self.answer, Exception):
            raise self.answer
        if self.answer == "never":
            await asyncio.Event().wait()
        return Signal(self.name, self.answer, f"fleet-{self.answer}", now, {"seen": self.asked})


def after(seconds):
    return NOW + timedelta(seconds=seconds)


async def looked(source, *moments, **traits):
    poller = SourcePoller([source], rng=Always(0.5), **traits)
    for moment in moments:
        (signal,) = await poller.poll(moment)
    return signal


async def test_an_answer_is_good_for_its_time():
    source = Source(interval_seconds=3600)
    await looked(source, NOW, after(3599))
    assert source.asked == 1
    await looked(source, after(3599), after(3599 + 3600))
    assert source.asked == 3


async def test_a_source_that_was_never_asked_is_not_there():
    assert SourcePoller([Source()]).signals == ()


async def test_what_was_current_is_unknown_when_it_cannot_be_asked():
    source = Source(interval_seconds=10)
    poller = SourcePoller([source], rng=Always(0.5))
    await poller.poll(NOW)
    source.answer = OSError("no route to host")
    (signal,) = await poller.poll(after(10))
    assert (signal.state, signal.code, signal.evidence) == ("unknown", "fleet-unreachable", {"problem": "no route to host"})


async def test_what_was_due_stays_due_with_the_age_of_that_answer():
    source = Source("due", interval_seconds=10)
    poller = SourcePoller([source], rng=Always(0.5))
    await poller.poll(NOW)
    source.answer = OSError("no route to host")
    (signal,) = await poller.poll(after(10))
    assert (signal.state, signal.checked, signal.evidence["problem"]) == ("due", NOW, "no route to host")


async def test_a_source_that_does_not_answer_is_not_waited_for():
    signal = await looked(Source("never", timeout_seconds=0.1), NOW)
    assert (signal.state, signal.code) == ("unknown", "fleet-timeout")


async def test_one_that_hangs_does_not_hold_up_the_others():
    class Other(Source):
        name = "health"

    poller = SourcePoller([Source("never", timeout_seconds=0.1), Other()])
    assert [signal.state for signal in await poller.poll(NOW)] == ["unknown", "current"]


@pytest.mark.parametrize(("failures", "wait"), [(1, 60), (2, 120), (3, 240), (7, 3600), (40, 3600)])
async def test_it_is_asked_less_and_less_often_while_it_fails(failures, wait):
    source = Source(OSError("down"), interval_seconds=3600)
    poller = SourcePoller([source], rng=Always(0.5))
    now = NOW
    for _ in range(failures):
        await poller.poll(now)
        last, now = now, now + timedelta(days=1)
    asked = source.asked
    await poller.poll(last + timedelta(seconds=wait - 1))
    assert source.asked == asked
    await poller.poll(last + timedelta(seconds=wait))
    assert source.asked == asked + 1


@pytest.mark.parametrize(("chance", "first"), [(0.0, 3240), (1.0, 3960)])
async def test_a_fleet_does_not_look_at_once(chance, first):
    source = Source(interval_seconds=3600)
    poller = SourcePoller([source], rng=Always(chance), jitter=0.1)
    await poller.poll(NOW)
    await poller.poll(after(first - 1))
    assert source.asked == 1
    await poller.poll(after(first))
    assert source.asked == 2


async def test_a_clock_that_was_set_back_asks_anew():
    source = Source(interval_seconds=3600)
    await looked(source, NOW, NOW - timedelta(days=2))
    assert source.asked == 2


async def test_one_that_is_switched_off_is_not_asked():
    source = Source(enabled=False)
    assert await SourcePoller([source]).poll(NOW) == ()
    assert source.asked == 0


async def test_only_those_that_are_named_are_asked():
    source = Source()
    assert await SourcePoller([source]).poll(NOW, {"age"}) == ()
    assert source.asked == 0


async def test_what_is_judged_by_something_new_is_asked_at_the_next_look():
    source = Source(interval_seconds=3600)
    poller = SourcePoller([source], rng=Always(0.5))
    await poller.poll(NOW)
    poller.invalidate("fleet")
    await poller.poll(after(1))
    assert source.asked == 2


class DiskHealthSource(AdviceSource):
    """A source written by somebody else."""

    name = "disk"

    async def poll(self, now):
        return Signal(self.name, "due", "disk-worn", now, {"instance": self.context.instance.identity.name})


class OwnFleetSource(AdviceSource):
    """A source that replaces a built-in one."""

    name = "fleet"

    async def poll(self, now):
        return Signal(self.name, "current", "fleet-newest", now)


def built(**traits):
    return SourceRegistry(parent=Application(config=Config({"SourceRegistry": traits}))).build(source_context())


async def test_a_source_of_somebody_else_is_polled_when_it_is_configured():
    (*ours, theirs) = built(extra_source_classes=[f"{__name__}.DiskHealthSource"])
    assert [type(source) for source in ours] == [*SOURCES]
    (signal,) = await SourcePoller([theirs]).poll(NOW)
    assert (signal.name, signal.state, signal.evidence) == ("disk", "due", {"instance": "research-1"})


def test_what_somebody_elses_source_finds_due_asks_for_a_restart():
    signal = Signal("disk", "due", "disk-worn", NOW)
    assert [reason.id for reason in reasons([signal], Policy(), NOW)] == ["disk"]


def test_a_configured_source_of_the_same_name_takes_the_place_of_ours():
    (fleet,) = [source for source in built(extra_source_classes=[OwnFleetSource]) if source.name == "fleet"]
    assert isinstance(fleet, OwnFleetSource)


@pytest.mark.parametrize("wrong", ["no.such.Source", "datetime.datetime"])
def test_what_is_no_source_is_refused_at_the_start(wrong):
    with pytest.raises(TraitError):
        built(extra_source_classes=[wrong])
