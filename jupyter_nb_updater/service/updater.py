"""Build the managers of a notebook instance, and start and stop them."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from ..assumptions.observer import Observer
from ..instance.context import build_context
from ..instance.metadata import Identity
from ..instance.origin import TrustedOrigins
from ..losses.inventory import LossInventory
from ..losses.kernels import Kernels
from ..losses.terminals import Terminals
from ..packages.reinstaller import PackageReinstaller
from ..restart.coordinator import RestartCoordinator
from ..restart.enforcement import PolicyEnforcer
from ..restart.machine import Restart
from ..restart.risks import RiskMonitor
from ..restart.runner import RestartRunner
from ..restart.save_round import SaveRound
from ..restore.manager import SessionRestore
from ..saving.collaboration import CollaborativeRooms
from ..saving.open_pages import OpenPages
from ..saving.sessions import Sessions
from ..saving.tabs import Tabs
from ..state import State
from ..util.files import Filesystems
from .advice import AdviceService, build_advice
from .fleet_tag import FleetTagPublisher
from .metrics import Metrics, RestartEvents
from .monitor import StateMonitor
from .person import GivenName

if TYPE_CHECKING:
    from jupyter_server.extension.application import ExtensionApp
    from jupyter_server.serverapp import ServerApp


class Updater:
    """Own every manager of a notebook instance."""

    def __init__(self, identity: Identity, app: ExtensionApp) -> None:
        """Build every manager. Nothing runs yet.

        Args:
            identity: the instance.
            app: the server extension, whose configuration and server the managers use.
        """
        self.log, self._app, self._server = app.log, app, cast("ServerApp", app.serverapp)
        self.context = context = build_context(identity, app)
        if context.advice_clock.is_simulated:
            self.log.warning("Advice uses a simulated clock: %s", context.advice_clock)
        self.state, self.journal = context.state, context.journal
        self.origins = TrustedOrigins(parent=app)
        context.descriptions.subscribe(self.origins.describe)
        self._volume = Path(self.journal.directory)
        self.given_name = GivenName(self._volume / "name.json", self.state, parent=app)
        self.advice_parts = build_advice(context, app)
        self._risks = RiskMonitor(self._volume, parent=app)
        self.tabs = Tabs(parent=app)
        self._open_pages = OpenPages(self.tabs, self._volume / "pages.json", parent=app)
        self.session_restore = SessionRestore(self._server, context, parent=app)
        self.packages = PackageReinstaller(self._server.kernel_spec_manager, context, parent=app)
        self._losses = self._build_losses()
        self.advice = AdviceService(
            context,
            adviser=self.advice_parts.adviser,
            holds=self.advice_parts.holds,
            policies=self.advice_parts.policies,
            poller=self.advice_parts.poller,
            tabs=self.tabs,
            parent=app,
        )
        runner = RestartRunner(
            instance=context,
            saving=self._build_save_round(),
            losses=self._losses,
            advice=self.advice,
            risks=self._risks,
            software=context.software,
            before_stop=(self.session_restore, self.packages),
            parent=app,
        )
        self.restarts = RestartCoordinator(runner, self.journal, context.system_clock, parent=app)
        self.restarts.subscribe(self._restart_changed)
        self._enforcer = PolicyEnforcer(self.restarts, context.advice_clock, parent=app)
        self.monitor = StateMonitor(
            context,
            advice=self.advice,
            fleet_tag=FleetTagPublisher(context, parent=app),
            return_path=runner.return_path,
            risks=self._risks,
            losses=self._losses,
            session_restore=self.session_restore,
            tabs=self.tabs,
            parent=app,
        )
        self._observer = Observer(self._server, context, parent=app)
        self._metrics = Metrics()
        self._events = RestartEvents(app.settings.get("event_logger"), app.log)
        self.state.update(restart=self._restart_json())
        self.state.subscribe(self._broadcast)
        self.state.subscribe(self._metrics.show)

    def _build_losses(self) -> LossInventory:
        server, event_logger = self._server, self._app.settings.get("event_logger")
        return LossInventory(
            kernels=Kernels(server.kernel_manager, server.session_manager, self.context.system_clock, event_logger),
            terminals=Terminals(server.web_app.settings.get("terminal_manager")),
            packages=self.packages,
            restore=self.session_restore,
            context=self.context,
            parent=self._app,
        )

    def _build_save_round(self) -> SaveRound:
        server, app = self._server, self._app
        return SaveRound(
            tabs=self.tabs,
            sessions=Sessions(server.session_manager, server.contents_manager),
            rooms=CollaborativeRooms(server.extension_manager, server.contents_manager, parent=app),
            filesystems=Filesystems((Path(server.root_dir), self._volume)),
            parent=app,
        )

    async def start(self) -> None:
        """Restore the session first, then recover the last restart."""
        await asyncio.to_thread(self.origins.read)
        await self.given_name.load()
        self.packages.start()
        await self.session_restore.restore()
        await self.advice.load_policy()
        await self.monitor.refresh_machine()
        try:
            records = await asyncio.to_thread(self.journal.records)
            self.advice.load_history(records)
            self._metrics.recall(records)
            self._risks.load_history(records)
            boot = await asyncio.to_thread(self.context.boot_clock.read_id)
            await self.restarts.resume(self.context.boot_clock.last, boot)
            await self.session_restore.record_report()
            self.advice.start_enforcing(self._enforcer)
            if self.restarts.restart.phase != "verifying":  # then all pages were saved and will reload
                await self._open_pages.load()
        except Exception:  # the current state must be shown even without the history
            self.log.exception("Could not recover the last restart from the journal")
        self._observer.start()

    async def close(self) -> None:
        """Stop everything that is running."""
        await self._observer.close()
        await self.session_restore.close()
        await self.restarts.close()
        await self.packages.close()
        await self._losses.close()
        await self._open_pages.close()
        self.advice_parts.policies.close()
        await self.context.close()

    def refresh_channel(self) -> None:
        """Write how the pages are connected. No page renders that, so it is not pushed to them."""
        origins, tabs = self.origins, self.tabs
        channel = {"refused": origins.refusals, "origin": origins.last_refused, "cuts": tabs.cuts, "polling": len(tabs.polling)}
        self.state.refresh(channel=channel)

    @property
    def evidence(self) -> dict[str, Any]:
        """Evidence for the journal about a restart: the policy in force and the current advice."""
        return self.advice.evidence

    def _restart_changed(self, event: str, restart: Restart) -> None:
        if event == "returned":
            self._risks.returned = restart.since
        outcome = self.restarts.outcome if event == "returned" else None
        self.state.update(restart=self._restart_json(), outcome=self.restarts.outcome)
        self._metrics.happened(event, restart, outcome)
        self._events.emit(event, restart, outcome)

    def _restart_json(self) -> dict[str, Any]:
        return {
            **self.restarts.restart.to_json(),
            "waiting_for": self.restarts.waiting_for,
            "usual_seconds": self.restarts.usual_seconds,
        }

    def _broadcast(self, state: State) -> None:
        self.tabs.broadcast({"type": "state", "state": state})
