"""The policy is refreshed before the sources are polled: at its own interval, with a time limit."""

import asyncio
import json
from datetime import datetime, timedelta, timezone
from types import SimpleNamespace

import pytest

from jupyter_nb_updater.advice.adviser import Adviser
from jupyter_nb_updater.advice.hold import Holds, Person
from jupyter_nb_updater.instance.aws import AwsError
from jupyter_nb_updater.instance.sagemaker import Description, SageMaker
from jupyter_nb_updater.journal import Journal
from jupyter_nb_updater.org_policy.document import PolicyRejected
from jupyter_nb_updater.org_policy.manager import PolicyManager
from jupyter_nb_updater.service.advice import AdviceService
from jupyter_nb_updater.signals.age import AgeSource
from jupyter_nb_updater.signals.base import SourceContext
from jupyter_nb_updater.signals.org_advisories import OrgAdvisoriesSource
from jupyter_nb_updater.signals.platform import PlatformSource
from jupyter_nb_updater.signals.poller import SourcePoller
from jupyter_nb_updater.util.request_error import MalformedRequest

from ..signal_sources import IDENTITY, Descriptions

NOW = datetime(2026, 11, 23, 14, 0, tzinfo=timezone.utc)
TIMES = {"issued": "2026-11-20T09:00:00Z", "expires": "2027-02-18T09:00:00Z"}
PLATFORM = "notebook-al2023-v1"


def after(seconds):
    return NOW + timedelta(seconds=seconds)


class Publisher:
    """A document in a file that a test may change, and a fetch that may fail or hang."""

    def __init__(self, path):
        self.path, self.fetched, self.failure = path, 0, None
        self.publish(1)

    def publish(self, serial, **fields):
        self.path.write_text(json.dumps({"version": 1, "serial": serial, "organization": "Example Bank", **TIMES, **fields}))

    def watch(self, policies):
        fetch = policies._fetcher.fetch

        async def counted(cached=None):
            self.fetched += 1
            if self.failure == "hangs":
                await asyncio.Event().wait()
            if self.failure:
                raise PolicyRejected(self.failure, "no answer")
            return await fetch(cached)

        policies._fetcher.fetch = counted
        policies._schedule._rng = SimpleNamespace(random=lambda: 0.5)
        return policies


@pytest.fixture
def journal(tmp_path):
    return Journal(directory=str(tmp_path / "journal"))


@pytest.fixture
def publisher(tmp_path):
    return Publisher(tmp_path / "organization.json")


@pytest.fixture
def policies(publisher, journal):
    manager = PolicyManager(journal, "eu-west-1", url=publisher.path.as_uri())
    yield publisher.watch(manager)
    manager.close()


async def test_it_is_fetched_at_its_interval(policies, publisher):
    for seconds in (0, 60, 3599):
        await policies.refresh(after(seconds))
    assert (publisher.fetched, policies.next_refresh) == (1, after(3600))
    await policies.refresh(after(3600))
    assert publisher.fetched == 2


async def test_without_a_document_to_look_for_nothing_is_fetched(journal):
    policies = PolicyManager(journal, "eu-west-1")
    await policies.refresh(NOW)
    assert (policies.policy, policies.next_refresh) == (None, None)


@pytest.mark.parametrize(("failures", "wait"), [(1, 60), (2, 120), (3, 240), (7, 3600)])
async def test_while_there_is_no_document_it_is_fetched_less_and_less_often(policies, publisher, failures, wait):
    publisher.failure, now = "unreachable", NOW
    for _ in range(failures):
        await policies.refresh(now)
        last, now = now, now + timedelta(days=1)
    assert (publisher.fetched, policies.next_refresh) == (failures, last + timedelta(seconds=wait))


async def test_with_a_document_an_outage_waits_for_the_interval(policies, publisher):
    await policies.refresh(NOW)
    publisher.failure = "unreachable"
    await policies.refresh(after(3600))
    assert (policies.policy.origin.problem, policies.outage, policies.next_refresh) == ("unreachable", None, after(7200))


async def test_a_fetch_that_hangs_is_waited_for_no_longer_than_its_bound(policies, publisher):
    publisher.failure = "hangs"
    policies.refresh_timeout_seconds = 0.2
    await asyncio.wait_for(policies.refresh(NOW), 10)
    assert (policies.outage.code, policies.next_refresh) == ("too-slow", after(60))
    publisher.failure = None
    await policies.refresh(after(60))
    assert (policies.outage, policies.policy.origin.serial) == (None, 1)


async def test_a_clock_that_was_set_back_fetches_anew(policies, publisher):
    await policies.refresh(NOW)
    await policies.refresh(NOW - timedelta(days=2))
    assert publisher.fetched == 2


class TaggedInstance:
    """AWS, which answers with the tags of the instance."""

    def __init__(self):
        self.tags, self.is_denied = {}, False

    async def call(self, _service, operation, **_parameters):
        assert operation == "ListTags"
        if self.is_denied:
            raise AwsError("access-denied", operation, "denied", "sagemaker:ListTags")
        return {"Tags": [{"Key": key, "Value": value} for key, value in self.tags.items()]}


class Service:
    """The advice service of an instance that booted 25 days ago, with sources that answer from memory."""

    def __init__(self, policies, journal):
        self.now, self.state = NOW, State()
        self.aws = TaggedInstance()
        self.descriptions = Descriptions(Description("InService", "arn", PLATFORM))
        instance = SimpleNamespace(
            identity=IDENTITY,
            sagemaker=SageMaker(self.aws, IDENTITY),
            descriptions=self.descriptions,
            advice_clock=SimpleNamespace(now=lambda: self.now, to_json=lambda: None),
            system_clock=SimpleNamespace(now=lambda: self.now),
            advice_booted=lambda: NOW - timedelta(days=25),
            journal=journal,
            state=self.state,
        )
        adviser = Adviser(arn=IDENTITY.arn)
        context = SourceContext(instance, adviser, policies)
        poller = SourcePoller([source(context) for source in (AgeSource, PlatformSource, OrgAdvisoriesSource)])
        self.service = AdviceService(
            instance,
            adviser=adviser,
            holds=Holds(),
            policies=policies,
            poller=poller,
            tabs=SimpleNamespace(is_watched=False),
        )

    async def poll(self, seconds=0):
        self.now = after(seconds)
        advice = await self.service.poll()
        return {signal.name: signal for signal in advice.signals}


class State(dict):
    """The parts of a state document."""

    def __init__(self):
        super().__init__(advice=None, software={})

    def refresh(self, **parts):
        self.update(parts)


@pytest.fixture
def service(policies, journal):
    return Service(policies, journal)


async def test_what_a_new_document_says_is_in_the_signals_of_the_same_poll(service, publisher):
    publisher.publish(2, age={"advised_days": 20, "max_days": 40})
    signals = await service.poll()
    assert (signals["age"].code, signals["age"].evidence["advised_days"]) == ("age-over-advised", 20)
    assert (signals["organization"].code, signals["organization"].evidence["serial"]) == ("organization-nothing", 2)
    assert service.state["policy"]["origin"]["serial"] == 2


async def test_the_platform_is_judged_anew_when_the_document_says_something_else_about_platforms(service, publisher):
    await service.poll()
    await service.poll(3600)
    assert service.descriptions.asked == 1  # it is asked once a day
    publisher.publish(2, platforms=[{"id": "notebook-al2023-v2", "available": "2026-11-05T00:00:00Z"}])
    signals = await service.poll(7200)
    assert (service.descriptions.asked, signals["platform"].evidence["newest"]) == (2, "notebook-al2023-v2")


async def test_only_a_poll_of_all_sources_refreshes_the_policy(service, publisher):
    await service.service.poll({"age"})
    assert publisher.fetched == 0


async def test_the_next_change_is_known_from_the_interval_of_the_policy(service, policies):
    await service.poll()
    assert service.service.next_change(NOW) == policies.next_refresh == after(3600)


async def test_a_document_that_cannot_be_reached_is_told_as_a_source_that_cannot(service, publisher):
    publisher.failure = "unreachable"
    signal = (await service.poll())["organization"]
    assert (signal.state, signal.code, signal.evidence) == ("unknown", "organization-unreachable", {"problem": "no answer"})


async def test_the_policy_says_who_may_hold(service, publisher):
    publisher.publish(2, holds={"by": ["ana"], "max_days": 3})
    await service.poll()
    with pytest.raises(MalformedRequest, match="allows only ana to place a hold"):
        await service.service.set_hold(Person("ben", "ben"), "training", after(3600))


async def test_the_owner_of_the_instance_may_hold_it_in_whatever_name(service, publisher):
    publisher.publish(2, holds={"by": ["ana"], "max_days": 3})
    await service.poll()
    service.aws.tags = {"Owner": "ana"}
    await service.service.set_hold(Person("Ben"), "training", after(3600))
    assert (service.service.hold.by, service.service.hold.verified) == ("Ben", False)


async def test_an_owner_who_cannot_be_read_is_unknown(service, publisher):
    publisher.publish(2, holds={"by": ["ana"], "max_days": 3})
    await service.poll()
    service.aws.is_denied = True
    with pytest.raises(MalformedRequest, match="allows only ana"):
        await service.service.set_hold(Person("ana"), "training", after(3600))
    await service.service.set_hold(Person("Ana", "ana"), "training", after(3600))
