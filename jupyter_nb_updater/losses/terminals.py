"""Jupyter's terminals: what runs in the foreground of each, and since when."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from .command_line import is_prompt, is_window, one_line
from .loss import Loss, loss
from .proc import Process, ProcessTable

Overlooked = Callable[[Process, list[str]], bool]


@dataclass(frozen=True)
class Terminal:
    """One terminal: its name, its shell's process number, and the process group in its foreground."""

    name: str
    shell: int
    foreground: int | None


class Terminals:
    """The terminals of this Jupyter server."""

    def __init__(self, terminal_manager: Any) -> None:
        """Args: jupyter_server_terminals' manager; ``None`` on a server without terminals."""
        self._manager = terminal_manager

    def open(self) -> list[Terminal]:
        """What is open now. Asks the pseudo-terminals only, so the event loop may do it (and must: it owns them)."""
        if self._manager is None:
            return []
        found = ((name, terminal.ptyproc) for name, terminal in list(self._manager.terminals.items()))
        return [Terminal(str(name), process.pid, _foreground(process.fd)) for name, process in found]


def losses(terminals: Iterable[Terminal], table: ProcessTable, overlooked: Overlooked) -> list[Loss]:
    """Each terminal that is there, and what runs in its foreground.

    Args:
        terminals: as ``Terminals.open`` gives them.
        table: the processes.
        overlooked: whether a program counts for nothing (our own command line waits in a terminal for the restart).
    """
    return [_loss(terminal, shell, table, overlooked) for terminal in terminals if (shell := table.get(terminal.shell))]


def _loss(terminal: Terminal, shell: Process, table: ProcessTable, overlooked: Overlooked) -> Loss:
    """A shell at its prompt is in the foreground itself. A tmux in the foreground shows work that is counted where it is."""
    memory = table.memory(shell.pid)
    members = [(process, table.argv(process)) for process in table.group(terminal.foreground or shell.group)]
    for process, argv in members:
        if not (is_prompt(argv) or overlooked(process, argv) or table.has_ended(process)):
            busy = not is_window(process, argv)
            return loss(
                "terminal", terminal.name, terminal.name, one_line(argv), busy=busy, since=process.started, memory=memory
            )
    return loss("terminal", terminal.name, terminal.name, memory=memory)


def _foreground(descriptor: int) -> int | None:
    """Of a pseudo-terminal, asked through our end of it; ``None`` when it is being closed."""
    try:
        return os.tcgetpgrp(descriptor)
    except OSError:
        return None
