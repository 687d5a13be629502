"""Look at this instance once after each start of Jupyter, and write what was found to ``observed.json`` on the volume."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from traitlets import Bool, Float
from traitlets.config import LoggingConfigurable

from .._version import __version__
from ..instance.context import InstanceContext
from ..util.clock import to_text
from ..util.files import atomic_write
from ..util.tasks import cancel_all
from .facts import FactCollector, Facts
from .observed import FILE_FORMAT, FILE_NAME, read_observed
from .request_headers import RequestRecorder

if TYPE_CHECKING:
    from jupyter_server.serverapp import ServerApp

THREAD_NAME = "nb-updater-observer"


class Observer(LoggingConfigurable):
    """Collect the facts of this instance in a thread, and the headers of the first page. Never delays or breaks a start."""

    enabled = Bool(
        default_value=True, help="Whether to write observed.json, which `doctor` compares with what is assumed."
    ).tag(config=True)
    timeout_seconds = Float(2.0, help="Time limit in seconds for looking at this instance.").tag(config=True)

    def __init__(self, server: ServerApp, context: InstanceContext, **kwargs: Any) -> None:
        """Prepare. Nothing is read yet.

        Args:
            server: the running server.
            context: the instance.
            **kwargs: traits, and the ``parent`` whose configuration applies.
        """
        super().__init__(**kwargs)
        self._server, self._context = server, context
        self._path = Path(context.journal.directory) / FILE_NAME
        self._changed = asyncio.Event()
        self._recorder = RequestRecorder(server.web_app.settings, server.base_url, self._changed.set)
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to look, in the background."""
        if self.enabled and self._task is None:
            self._recorder.start()  # before the facts: a page may have waited for this moment
            self._task = asyncio.create_task(self._observe())

    async def close(self) -> None:
        """Stop looking."""
        await cancel_all([self._task])
        self._recorder.stop()

    async def _observe(self) -> None:
        try:
            await self._record(await self._collect())
        except Exception as error:  # noqa: BLE001  an extra: everything else works without it
            self.log.warning("Could not write %s: %s", self._path, error)

    async def _collect(self) -> Facts:
        facts: Facts = {}
        collector, seconds = FactCollector(self._server, self._context, parent=self), self.timeout_seconds
        loop, done = asyncio.get_running_loop(), asyncio.Event()

        def collect() -> None:
            collector.collect(facts, seconds)
            with suppress(RuntimeError):  # the loop has ended
                loop.call_soon_threadsafe(done.set)

        # A thread of the pool would be awaited when Jupyter ends, and a file may block its reader forever.
        threading.Thread(target=collect, name=THREAD_NAME, daemon=True).start()
        try:
            await asyncio.wait_for(done.wait(), seconds)
        except asyncio.TimeoutError:
            self.log.info("Looking at this instance took longer than %s seconds", self.timeout_seconds)
        return dict(facts)

    async def _record(self, facts: Facts) -> None:
        """Write the facts, then each request of the first page when it comes.

        A file with the same facts stays: it is of this boot, this image and this configuration.
        """
        known = await asyncio.to_thread(read_observed, self._path.parent, self.log) or {}
        is_known = known.get("facts") == json.loads(json.dumps(facts)) and known.get("version") == __version__
        before = known.get("requests") if is_known else None
        self._recorder.recall(before if isinstance(before, dict) else {})
        time = known.get("time") if is_known else to_text(self._context.system_clock.now())
        if not is_known:
            await asyncio.to_thread(self._write, facts, dict(self._recorder.records), time)
        while self._changed.is_set() or not self._recorder.is_complete:
            await self._changed.wait()
            self._changed.clear()
            await asyncio.to_thread(self._write, facts, dict(self._recorder.records), time)

    def _write(self, facts: Facts, requests: Mapping[str, Any], time: Any) -> None:
        content = {"format": FILE_FORMAT, "time": time, "version": __version__, "facts": facts, "requests": requests}
        atomic_write(self._path, json.dumps(content, indent=1) + "\n")
