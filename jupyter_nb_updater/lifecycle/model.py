"""What is there, and what is to be done to each lifecycle configuration and each instance. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from .merge import find, limit
from .script_check import NotMerged

NAME = re.compile(r"[a-zA-Z0-9](-*[a-zA-Z0-9])*")
LONGEST_NAME = 63
"""Of a lifecycle configuration (API Reference, CreateNotebookInstanceLifecycleConfig)."""

ConfigAction = Literal["create", "attach", "update", "detach", "none", "refused", "ask"]
"""Of a configuration: ``ask`` when it reaches instances that were not chosen."""

InstanceAction = Literal["next-start", "associate", "disassociate", "stop-first", "not-now", "left-out", "missing", "absent"]
"""Of an instance.

``next-start``: its configuration says it, from its next start on. ``associate``, ``disassociate``: it is stopped, so it can be
given the configuration, or be rid of it, now. ``stop-first``: that cannot be done while it runs, and we stop nothing.
``not-now``: AWS is at it. ``left-out``: what is to be done to its configuration is not done. ``missing``: its configuration is
not there. ``absent``: there is nothing of ours.
"""


def is_name(text: str) -> bool:
    """Whether a lifecycle configuration can be called this."""
    return len(text) <= LONGEST_NAME and NAME.fullmatch(text) is not None


@dataclass(frozen=True)
class Configuration:
    """One lifecycle configuration.

    Args:
        name: of it.
        on_start: the script; empty when there is none.
        on_create: the other script in base64, as AWS gave it; it is never looked at.
        modified: when it was written last.
        unread: why AWS did not say what is in it; empty when it did.
    """

    name: str
    on_start: bytes = b""
    on_create: str | None = None
    modified: datetime | None = None
    unread: str = ""


@dataclass(frozen=True)
class Notebook:
    """One notebook instance, as far as its lifecycle configuration goes.

    Args:
        name: of it.
        arn: of it.
        status: AWS's own string.
        configuration: the name of its lifecycle configuration.
        platform: its platform identifier, where that was looked up.
    """

    name: str
    arn: str
    status: str
    configuration: str | None = None
    platform: str | None = None


@dataclass(frozen=True)
class Step:
    """One configuration.

    Args:
        before: as it was read.
        todo: what is done to it.
        after: its script then.
        version: of ours that it has now; ``None`` when it has none.
        is_short: there was room for the short form only.
        is_whole: nobody else has anything in it.
        is_restored: of what is detached: whether that is what it was; ``None`` when that was not noted.
        users: the instances that have it.
        strangers: those of them that were not chosen.
        code: why not, where it is refused.
        message: the same, in words.
    """

    before: Configuration
    todo: ConfigAction
    after: bytes = b""
    version: str | None = None
    is_short: bool = False
    is_whole: bool = False
    is_restored: bool | None = None
    users: tuple[str, ...] = ()
    strangers: tuple[str, ...] = ()
    code: str = ""
    message: str = ""

    @property
    def writes(self) -> bool:
        """Whether AWS is asked to change it."""
        return self.todo in ("create", "attach", "update", "detach")

    @property
    def stands(self) -> bool:
        """Whether it is, or will be, as it was asked for."""
        return self.writes or self.todo == "none"


@dataclass(frozen=True)
class CallStep:
    """One instance, and its turn; the configuration is the one that it has, or is to have."""

    notebook: Notebook
    turn: InstanceAction
    configuration: str | None = None


@dataclass(frozen=True)
class RolloutPlan:
    """Everything, in the order in which it is done."""

    steps: tuple[Step, ...] = ()
    calls: tuple[CallStep, ...] = ()


@dataclass(frozen=True)
class AccountView:
    """What is there.

    Args:
        configurations: all of them.
        notebooks: all of them.
        chosen: the names of those that it is about.
    """

    configurations: tuple[Configuration, ...]
    notebooks: tuple[Notebook, ...]
    chosen: frozenset[str] = field(default_factory=frozenset)

    @property
    def most(self) -> int:
        """Bytes of a script that AWS is known to take here."""
        return limit([one.on_start for one in self.configurations])

    def users(self, configuration: str) -> tuple[str, ...]:
        """The instances that have it."""
        return tuple(one.name for one in self.notebooks if one.configuration == configuration)

    def step(self, configuration: Configuration) -> Step:
        """Nothing to do, so far; who has it, and what it has of ours."""
        users = self.users(configuration.name)
        strangers = tuple(name for name in users if name not in self.chosen)
        try:
            found = find(configuration.on_start)
        except NotMerged:
            found = None
        version, whole = (found.version, found.is_whole) if found else (None, False)
        return Step(configuration, "none", configuration.on_start, version, is_whole=whole, users=users, strangers=strangers)
