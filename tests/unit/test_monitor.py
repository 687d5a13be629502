"""The intervals of the monitor: advice is evaluated at every tick, everything else is polled rarely."""

import asyncio
from collections import Counter
from datetime import timedelta
from types import SimpleNamespace

import pytest
from traitlets.config import Config

from jupyter_nb_updater.advice.adviser import Adviser
from jupyter_nb_updater.advice.hold import Holds
from jupyter_nb_updater.instance.aws import AwsError
from jupyter_nb_updater.instance.boot_time import BootClock
from jupyter_nb_updater.instance.context import InstanceContext
from jupyter_nb_updater.instance.metadata import Identity
from jupyter_nb_updater.instance.sagemaker import DescriptionCache, PlatformTable
from jupyter_nb_updater.instance.software import Software
from jupyter_nb_updater.instance.tags import FleetState
from jupyter_nb_updater.org_policy.manager import PolicyManager
from jupyter_nb_updater.restart.risks import RiskMonitor
from jupyter_nb_updater.service.advice import AdviceService
from jupyter_nb_updater.service.fleet_tag import FleetTagPublisher
from jupyter_nb_updater.service.monitor import StateMonitor
from jupyter_nb_updater.signals.base import SourceContext
from jupyter_nb_updater.signals.poller import SourcePoller, SourceRegistry
from jupyter_nb_updater.state import StateDocument
from jupyter_nb_updater.util.clock import PollInterval
from jupyter_nb_updater.util.simulated_clock import AdviceClock

from ..signal_sources import Always
from .restarts import NOW, Aws, Path

UNREACHABLE = AwsError("unreachable", "DescribeNotebookInstance", "no answer")
DENIED = AwsError("access-denied", "AddTags", "no")


class Tagged(Aws):
    """An AWS that also accepts tags."""

    def __init__(self):
        super().__init__()
        self.told, self.platforms = [], PlatformTable()

    async def tag(self, arn, key, value):
        self._do("tag")
        self.told.append(value)


class Proving(Path):
    async def verify(self):
        self.sagemaker._do("verify")
        return await super().verify()


class Instance:
    """An instance that counts its polls, with a clock that the test moves."""

    def __init__(self, tmp_path, tabs, journal):
        self.now, self.aws, self.looks, self.kept, self.tabs = NOW, Tagged(), 0, 0, tabs
        self.set = timedelta(0)
        self.stat = tmp_path / "stat"
        self.boots(NOW - timedelta(days=29))
        advice_clock = AdviceClock(real=lambda: self.now)
        system_clock = SimpleNamespace(now=lambda: self.now, monotonic=self._monotonic)
        self.adviser = Adviser()
        self.state = StateDocument(system_clock, advice_clock)
        self.boot_clock = BootClock(stat_path=str(self.stat))
        self.adviser.config = Config({name: {"enabled": False} for name in ("OsReleaseSource", "FleetSource")})
        context = InstanceContext(
            identity=Identity("research-1", "eu-west-1", "123456789012", "aws"),
            aws=self.aws,
            sagemaker=self.aws,
            descriptions=DescriptionCache(self.aws),
            software=Software(release_path=str(tmp_path / "none")),
            boot_clock=self.boot_clock,
            advice_clock=advice_clock,
            system_clock=system_clock,
            journal=journal,
            state=self.state,
        )
        policies = PolicyManager(journal, context.identity.region)
        sources = SourceRegistry(parent=self.adviser).build(SourceContext(context, self.adviser, policies))
        advice = AdviceService(
            context,
            adviser=self.adviser,
            holds=Holds(),
            policies=policies,
            poller=SourcePoller(sources, Always(0.5)),
            tabs=tabs,
        )
        self.path = Proving(SimpleNamespace(sagemaker=self.aws, aws=None, system_clock=None))
        self.losses = SimpleNamespace(list=self._losses)
        self.monitor = StateMonitor(
            context,
            advice=advice,
            fleet_tag=FleetTagPublisher(context),
            return_path=self.path,
            risks=RiskMonitor(tmp_path),
            losses=self.losses,
            session_restore=SimpleNamespace(refresh=self._keep),
            tabs=tabs,
        )

    def boots(self, moment):
        self.stat.write_text(f"btime {int(moment.timestamp())}\n")

    async def _keep(self):
        self.kept += 1

    def _monotonic(self):
        return (self.now - NOW - self.set).total_seconds()

    async def _losses(self):
        self.looks += 1
        return []

    async def let_pass(self, duration, step=timedelta(minutes=1)):
        """Tick while time passes. Returns the number of requests by operation."""
        before, end = Counter(self.aws.calls), self.now + duration
        while self.now < end:
            self.now += step
            await self.monitor.tick()
        return Counter(self.aws.calls) - before


@pytest.fixture
def new(tmp_path, tabs, journal):
    return Instance(tmp_path, tabs, journal)


@pytest.fixture
def instance(new, jp_asyncio_loop):
    """Return an instance after its first tick."""
    jp_asyncio_loop.run_until_complete(new.monitor.tick())
    return new


async def test_the_first_tick_looks_at_everything(instance):
    assert (Counter(instance.aws.calls), instance.looks) == ({"describe": 1, "verify": 1, "tag": 1}, 1)
    assert instance.state["return_path"]["proof"] == "verified"


async def test_a_quiet_day_takes_a_look_at_aws_each_hour_and_few_requests(instance):
    asked = await instance.let_pass(timedelta(hours=20))
    assert set(asked) == {"describe", "verify"}
    assert sum(asked.values()) <= 48
    assert 17 <= instance.looks <= 24
    assert 17 <= instance.kept <= 24
    revision = instance.state.to_json()["revision"]
    await instance.let_pass(timedelta(hours=3))
    assert instance.state.to_json()["revision"] == revision


async def test_a_day_that_changes_the_level_is_told_within_a_minute_to_the_pages_and_to_the_fleet(instance):
    await instance.let_pass(timedelta(hours=23, minutes=59))
    assert instance.state["advice"]["level"] == "current"
    assert await instance.let_pass(timedelta(minutes=1)) >= Counter(tag=1)
    assert instance.state["advice"]["level"] == "advised"
    assert [value.split()[0] for value in instance.aws.told] == ["current", "advised"]


async def test_while_a_page_is_open_what_would_be_lost_is_looked_at_more_often(instance):
    instance.tabs.join(lambda _: None)
    await instance.let_pass(timedelta(hours=2))
    assert 4 <= instance.looks <= 6


async def test_a_look_that_a_page_asked_for_is_a_look(instance):
    for _ in range(4):
        await instance.let_pass(timedelta(minutes=30))
        await instance.monitor.refresh_work()
    assert instance.looks == 5
    assert instance.kept >= 2  # a page that looks keeps nothing


async def test_after_a_failure_aws_is_asked_sooner_and_then_the_return_path_too(new):
    new.aws.errors["describe"], new.path.proof = UNREACHABLE, "assumed"
    await new.monitor.tick()
    assert await new.let_pass(timedelta(minutes=8)) == {"describe": 3}  # after 1, 3 and 7 minutes
    del new.aws.errors["describe"]
    new.path.proof = "verified"
    await new.let_pass(timedelta(minutes=25))  # after 15 or so, and then at the next rounds
    assert (new.state["instance"]["status"], new.state["return_path"]["proof"]) == ("InService", "verified")


async def test_a_return_path_that_is_made_meanwhile_is_seen_within_a_quarter_of_an_hour_or_so(instance):
    instance.path.proof = "missing"
    await instance.let_pass(timedelta(hours=2))
    instance.path.proof = "verified"
    await instance.let_pass(timedelta(minutes=22))  # a quarter of an hour, a tenth more, and a round
    assert instance.state["return_path"]["proof"] == "verified"


@pytest.mark.parametrize(("error", "asked"), [(UNREACHABLE, {3, 4, 5}), (DENIED, {1})])
async def test_the_fleet_is_told_again_after_a_while_unless_that_is_not_allowed(new, error, asked):
    new.aws.errors["tag"] = error
    await new.monitor.tick()
    await new.let_pass(timedelta(minutes=22))
    assert Counter(new.aws.calls)["tag"] in asked
    assert new.aws.told == []


async def test_the_fleet_is_told_again_each_day_with_the_date(instance):
    asked = await instance.let_pass(timedelta(hours=23))
    assert asked["tag"] == 0
    asked = await instance.let_pass(timedelta(days=3))
    assert 3 <= asked["tag"] <= 5  # the level changes once
    dates = [FleetState.read(value).reported for value in instance.aws.told]
    assert dates == sorted(set(dates))


async def test_what_cannot_be_seen_hides_nothing_else(instance, caplog):
    async def broken():
        raise OSError("no /proc")

    instance.losses.list = broken
    await instance.let_pass(timedelta(hours=24, minutes=1))
    assert instance.state["advice"]["level"] == "advised"
    assert "Could not refresh a part of the state" in caplog.text


async def test_a_boot_time_that_trembles_is_the_same_boot(instance):
    booted = instance.boot_clock.last
    instance.boots(booted + timedelta(seconds=30))
    await instance.monitor.refresh_machine()
    assert instance.boot_clock.last == booted


async def test_a_clock_that_is_set_is_noticed_within_a_minute(instance):
    booted = instance.boot_clock.last
    instance.boots(booted + timedelta(hours=1))  # as Linux works it out from the new time
    await instance.let_pass(timedelta(minutes=5))
    assert instance.boot_clock.last == booted
    instance.now, instance.set = instance.now + timedelta(hours=1), timedelta(hours=1)
    await instance.let_pass(timedelta(minutes=1))
    assert instance.boot_clock.last == booted + timedelta(hours=1)


async def test_the_loop_goes_on_after_a_tick_that_failed(instance, caplog):
    ticks = []

    async def tick():
        ticks.append(1)
        raise OSError("once")

    instance.monitor.tick, instance.monitor._clock = tick, AdviceClock(rate=86400.0)
    task = asyncio.create_task(instance.monitor.run())
    while len(ticks) < 3:
        await asyncio.sleep(0.01)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert "Could not update the state of this instance" in caplog.text


@pytest.mark.parametrize("chance", [0.0, 0.5, 1.0])
def test_a_look_is_spread_by_a_tenth_and_a_clock_that_was_set_back_is_no_reason_to_wait(chance):
    rhythm = PollInterval(chance=lambda: chance)
    assert rhythm.is_due(NOW, 3600.0)
    rhythm.mark(NOW)
    due = timedelta(seconds=3600 * (0.9 + 0.2 * chance))
    assert not rhythm.is_due(NOW + due - timedelta(seconds=1), 3600.0)
    assert rhythm.is_due(NOW + due + timedelta(seconds=1), 3600.0)
    assert rhythm.is_due(NOW - timedelta(seconds=1), 3600.0)
    rhythm.reset()
    assert rhythm.is_due(NOW, 3600.0)
