"""The server extension: builds the parts, starts and stops them."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from jupyter_server.extension.application import ExtensionApp

from ._version import __version__
from .advice.adviser import Adviser
from .clock import utcnow
from .handlers import HANDLERS
from .instance.aws import Aws
from .instance.boot import BootClock
from .instance.metadata import Identity, InstanceMetadata, NotANotebookInstance
from .instance.sagemaker import SageMaker
from .instance.software import Software
from .journal import Journal
from .restart.machine import Restart
from .restart.runner import RestartRunner
from .state import StateDocument
from .watch import Watch
from .work.kernels import Kernels
from .work.layout import Layout, lab_folders
from .work.tabs import Tabs

if TYPE_CHECKING:
    from jupyter_server.serverapp import ServerApp

EVENT_SCHEMA = Path(__file__).parent / "event_schemas" / "restart.yaml"
EVENT_SCHEMA_ID = "https://schema.jupyter-nb-updater.org/restart/v1"


class NbUpdaterApp(ExtensionApp):
    """Keeps this notebook instance current. On any other machine it does nothing, and says so once."""

    name = "nb_updater"  # names the configuration file: jupyter_nb_updater_config.py
    version = __version__
    classes = [InstanceMetadata, BootClock, Software, Aws, Adviser, Journal, Tabs, Layout, RestartRunner, Watch]

    identity: Identity | None = None
    _task: asyncio.Task[None] | None = None

    def initialize_settings(self) -> None:
        """Build the parts, if this is a notebook instance; nothing runs yet."""
        try:
            self.identity = InstanceMetadata(parent=self).read()
        except NotANotebookInstance as error:
            self.log.info("jupyter_nb_updater stays out of the way: %s", error)
            return
        self._build(self.identity)
        self.handlers.extend(HANDLERS)
        self.settings.setdefault("page_config_data", {})["nbUpdater"] = __version__  # without it the frontend stays silent
        events = self.settings.get("event_logger")
        if events is not None:
            events.register_event_schema(EVENT_SCHEMA)
        # jupyter_server < 2.16 never calls _start_jupyter_server_extension.
        self._server.io_loop.add_callback(self._start)

    async def _start_jupyter_server_extension(self, _serverapp: Any) -> None:
        await self._start()

    async def stop_extension(self) -> None:
        """The server ends: let go of everything. A restart that is under way is in the journal."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None
            await self.runner.close()
        if self.identity is not None:
            self.aws.close()

    async def defer(self) -> bool:
        """Remind later, and remember that in the journal; ``False`` when the deadline has passed."""
        deferral = self.adviser.defer(self.watch.booted, utcnow())
        if deferral is None:
            return False
        self.watch.write_advice()
        await asyncio.to_thread(self.journal.append, "deferred", utcnow(), **deferral.to_json())
        return True

    @property
    def _server(self) -> ServerApp:
        return cast("ServerApp", self.serverapp)  # it is there as soon as the server has linked us

    def _build(self, identity: Identity) -> None:
        server = self._server
        self.ready = asyncio.Event()
        self.state = StateDocument(utcnow)
        self.journal, self.tabs, self.software = Journal(parent=self), Tabs(parent=self), Software(parent=self)
        self.adviser = Adviser(parent=self)
        store = Path(self.journal.directory) / "layout"
        self.layout = Layout(store, lambda: lab_folders(server.extension_manager.extension_apps), parent=self)
        self.aws = Aws(identity.region, parent=self)
        sagemaker = SageMaker(self.aws, identity)
        kernels = Kernels(server.kernel_manager, server.session_manager)
        self.runner = RestartRunner(
            sagemaker=sagemaker,
            aws=self.aws,
            tabs=self.tabs,
            kernels=kernels,
            journal=self.journal,
            software=self.software.read,
            keep=self.layout.keep,
            now=utcnow,
            changed=self._restart_changed,
            parent=self,
        )
        self.watch = Watch(
            identity=identity,
            boot_clock=BootClock(parent=self),
            software=self.software,
            sagemaker=sagemaker,
            adviser=self.adviser,
            return_path=self.runner.return_path,
            kernels=kernels,
            tabs=self.tabs,
            state=self.state,
            now=utcnow,
            parent=self,
        )
        self._restart_changed("built", self.runner.restart)
        self.state.subscribe(lambda state: self.tabs.broadcast({"type": "state", "state": state}))

    async def _start(self) -> None:
        if self._task is None and self.identity is not None:
            self._task = asyncio.create_task(self._run())

    async def _run(self) -> None:
        try:
            await asyncio.to_thread(self.layout.lay_back)
            self.adviser.recall(await asyncio.to_thread(self.journal.records))
            await self.watch.look_at_machine()
            await self.runner.resume(self.watch.booted)
        except Exception:  # what came before is lost to us; the instance of today must still be told about
            self.log.exception("The last restart could not be followed up")
        finally:
            self.ready.set()
        await self.watch.forever()

    def _restart_changed(self, event: str, restart: Restart) -> None:
        self.state.update(restart=restart.to_json(), outcome=self.runner.outcome)
        events = self.settings.get("event_logger")
        if events is not None and restart.id is not None:
            data = {"restart": restart.id, "event": event, "phase": restart.phase}
            events.emit(schema_id=EVENT_SCHEMA_ID, data=data)
