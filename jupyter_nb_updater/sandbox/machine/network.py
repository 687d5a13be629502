"""The network of the emulated machine, as far as its Python processes see it. Needs only the standard library.

On AWS Jupyter listens on 0.0.0.0, which there only AWS's front reaches. Here that would open it to other computers, and a
network namespace needs rights that not everybody has. So a wildcard address becomes the loopback address when it is bound,
connections of other users of this computer are closed at once, and the machine has the name of one in AWS's network. Jupyter
and the extension see what they see on AWS: the option ``ip``, the file of the running server, and a name that does not resolve.

``jupyter.py`` copies this file into Jupyter's environment, where each Python process imports it (``site``: a ``.pth`` file).
"""

from __future__ import annotations

import os
import socket
from pathlib import Path

HOST_NAME_VARIABLE = "NB_UPDATER_SANDBOX_HOST_NAME"
"""Environment variable with the name of the machine."""
LOOPBACK = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104  this is where nothing listens on it
"""The loopback address that takes the place of a wildcard."""
CONNECTIONS = Path("/proc/net/tcp")
ROOT = 0


def start() -> None:
    """Set up the network of this process; called when it starts."""
    listen_on_loopback_only()
    accept_this_user_only()
    if name := os.environ.get(HOST_NAME_VARIABLE):
        socket.gethostname = lambda: name


def listen_on_loopback_only() -> None:
    """Let each socket of this process that binds a wildcard bind the loopback address instead."""
    bind = socket.socket.bind

    def bind_loopback(self: socket.socket, address: object) -> None:
        if isinstance(address, tuple) and address[0] in LOOPBACK:
            address = (LOOPBACK[address[0]], *address[1:])
        bind(self, address)  # type: ignore[arg-type]  # whatever the caller gave

    socket.socket.bind = bind_loopback  # type: ignore[method-assign,assignment]  # replaced on purpose, in this process


def accept_this_user_only() -> None:
    """Let each socket of this process close connections of other users, except root, before anything is read."""
    accept = socket.socket.accept

    def accept_own(self: socket.socket) -> tuple[socket.socket, object]:
        while True:
            connection, peer = accept(self)
            if self.family != socket.AF_INET or is_of_this_user(connection.getsockname(), peer):
                return connection, peer
            connection.close()

    socket.socket.accept = accept_own  # type: ignore[method-assign]  # replaced on purpose, in this process


def is_of_this_user(here: tuple[str, int], peer: tuple[str, int]) -> bool:
    """Check who opened a TCP connection within this computer. True where the kernel does not say it (macOS).

    Args:
        here: address and port of our end.
        peer: address and port of the other end.
    """
    try:
        table = CONNECTIONS.read_text("ascii")
    except OSError:
        return True
    return owner(table, here, peer) in {os.getuid(), ROOT}


def owner(table: str, here: tuple[str, int], peer: tuple[str, int]) -> int | None:
    """Return the user of the other end of a TCP connection; ``None`` if it is closed or not of this computer.

    Args:
        table: content of ``/proc/net/tcp`` (proc(5)): one line for each end, with user and inode. The inode of an end that its
            process has closed is 0, and so is its user.
        here: address and port of our end.
        peer: address and port of the other end.
    """
    wanted = [_hexadecimal(*peer), _hexadecimal(*here)]
    for line in table.splitlines()[1:]:
        fields = line.split()
        if fields[1:3] == wanted and fields[9] != "0":
            return int(fields[7])
    return None


def _hexadecimal(address: str, port: int) -> str:
    """Return an address as in ``/proc/net/tcp``: the four bytes as a number of this processor."""
    return f"{int.from_bytes(socket.inet_aton(address), 'little'):08X}:{port:04X}"
