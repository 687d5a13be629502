"""The Jupyter server extension: starts and stops the updater on a notebook instance."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, cast

from jupyter_server.extension.application import ExtensionApp

from ._version import __version__
from .handlers import HANDLERS
from .instance.metadata import Identity, InstanceMetadata, NotANotebookInstance
from .util.tasks import cancel_all

if TYPE_CHECKING:
    from jupyter_server.serverapp import ServerApp

    from .service.updater import Updater


class NbUpdaterApp(ExtensionApp):
    """Start the updater if this machine is a SageMaker notebook instance; otherwise log that and do nothing.

    Light until needed: loading reads one small file and adds the routes. Everything else is imported and built after the
    server has started, so that nothing in it can keep Jupyter from starting.
    """

    name = "nb_updater"  # names the configuration file: jupyter_nb_updater_config.py
    version = __version__

    identity: Identity | None = None
    updater: Updater | None = None
    _task: asyncio.Task[None] | None = None

    def initialize_settings(self) -> None:
        """Detect whether this is a notebook instance, and add the routes. Nothing runs yet."""
        self.ready = asyncio.Event()
        try:
            self.identity = InstanceMetadata(parent=self).read()
        except NotANotebookInstance as error:
            self.log.info("jupyter_nb_updater is disabled: %s", error)
            return
        self.handlers.extend(HANDLERS)
        self.settings.setdefault("page_config_data", {})["nbUpdater"] = __version__  # without it the frontend stays silent
        # jupyter_server < 2.16 never calls _start_jupyter_server_extension.
        cast("ServerApp", self.serverapp).io_loop.add_callback(self._start)

    async def _start_jupyter_server_extension(self, _serverapp: Any) -> None:
        await self._start()

    async def _start(self) -> None:
        if self._task is None and self.identity is not None:
            self._task = asyncio.create_task(self._run(self.identity))

    async def _run(self, identity: Identity) -> None:
        try:
            updater_class = await asyncio.to_thread(_import_updater)
            self.updater = updater_class(identity, self)
            await self.updater.start()
        except Exception:  # Jupyter must start anyway; the routes respond 503
            self.log.exception("jupyter_nb_updater could not start")
            self.updater = None
        finally:
            self.ready.set()
        if self.updater is not None:
            await self.updater.monitor.run()

    async def stop_extension(self) -> None:
        """Stop everything when the server shuts down. The journal keeps the state of a restart in progress."""
        if self.updater is not None:
            self.updater.session_restore.snapshot_terminals()  # first, because Jupyter ends them at the same time
        if self._task is not None:
            await cancel_all([self._task])
            self._task = None
        if self.updater is not None:
            await self.updater.close()


def _import_updater() -> type[Updater]:
    from .service.updater import Updater

    return Updater
