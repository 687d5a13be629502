"""Builds the parts, room by room, and hands them to each other."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, cast

from .advice.adviser import Adviser
from .clock import utcnow
from .instance.aws import Aws
from .instance.boot import BootClock
from .instance.metadata import Identity
from .instance.sagemaker import SageMaker
from .instance.software import Software
from .journal import Journal
from .restart.coordinator import RestartCoordinator
from .restart.machine import Restart
from .restart.runner import RestartRunner
from .state import StateDocument
from .watch import Watch
from .work.kernels import Kernels
from .work.layout import Layout, lab_folders
from .work.tabs import Tabs

if TYPE_CHECKING:
    from jupyter_server.extension.application import ExtensionApp
    from jupyter_server.serverapp import ServerApp

EVENT_SCHEMA = Path(__file__).parent / "event_schemas" / "restart.yaml"
EVENT_SCHEMA_ID = "urn:jupyter-nb-updater:restart:v1"


class Updater:
    """Everything that keeps one notebook instance current."""

    def __init__(self, identity: Identity, app: ExtensionApp) -> None:
        """Args: which instance this is; the extension, whose configuration and server every part gets."""
        server = cast("ServerApp", app.serverapp)
        self.log = app.log
        self._events = app.settings.get("event_logger")
        if self._events is not None:
            self._events.register_event_schema(EVENT_SCHEMA)

        self.state, self.journal, self.tabs = StateDocument(utcnow), Journal(parent=app), Tabs(parent=app)
        self.adviser, software = Adviser(parent=app), Software(parent=app)
        store = Path(self.journal.directory) / "layout"
        self._layout = Layout(store, lambda: lab_folders(server.extension_manager.extension_apps), parent=app)
        self._aws = Aws(identity.region, parent=app)
        sagemaker = SageMaker(self._aws, identity)
        kernels = Kernels(server.kernel_manager, server.session_manager)
        runner = RestartRunner(
            sagemaker=sagemaker,
            aws=self._aws,
            tabs=self.tabs,
            kernels=kernels,
            software=software.read,
            keep=self._layout.keep,
            now=utcnow,
            parent=app,
        )
        self.restarts = RestartCoordinator(
            runner=runner, journal=self.journal, now=utcnow, changed=self._restart_changed, parent=app
        )
        self.watch = Watch(
            identity=identity,
            boot_clock=BootClock(parent=app),
            software=software,
            sagemaker=sagemaker,
            adviser=self.adviser,
            return_path=runner.return_path,
            kernels=kernels,
            tabs=self.tabs,
            state=self.state,
            now=utcnow,
            parent=app,
        )
        self.state.update(restart=self.restarts.restart.to_json())
        self.state.subscribe(lambda state: self.tabs.broadcast({"type": "state", "state": state}))

    async def begin(self) -> None:
        """First thing after a start: give back the layout, and find out what became of the last restart."""
        await asyncio.to_thread(self._layout.lay_back)
        await self.watch.look_at_machine()
        try:
            self.adviser.recall(await asyncio.to_thread(self.journal.records))
            await self.restarts.resume(self.watch.booted)
        except Exception:  # what came before is lost to us; the instance of today must still be told about
            self.log.exception("The last restart could not be followed up")

    async def defer(self) -> bool:
        """Remind later, and remember that in the journal; ``False`` when the deadline has passed."""
        deferral = self.adviser.defer(self.watch.booted, utcnow())
        if deferral is None:
            return False
        self.watch.write_advice()
        try:
            await asyncio.to_thread(self.journal.append, "deferred", utcnow(), **deferral.to_json())
        except OSError as error:  # it holds as long as this server runs, and is asked again after the next start
            self.log.error("The reminder could not be written to the journal: %s", error)
        return True

    async def close(self) -> None:
        """Let go of everything that runs."""
        await self.restarts.close()
        self._aws.close()

    def _restart_changed(self, event: str, restart: Restart) -> None:
        self.state.update(restart=restart.to_json(), outcome=self.restarts.outcome)
        if self._events is not None and restart.id is not None:
            data = {"restart": restart.id, "event": event, "phase": restart.phase}
            self._events.emit(schema_id=EVENT_SCHEMA_ID, data=data)
