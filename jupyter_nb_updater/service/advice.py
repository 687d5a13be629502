"""Refreshes the policy, polls the sources and gives advice: the only writer of ``advice``, ``policy`` and ``hold``."""

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
from ..advice.hold import Hold, Holds
from ..advice.policy import Policy
from ..instance.context import InstanceContext
from ..org_policy.manager import PolicyManager
from ..restart.enforcement import PolicyEnforcer
from ..saving.tabs import Tabs
from ..signals.base import SourceContext
from ..signals.poller import SourcePoller, SourceRegistry

POLICY_LOAD_TIMEOUT_SECONDS = 5.0
"""For the last good document at a start: a key may have to be asked for."""


class AdviceService(LoggingConfigurable):
    """Keeps the advice for this instance up to date, in the state document and in the journal."""

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
        """Create the service; until ``start_enforcing`` nothing restarts by itself.

        Args:
            instance: clocks, journal and state of this instance.
            adviser: gives advice, and remembers what was shown.
            holds: the hold in force.
            policies: the policy of the organization.
            poller: polls the signal sources.
            tabs: whether a page is open, in which a person sees the advice.
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
        """The hold in force."""
        return self._holds.current(self._instance.advice_clock.now())

    @property
    def evidence(self) -> dict[str, Any]:
        """What a restart is requested by at this moment, for the journal: the policy in force, and what was seen."""
        simulated = self._instance.advice_clock.to_json()
        return {
            "version": __version__,
            "policy": self.policy.to_json(),
            "advice": self._instance.state["advice"],
            "software": self._instance.state["software"],
            **({"clock": simulated} if simulated else {}),
        }

    async def load_policy(self) -> None:
        """Activate the last good document of the volume, so that the first advice is given by it. Takes a bounded time."""
        try:
            await asyncio.wait_for(self._policies.load(self._instance.advice_clock.now()), POLICY_LOAD_TIMEOUT_SECONDS)
        except Exception:  # the first refresh tries again
            self.log.exception("The organization's last document could not be taken from the volume")
        self._use_platform_facts()

    def load_history(self, records: list[dict[str, Any]]) -> None:
        """Read from the journal what to remember.

        Args:
            records: oldest first.
        """
        self._adviser.load_history(records)
        self._holds.load_history(records)
        self._policies.load_history(records)

    def start_enforcing(self, enforcer: PolicyEnforcer) -> None:
        """Request the restarts that the policy requires from now on: it is known what became of the last one.

        Args:
            enforcer: requests them.
        """
        self._enforcer = enforcer

    async def poll(self, names: Container[str] | None = None) -> Advice:
        """Refresh the policy, poll the sources that are due, and give advice.

        Args:
            names: of the sources to poll, under the policy as it is; ``None`` for all, after the policy was refreshed.
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
        """Give advice by what is known now, and publish it."""
        now, state, policy, hold = self._instance.advice_clock.now(), self._instance.state, self.policy, self.hold
        advice = self._adviser.advise(self._poller.signals, self._instance.advice_booted(), hold, policy, now)
        self.advice = advice
        content = advice.to_json()
        is_news = _without_times(content) != _without_times(state["advice"])  # that sources were polled once more is none
        write = state.update if is_news else state.refresh
        write(advice=content)
        state.update(policy=policy.to_json(), hold=hold.to_json() if hold else None)
        return advice

    def next_change(self, now: datetime) -> datetime | None:
        """Return when the advice may change next: by a deadline, a hold, the window's end, a poll or a refresh.

        Args:
            now: the time to judge at.
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
        """Judge anew, and return whether a policy requires a restart now."""
        return self.judge().required

    async def defer(self) -> bool:
        """Remind later, and record that in the journal; ``False`` when the deadline has passed."""
        deferral = self._adviser.defer(await self.poll({"age"}), self._instance.advice_clock.now())
        if deferral is None:
            return False
        self.judge()
        await self._record("deferred", **deferral.to_json())
        return True

    async def set_hold(self, by: str, reason: str, until: datetime) -> None:
        """Keep the instance from being restarted.

        Args:
            by: name of the person.
            reason: in their words.
            until: when the hold ends.

        Raises:
            MalformedRequest: it would end in the past, or too late, or this person may not.
        """
        hold = self._holds.set(by, reason, until, self._instance.advice_clock.now(), self._policies.policy)
        self.judge()
        await self._record("held", **hold.to_json())

    async def release(self, by: str) -> None:
        """End the hold.

        Args:
            by: name of the person.
        """
        self._holds.release()
        self.judge()
        await self._record("released", by=by)

    def _use_platform_facts(self) -> None:
        """Judge the platform anew if the active policy says something else about platforms."""
        if self._instance.sagemaker.use_platform_facts(self._policies.platforms):
            self._poller.invalidate("platform")

    async def _record_shown(self, advice: Advice) -> None:
        """Record what a person can see: the grace of a reason begins with it, and its deadline never moves silently."""
        news = (
            self._adviser.record_shown(advice, self.policy, self._instance.advice_clock.now())
            if self._tabs.is_watched
            else None
        )
        if news:
            await self._record("shown", stage=advice.stage, **news)
            self.judge()

    async def _record(self, event: str, **facts: Any) -> None:
        """Record what a later server has to know. Without the record it is in force for as long as this server runs."""
        await asyncio.to_thread(self._instance.journal.try_append, event, self._instance.system_clock.now(), **facts)


def _without_times(advice: dict[str, Any] | None) -> dict[str, Any] | None:
    if advice is None:
        return None
    signals = [{**signal, "checked": None} for signal in advice["signals"]]
    return {**advice, "signals": signals}


@dataclass(frozen=True)
class AdviceParts:
    """The parts that judge one instance.

    Args:
        adviser: gives advice, and remembers what was shown.
        holds: the hold in force.
        policies: the policy of the organization.
        poller: polls the signal sources.
    """

    adviser: Adviser
    holds: Holds
    policies: PolicyManager
    poller: SourcePoller


def build_advice(
    context: InstanceContext, parent: LoggingConfigurable, *, writes: bool = True, max_source_seconds: float | None = None
) -> AdviceParts:
    """Build the parts, configured as their parent is.

    Args:
        context: the instance that is judged.
        parent: the application whose configuration they get.
        writes: whether anything is written to the volume and for the fleet; the command line only reads.
        max_source_seconds: longest that a source may take, where somebody waits for the answer; ``None`` as configured.
    """
    adviser = Adviser(arn=context.identity.arn, parent=parent)
    policies = PolicyManager(context.journal, context.identity.region, writes=writes, parent=parent)
    sources = SourceRegistry(parent=parent).build(SourceContext(context, adviser, policies, publish=writes))
    for source in sources:
        source.timeout_seconds = min(source.timeout_seconds, max_source_seconds or source.timeout_seconds)
    return AdviceParts(adviser, Holds(parent=parent), policies, SourcePoller(sources, parent=parent))
