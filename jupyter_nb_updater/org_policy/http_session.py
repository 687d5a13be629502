"""A ``requests`` session whose connections are closed at a deadline, whatever the server does.

The timeouts of requests apply to each single read of the socket ("timeout is not a time limit on the entire response
download", its Quickstart, "Timeouts"): a server that sends a byte every few seconds would occupy a thread forever.
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
    """Close sockets at a deadline.

    Args:
        seconds: time until the deadline, in seconds.
    """

    def __init__(self, seconds: float) -> None:
        self._deadline = time.monotonic() + seconds
        self._lock = threading.Lock()
        self._sockets: list[socket.socket] = []
        self._timer = threading.Timer(seconds, self._shut)
        self._timer.daemon = True
        self._timer.start()

    @property
    def expired(self) -> bool:
        """Whether the deadline has passed."""
        return time.monotonic() >= self._deadline

    def watch(self, connected: socket.socket) -> None:
        """Close this socket at the deadline. Keeps a duplicate, because TLS takes over the first descriptor."""
        with self._lock:
            self._sockets.append(connected.dup())
        if self.expired:
            self._shut()

    def close(self) -> None:
        """Cancel the timer, and close all duplicates."""
        self._timer.cancel()
        with self._lock:
            for each in self._sockets:
                each.close()
            self._sockets.clear()

    def _shut(self) -> None:
        with self._lock:
            for each in self._sockets:
                with contextlib.suppress(OSError):  # the server closed it first
                    each.shutdown(socket.SHUT_RDWR)


class DeadlineAdapter(HTTPAdapter):
    """Register every connection with the watchdog, including those to a proxy.

    Args:
        watchdog: closes the connections.
    """

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
        """Create the pool manager with pools whose connections are watched."""
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = self._pools

    def proxy_manager_for(self, *args: Any, **kwargs: Any) -> Any:
        """Create the same pools for a proxy."""
        manager = super().proxy_manager_for(*args, **kwargs)
        manager.pool_classes_by_scheme = self._pools
        return manager


@contextlib.contextmanager
def deadline_session(seconds: float) -> Any:
    """Yield a session whose connections are closed after this many seconds, and its watchdog."""
    watchdog = Watchdog(seconds)
    try:
        with requests.Session() as session:
            session.mount("https://", DeadlineAdapter(watchdog))
            yield session, watchdog
    finally:
        watchdog.close()
