"""The front door of the sandbox: a server in a thread of its own, which stays when the instance stops."""

from __future__ import annotations

import asyncio
import secrets
import socket
import threading
from typing import TYPE_CHECKING

from .sessions import FrontSessions

if TYPE_CHECKING:
    from ..machine.filesystem import Machine
    from ..options import FrontOptions
    from .proxy import Proxy

START_TIMEOUT_SECONDS = STOP_TIMEOUT_SECONDS = 10.0


class Front:
    """Serve one instance on 127.0.0.1, in plain HTTP, so that a browser opens the address without a warning.

    Args:
        options: what the front does to requests.
        machine: the instance behind it.
        port: port on 127.0.0.1.
    """

    def __init__(self, options: FrontOptions, machine: Machine, port: int) -> None:
        self._options, self._machine, self._port = options, machine, port
        self._secret = secrets.token_urlsafe(16)
        self.sessions = FrontSessions(secrets.token_hex(16), survive_restart=options.sessions_survive_restart)
        self._loop = asyncio.new_event_loop()
        self._proxy: Proxy | None = None
        self._started, self._end = threading.Event(), asyncio.Event()
        self._error: OSError | None = None
        self._thread = threading.Thread(target=self._run, name="nb-updater-sandbox-front", daemon=True)

    @property
    def url(self) -> str:
        """Address with the secret, with a slash at the end. A browser that opens it, or a page below it, begins a session."""
        from .proxy import ENTRANCE

        return f"http://{self.public_name}{ENTRANCE}{self._secret}/"

    @property
    def public_name(self) -> str:
        """What ``Url`` of DescribeNotebookInstance says: here the only address that a browser on this computer reaches."""
        return f"127.0.0.1:{self._port}"

    def start(self) -> None:
        """Serve from now on.

        Raises:
            OSError: the port is in use.
        """
        self._thread.start()
        self._started.wait(START_TIMEOUT_SECONDS)
        if self._error is not None:
            raise self._error

    def stop(self) -> None:
        """Close all connections and the port. May be called twice, and without a start."""
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._end.set)
            self._thread.join(STOP_TIMEOUT_SECONDS)
        elif not self._loop.is_closed():
            self._loop.close()

    def end_sessions(self) -> None:
        """End all sessions, and cut their WebSockets: without another link, the instance answers 403."""
        self.sessions.end()
        if self._proxy is not None:
            self._loop.call_soon_threadsafe(self._proxy.cut)

    def _run(self) -> None:
        try:
            self._loop.run_until_complete(self._serve())
        finally:
            self._started.set()
            self._loop.close()

    async def _serve(self) -> None:
        from aiohttp import web

        from .proxy import Proxy

        self._proxy = Proxy(self._options, self._machine, self.sessions, self._secret, self._port)
        server = web.Server(self._proxy.handle, access_log=None)
        runner = web.ServerRunner(server, shutdown_timeout=1.0)
        try:
            await runner.setup()
            listener = socket.create_server(("127.0.0.1", self._port), backlog=128)
            await web.SockSite(runner, listener).start()
            self._started.set()
            await self._end.wait()
        except OSError as error:
            self._error = error
        finally:
            for connection in server.connections:
                if connection.transport is not None:
                    connection.transport.abort()  # a browser that reads no more would keep it open
            await self._proxy.close()
            await runner.cleanup()
            await asyncio.sleep(0)  # in which asyncio closes the sockets
