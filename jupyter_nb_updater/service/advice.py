"""Refresh the policy, poll the sources and give advice: the only writer of ``advice``, ``policy`` and ``hold``."""

from __future__ import annotations

import asyncio
from collections.abc import Container
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from traitlets.config import LoggingConfigurable

from .._version import __version__
from ..advice.advise import Advice
from ..advice.adviser import Adviser
from ..advice.hold import Hold, Holds, Person
from ..advice.policy import Policy
from ..instance.aws import AwsError
from ..instance.context import InstanceContext
from ..instance.sagemaker import MAX_CHECK_SECONDS
from ..instance.tags import OWNER
from ..org_policy.manager import PolicyManager
from ..restart.enforcement import PolicyEnforcer
from ..saving.tabs import Tabs
from ..signals.base import SourceContext
from ..signals.poller import SourcePoller, SourceRegistry

POLICY_LOAD_TIMEOUT_SECONDS = 5.0
"""Timeout in seconds for loading the last good document at a start, which may have to fetch a key."""


class AdviceService(LoggingConfigurable):
    """Keep the advice for this instance up to date, in the state document and in the journal."""

    def __init__(
        self,
        instance: InstanceContext,
        *,
        adviser: Adviser,
        holds: Holds,
        policies: PolicyManager,
        poller: SourcePoller,
        tabs: Tabs,
        **kwargs: Any,
    ) -> None:
        """Create the service. No required restart begins before :meth:`start_enforcing`.

        Args:
            instance: clocks, journal and state of this instance.
            adviser: gives advice, and remembers what was shown.
            holds: the current hold.
            policies: the organization's policy.
            poller: polls the signal sources.
            tabs: knows whether a page is open in which a user sees the advice.
            kwargs: traits, and the ``parent`` whose configuration applies.
        """
        super().__init__(**kwargs)
        self._instance, self._adviser, self._holds, self._policies = instance, adviser, holds, policies
        self._poller, self._tabs = poller, tabs
        self._enforcer: PolicyEnforcer | None = None
        self.advice: Advice | None = None

    @property
    def policy(self) -> Policy:
        """The policy in force."""
        return self._adviser.policy_in_force(self._policies.policy)

    @property
    def hold(self) -> Hold | None:
        """The current hold."""
        return self._holds.current(self._instance.advice_clock.now())

    @property
    def evidence(self) -> dict[str, Any]:
        """Evidence for the journal about a restart: the policy in force, the current advice and the installed software."""
        simulated = self._instance.advice_clock.to_json()
        return {
            "version": __version__,
            "policy": self.policy.to_json(),
            "advice": self._instance.state["advice"],
            "software": self._instance.state["software"],
            **({"clock": simulated} if simulated else {}),
        }

    async def load_policy(self) -> None:
        """Activate the last good document on the volume, so that the first advice uses it. Limited in time."""
        try:
            await asyncio.wait_for(self._policies.load(self._instance.advice_clock.now()), POLICY_LOAD_TIMEOUT_SECONDS)
        except Exception:  # the first refresh tries again
            self.log.exception("Could not load the organization's last policy document from the volume")
        self._use_platform_facts()

    def load_history(self, records: list[dict[str, Any]]) -> None:
        """Restore earlier decisions from the journal.

        Args:
            records: records of the journal, oldest first.
        """
        self._adviser.load_history(records)
        self._holds.load_history(records)
        self._policies.load_history(records)

    def start_enforcing(self, enforcer: PolicyEnforcer) -> None:
        """Begin to request the restarts that the policy requires. Call this once the last restart has been recovered.

        Args:
            enforcer: requests the restarts.
        """
        self._enforcer = enforcer

    async def poll(self, names: Container[str] | None = None) -> Advice:
        """Refresh the policy, poll the sources that are due, and give advice.

        Args:
            names: names of the sources to poll, without refreshing the policy; ``None`` to refresh it and poll all.
        """
        if names is None:
            await self._policies.refresh(self._instance.advice_clock.now())
            self._use_platform_facts()
        await self._poller.poll(self._instance.advice_clock.now(), names)
        advice = self.judge()
        await self._record_shown(advice)
        if self._enforcer is not None:
            by = self.policy.origin.organization or "policy"
            await self._enforcer.follow(by, self.evidence, required=advice.required)
        return advice

    def judge(self) -> Advice:
        """Give advice from the last signals, and publish it."""
        now, state, policy, hold = self._instance.advice_clock.now(), self._instance.state, self.policy, self.hold
        advice = self._adviser.advise(self._poller.signals, self._instance.advice_booted(), hold, policy, now)
        self.advice = advice
        content = advice.to_json()
        is_news = _without_times(content) != _without_times(state["advice"])  # a later poll time alone is no news
        write = state.update if is_news else state.refresh
        write(advice=content)
        state.update(policy=policy.to_json(), hold=hold.to_json() if hold else None)
        return advice

    def next_change(self, now: datetime) -> datetime | None:
        """Return when the advice may change next: at a deadline, the end of a hold or window, a poll or a refresh.

        Args:
            now: the current time.
        """
        advice, hold, window = self.advice, self.hold, self.policy.window
        times = [
            self._policies.next_refresh,
            self._poller.next_poll,
            hold.until if hold else None,
            window.until(now) if window else None,
            *(time for _, time in (advice.plan if advice else ())),
            advice.deferral.until if advice and advice.deferral else None,
        ]
        return min((time for time in times if time is not None and time > now), default=None)

    def is_restart_required(self) -> bool:
        """Check whether a policy requires a restart now."""
        return self.judge().required

    async def defer(self) -> bool:
        """Postpone the reminder, and record that in the journal; ``False`` if the deadline has passed."""
        deferral = self._adviser.defer(await self.poll({"age"}), self._instance.advice_clock.now())
        if deferral is None:
            return False
        self.judge()
        await self._record("deferred", **deferral.to_json())
        return True

    async def set_hold(self, by: Person, reason: str, until: datetime) -> None:
        """Place a hold on the instance.

        Args:
            by: the user.
            reason: reason in the user's words.
            until: end of the hold.

        Raises:
            MalformedRequest: the end is in the past or too late, or this user may not place a hold.
        """
        policy = self._policies.policy
        owner = "" if policy is None or policy.may_hold({by.login}) else await self._owner()
        hold = self._holds.set(by, reason, until, self._instance.advice_clock.now(), policy, owner)
        self.judge()
        await self._record("held", **hold.to_json())

    async def release(self, by: Person) -> None:
        """Release the hold.

        Args:
            by: the user.
        """
        self._holds.release()
        self.judge()
        await self._record("released", by=by.name, verified=bool(by.login))

    async def _owner(self) -> str:
        """Return the owner of the instance according to its tag; empty if AWS does not answer.

        Who opens the instance is somebody whom IAM lets in, so its owner is a better proof than a name that is typed.
        """
        descriptions, sagemaker = self._instance.descriptions, self._instance.sagemaker
        try:
            description = await asyncio.wait_for(descriptions.cached(), MAX_CHECK_SECONDS)
            return (await asyncio.wait_for(sagemaker.tags(description.arn), MAX_CHECK_SECONDS)).get(OWNER, "")
        except (AwsError, asyncio.TimeoutError) as error:
            self.log.warning("Could not read the tag %s of this instance: %r", OWNER, error)
            return ""

    def _use_platform_facts(self) -> None:
        """Evaluate the platform again if the active policy contains other facts about platforms."""
        if self._instance.sagemaker.platforms.use(self._policies.platforms):
            self._poller.invalidate("platform")

    async def _record_shown(self, advice: Advice) -> None:
        """Record what a user can see. The grace period of a reason begins then, and its deadline never moves silently."""
        news = (
            self._adviser.record_shown(advice, self.policy, self._instance.advice_clock.now())
            if self._tabs.is_watched
            else None
        )
        if news:
            await self._record("shown", stage=advice.stage, **news)
            self.judge()

    async def _record(self, event: str, **facts: Any) -> None:
        """Record what a later server process must know. If that fails, it stays in force while this server runs."""
        await asyncio.to_thread(self._instance.journal.try_append, event, self._instance.system_clock.now(), **facts)


def _without_times(advice: dict[str, Any] | None) -> dict[str, Any] | None:
    if advice is None:
        return None
    signals = [{**signal, "checked": None} for signal in advice["signals"]]
    return {**advice, "signals": signals}


@dataclass(frozen=True)
class AdviceParts:
    """The parts that give advice for one instance.

    Args:
        adviser: gives advice, and remembers what was shown.
        holds: the current hold.
        policies: the organization's policy.
        poller: polls the signal sources.
    """

    adviser: Adviser
    holds: Holds
    policies: PolicyManager
    poller: SourcePoller


def build_advice(
    context: InstanceContext, parent: LoggingConfigurable, *, writes: bool = True, max_source_seconds: float | None = None
) -> AdviceParts:
    """Build the parts that give advice, with the configuration of their parent.

    Args:
        context: the instance.
        parent: the application whose configuration applies.
        writes: whether to write to the volume and to the fleet's shared report; the command line only reads.
        max_source_seconds: upper limit in seconds for the timeout of each source; ``None`` for the configured timeouts.
    """
    adviser = Adviser(arn=context.identity.arn, parent=parent)
    policies = PolicyManager(context.journal, context.identity.region, writes=writes, parent=parent)
    sources = SourceRegistry(parent=parent).build(SourceContext(context, adviser, policies, publish=writes))
    for source in sources:
        source.timeout_seconds = min(source.timeout_seconds, max_source_seconds or source.timeout_seconds)
    return AdviceParts(adviser, Holds(parent=parent), policies, SourcePoller(sources, parent=parent))
