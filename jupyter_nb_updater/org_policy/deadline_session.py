"""requests, with an end: whatever a server does, its connections are shut when the time is over.

The timeouts of requests are for each single read of the socket ("timeout is not a time limit on the entire response
download", its Quickstart, "Timeouts"): a server that sends a byte every few seconds holds a thread for ever.
"""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool


class Watchdog:
    """Shuts sockets at a time."""

    def __init__(self, seconds: float) -> None:
        self._ends = time.monotonic() + seconds
        self._lock = threading.Lock()
        self._sockets: list[socket.socket] = []
        self._timer = threading.Timer(seconds, self._shut)
        self._timer.daemon = True
        self._timer.start()

    @property
    def barked(self) -> bool:
        """Whether the time is over."""
        return time.monotonic() >= self._ends

    def watch(self, connected: socket.socket) -> None:
        """Keep a second name for it: the first one is given away to TLS."""
        with self._lock:
            self._sockets.append(connected.dup())
        if self.barked:
            self._shut()

    def close(self) -> None:
        """Let go of all of them."""
        self._timer.cancel()
        with self._lock:
            for each in self._sockets:
                each.close()
            self._sockets.clear()

    def _shut(self) -> None:
        with self._lock:
            for each in self._sockets:
                with contextlib.suppress(OSError):  # the other side was faster
                    each.shutdown(socket.SHUT_RDWR)


class DeadlineAdapter(HTTPAdapter):
    """Has every connection watched, also one to a proxy."""

    def __init__(self, watchdog: Watchdog) -> None:
        class Plain(HTTPConnection):
            def _new_conn(self) -> socket.socket:
                connected: socket.socket = super()._new_conn()
                watchdog.watch(connected)
                return connected

        class Secure(HTTPSConnection):
            def _new_conn(self) -> socket.socket:
                connected: socket.socket = super()._new_conn()
                watchdog.watch(connected)
                return connected

        class PlainPool(HTTPConnectionPool):
            ConnectionCls = Plain

        class SecurePool(HTTPSConnectionPool):
            ConnectionCls = Secure

        self._pools = {"http": PlainPool, "https": SecurePool}
        super().__init__()

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """As it is, with our pools."""
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = self._pools

    def proxy_manager_for(self, *args: Any, **kwargs: Any) -> Any:
        """So too on the way through a proxy."""
        manager = super().proxy_manager_for(*args, **kwargs)
        manager.pool_classes_by_scheme = self._pools
        return manager


@contextlib.contextmanager
def deadline_session(seconds: float) -> Any:
    """A session whose connections end after so many seconds; with the watchdog that says whether that was it."""
    watchdog = Watchdog(seconds)
    try:
        with requests.Session() as session:
            session.mount("https://", DeadlineAdapter(watchdog))
            yield session, watchdog
    finally:
        watchdog.close()
