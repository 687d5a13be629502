"""Builds the parts, room by room, and hands them to each other."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from ..advice.adviser import Adviser
from ..advice.hold import Holds
from ..instance.context import build_context
from ..instance.metadata import Identity
from ..instance.software import Software
from ..losses.kernels import Kernels
from ..losses.losses import LossInventory
from ..losses.terminals import Terminals
from ..org_policy.manager import PolicyManager
from ..packages.reinstaller import PackageReinstaller
from ..restart.coordinator import RestartCoordinator
from ..restart.enforcement import PolicyEnforcer
from ..restart.machine import Restart
from ..restart.risks import RiskMonitor
from ..restart.runner import RestartRunner
from ..restart.save_round import SaveRound
from ..restore.manager import SessionRestore
from ..saving.collaboration import CollaborativeRooms
from ..saving.fsync import Filesystems
from ..saving.open_pages import OpenPages
from ..saving.sessions import Sessions
from ..saving.tabs import Tabs
from ..signals.base import SourceContext
from ..signals.poller import SourcePoller
from ..signals.registry import SourceRegistry
from ..util.clock import utcnow
from .advice import AdviceService
from .events import RestartEvents
from .fleet_tag import FleetTagPublisher
from .metrics import Metrics
from .monitor import StateMonitor

if TYPE_CHECKING:
    from jupyter_server.extension.application import ExtensionApp
    from jupyter_server.serverapp import ServerApp


class Updater:
    """Everything that keeps one notebook instance current."""

    def __init__(self, identity: Identity, app: ExtensionApp) -> None:
        """Args: which instance this is; the extension, whose configuration and server every part gets."""
        server = cast("ServerApp", app.serverapp)
        self.log = app.log
        event_logger = app.settings.get("event_logger")
        self._events = RestartEvents(event_logger, app.log)
        self.context = context = build_context(identity, app)
        clock, sagemaker, boot_clock = context.advice_clock, context.sagemaker, context.boot_clock
        if clock.is_simulated:
            self.log.warning("Advice does not go by the wall clock: %s", clock)
        self.state, self.journal, self.tabs = context.state, context.journal, Tabs(parent=app)
        adviser, software = Adviser(arn=identity.arn, parent=app), Software(parent=app)
        self._holds = Holds(parent=app)
        self._policies = PolicyManager(self.journal, identity.region, parent=app)
        self._presence = OpenPages(self.tabs, Path(self.journal.directory) / "pages.json", parent=app)
        self._outlook = RiskMonitor(Path(self.journal.directory), parent=app)
        self.session_restore = SessionRestore(server, context, parent=app)
        kernels = Kernels(server.kernel_manager, server.session_manager, context.system_clock, event_logger)
        self.packages = PackageReinstaller(server.kernel_spec_manager, context, parent=app)
        self._losses = LossInventory(
            kernels=kernels,
            terminals=Terminals(server.web_app.settings.get("terminal_manager")),
            packages=self.packages,
            restore=self.session_restore,
            context=context,
            parent=app,
        )
        rooms = CollaborativeRooms(server.extension_manager, server.contents_manager, parent=app)
        volumes = (Path(server.root_dir), Path(self.journal.directory))
        sessions = Sessions(server.session_manager, server.contents_manager)
        saving = SaveRound(tabs=self.tabs, sessions=sessions, rooms=rooms, filesystems=Filesystems(volumes), parent=app)
        sources = SourceRegistry(parent=app).build(SourceContext(context, adviser, self._policies))
        self.advising = AdviceService(
            context,
            adviser=adviser,
            holds=self._holds,
            policies=self._policies,
            poller=SourcePoller(sources, parent=app),
            tabs=self.tabs,
            parent=app,
        )
        runner = RestartRunner(
            instance=context,
            saving=saving,
            losses=self._losses,
            advice=self.advising,
            risks=self._outlook,
            software=software,
            before_stop=(self.session_restore, self.packages),
            parent=app,
        )
        self.restarts = RestartCoordinator(runner, self.journal, context.system_clock, parent=app)
        self.restarts.subscribe(self._restart_changed)
        self._enforcer = PolicyEnforcer(self.restarts, clock, parent=app)
        self.watch = StateMonitor(
            advising=self.advising,
            identity=identity,
            boot_clock=boot_clock,
            software=software,
            view=context.descriptions,
            publishing=FleetTagPublisher(sagemaker=sagemaker, state=self.state, now=clock.now, parent=app),
            return_path=runner.return_path,
            outlook=self._outlook,
            losses=self._losses,
            keep=self.session_restore.refresh,
            tabs=self.tabs,
            state=self.state,
            clock=clock,
            now=utcnow,
            parent=app,
        )
        self.state.update(restart=self._told(self.restarts.restart))
        self.state.subscribe(lambda state: self.tabs.broadcast({"type": "state", "state": state}))
        self._metrics = Metrics()
        self.state.subscribe(self._metrics.show)

    async def begin(self) -> None:
        """First thing after a start: restore the session, and find out what became of the last restart."""
        self.packages.start()
        await self.session_restore.restore()
        await self.advising.load_policy()
        await self.watch.look_at_machine()
        try:
            records = await asyncio.to_thread(self.journal.records)
            self.advising.load_history(records)
            self._metrics.recall(records)
            self._outlook.load_history(records)
            boot = await asyncio.to_thread(self.context.boot_clock.read_id)
            await self.restarts.resume(self.context.boot_clock.last, boot)
            await self.session_restore.record_report()
            self.advising.start_enforcing(self._enforcer)
            if self.restarts.restart.phase != "verifying":  # then all of them are saved, and load again
                await self._presence.load()
        except Exception:  # what came before is lost to us; the instance of today must still be told about
            self.log.exception("The last restart could not be followed up")

    @property
    def evidence(self) -> dict[str, Any]:
        """What a restart goes by at this moment, for the journal: the limits in force, and what was seen."""
        return self.advising.evidence

    async def close(self) -> None:
        """Let go of everything that runs."""
        await self.session_restore.close()
        await self.restarts.close()
        await self.packages.close()
        await self._losses.close()
        await self._presence.close()
        self._policies.close()
        await self.context.close()

    def _restart_changed(self, event: str, restart: Restart) -> None:
        if event == "returned":
            self._outlook.returned = restart.since
        outcome = self.restarts.outcome if event == "returned" else None
        self.state.update(restart=self._told(restart), outcome=self.restarts.outcome)
        self._metrics.happened(event, restart, outcome)
        self._events.tell(event, restart, outcome)

    def _told(self, restart: Restart) -> dict[str, Any]:
        return {
            **restart.to_json(),
            "waiting_for": self.restarts.waiting_for,
            "usual_seconds": self.restarts.usual_seconds,
        }
