"""Jupyter's terminals: which program is in the foreground of each, and since when."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .command_line import ProgramPatterns, is_multiplexer_client, is_prompt, one_line
from .loss import Loss, loss
from .proc import Process, ProcessTable

if TYPE_CHECKING:
    from jupyter_server_terminals.terminalmanager import TerminalManager


@dataclass(frozen=True)
class Terminal:
    """An open terminal.

    Args:
        name: its name in Jupyter.
        shell: process id of its shell.
        foreground: process group in the foreground; ``None`` if the terminal is closing.
    """

    name: str
    shell: int
    foreground: int | None


class Terminals:
    """The terminals of this Jupyter server."""

    def __init__(self, terminal_manager: TerminalManager | None) -> None:
        """Use the manager of this server.

        Args:
            terminal_manager: manager of jupyter_server_terminals; ``None`` on a server without terminals.
        """
        self._manager = terminal_manager

    def list_open(self) -> list[Terminal]:
        """List the open terminals. Call this on the event loop, which owns their pseudo-terminals; it does not block."""
        if self._manager is None:
            return []
        processes = ((name, terminal.ptyproc) for name, terminal in list(self._manager.terminals.items()))
        return [Terminal(str(name), process.pid, _foreground(process.fd)) for name, process in processes]


def terminal_losses(terminals: Iterable[Terminal], table: ProcessTable, ignored: ProgramPatterns) -> list[Loss]:
    """Return each terminal that still exists, with the program in its foreground.

    Args:
        terminals: result of ``Terminals.list_open``.
        table: the processes.
        ignored: programs that are not work, such as our own command line waiting for the restart.
    """
    return [_loss(terminal, shell, table, ignored) for terminal in terminals if (shell := table.get(terminal.shell))]


def _loss(terminal: Terminal, shell: Process, table: ProcessTable, ignored: ProgramPatterns) -> Loss:
    """Return a terminal as a loss.

    A shell at its prompt is itself in the foreground. Work in a tmux in the foreground is counted where it runs.
    """
    memory = table.memory(shell.pid)
    members = [(process, table.argv(process)) for process in table.group(terminal.foreground or shell.group)]
    for process, argv in members:
        if not (is_prompt(argv) or ignored.match(process, argv) or table.has_ended(process)):
            busy = not is_multiplexer_client(process, argv)
            return loss(
                "terminal", terminal.name, terminal.name, one_line(argv), busy=busy, since=process.started, memory=memory
            )
    return loss("terminal", terminal.name, terminal.name, memory=memory)


def _foreground(descriptor: int) -> int | None:
    """Return the foreground process group of a pseudo-terminal, from our end of it."""
    try:
        return os.tcgetpgrp(descriptor)
    except OSError:
        return None
