"""The lifecycle configurations and instances of an account, what each has of this package, and what a plan does to it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from .merge import FoundBlock, NotMerged, find, limit

NAME = re.compile(r"[a-zA-Z0-9](-*[a-zA-Z0-9])*")
MAX_NAME_LENGTH = 63
"""Characters in the name of a lifecycle configuration (API Reference, CreateNotebookInstanceLifecycleConfig)."""

ConfigAction = Literal["create", "attach", "update", "detach", "none", "refused", "shared"]
"""What a plan does to a configuration; ``shared``: nothing, since it would reach instances that were not selected."""

InstanceAction = Literal[
    "next-start", "associate", "disassociate", "stop-first", "in-transition", "skipped", "missing-config", "absent"
]
"""What a plan does to an instance.

``next-start``: its configuration says it, from its next start on. ``associate``, ``disassociate``: it is stopped, so it can be
given the configuration, or lose it, now. ``stop-first``: that cannot be done while it runs, and nothing is stopped here.
``in-transition``: AWS changes its status. ``skipped``: the change of its configuration is not made. ``missing-config``: its
configuration does not exist. ``absent``: its configuration has no block.
"""


def is_name(text: str) -> bool:
    """Tell whether this is a valid name of a lifecycle configuration."""
    return len(text) <= MAX_NAME_LENGTH and NAME.fullmatch(text) is not None


@dataclass(frozen=True)
class Configuration:
    """One lifecycle configuration.

    Args:
        name: its name.
        on_start: the OnStart script; empty when there is none.
        on_create: the OnCreate script in base64, as AWS gave it; it is never read.
        modified: when it was written last.
        unread: why it could not be read; empty when it could.
    """

    name: str
    on_start: bytes = b""
    on_create: str | None = None
    modified: datetime | None = None
    unread: str = ""


@dataclass(frozen=True)
class Notebook:
    """One notebook instance and its lifecycle configuration.

    Args:
        name: its name.
        arn: its ARN.
        status: its status, as AWS spells it.
        configuration: name of its lifecycle configuration.
        platform: its platform identifier, where that was looked up.
    """

    name: str
    arn: str
    status: str
    configuration: str | None = None
    platform: str | None = None


@dataclass(frozen=True)
class ConfigStep:
    """What a plan does to one configuration.

    Args:
        before: the configuration as it was read.
        action: what is done to it.
        after: its script after that.
        version: version of the block that it has now; ``None`` when it has none.
        is_short: there was room for the short form only.
        is_own_script: the whole script is this package's; nobody else has anything in it.
        is_restored: whether a detached script is what it was before; ``None`` when that was not noted.
        users: names of the instances that have it.
        unselected: names of those that were not selected.
        code: why it is refused, as a code.
        message: why it is refused, as a sentence.
    """

    before: Configuration
    action: ConfigAction
    after: bytes = b""
    version: str | None = None
    is_short: bool = False
    is_own_script: bool = False
    is_restored: bool | None = None
    users: tuple[str, ...] = ()
    unselected: tuple[str, ...] = ()
    code: str = ""
    message: str = ""

    @property
    def writes(self) -> bool:
        """Whether the plan changes it at AWS."""
        return self.action in ("create", "attach", "update", "detach")

    @property
    def stands(self) -> bool:
        """Whether it is, or will be, as asked for."""
        return self.writes or self.action == "none"


@dataclass(frozen=True)
class InstanceStep:
    """What a plan does to one instance; the configuration is the one that it has, or is to have."""

    notebook: Notebook
    action: InstanceAction
    configuration: str | None = None


@dataclass(frozen=True)
class RolloutPlan:
    """Everything that is to be done, in this order."""

    configurations: tuple[ConfigStep, ...] = ()
    instances: tuple[InstanceStep, ...] = ()


@dataclass(frozen=True)
class AccountView:
    """All lifecycle configurations and instances of an account and region.

    Args:
        configurations: every lifecycle configuration.
        notebooks: every notebook instance.
        selected: names of the instances that a command is about.
    """

    configurations: tuple[Configuration, ...]
    notebooks: tuple[Notebook, ...]
    selected: frozenset[str] = field(default_factory=frozenset)

    @property
    def script_limit_bytes(self) -> int:
        """Bytes of a script that AWS is known to accept in this account."""
        return limit([one.on_start for one in self.configurations])

    def users(self, configuration: str) -> tuple[str, ...]:
        """Return the names of the instances that have a configuration."""
        return tuple(one.name for one in self.notebooks if one.configuration == configuration)

    def step(self, configuration: Configuration) -> ConfigStep:
        """Return a step that changes nothing, with the block and the users of a configuration."""
        users = self.users(configuration.name)
        unselected = tuple(name for name in users if name not in self.selected)
        try:
            found = find(configuration.on_start)
        except NotMerged:
            found = None
        version, whole = (found.version, found.is_own_script) if found else (None, False)
        return ConfigStep(
            configuration, "none", configuration.on_start, version, is_own_script=whole, users=users, unselected=unselected
        )


LifecycleState = Literal["whole", "block", "none", "damaged", "edited", "unread"]

HAS: dict[LifecycleState, bool | None] = {
    "whole": True,
    "block": True,
    "none": False,
    "damaged": None,
    "edited": None,
    "unread": None,
}


@dataclass(frozen=True)
class LifecycleStatus:
    """One configuration.

    Args:
        name: of it.
        state: what it has of ours.
        version: of that.
        restorable: whether the script without ours is what it was before; ``None`` when that is not known.
        notebooks: the instances that have it.
        message: why it could not be read.
    """

    name: str
    state: LifecycleState
    version: str | None
    restorable: bool | None
    notebooks: tuple[Notebook, ...]
    message: str = ""

    @property
    def has_it(self) -> bool | None:
        """Whether its instances have ours from their next start on."""
        return HAS[self.state]

    def to_json(self) -> dict[str, Any]:
        """As the command line reports it."""
        return {
            "name": self.name,
            "state": self.state,
            "version": self.version,
            "restorable": self.restorable,
            "will_have_it": self.has_it,
            "instances": [{"name": one.name, "status": one.status} for one in self.notebooks],
            "message": self.message or None,
        }


def inventory(configurations: Iterable[Configuration], notebooks: Iterable[Notebook]) -> list[LifecycleStatus]:
    """An entry for each configuration.

    Args:
        configurations: all of them.
        notebooks: all of them.
    """
    all_of_them = [*notebooks]
    return [_entry(one, tuple(book for book in all_of_them if book.configuration == one.name)) for one in configurations]


def _entry(configuration: Configuration, notebooks: tuple[Notebook, ...]) -> LifecycleStatus:
    state, found = _state(configuration)
    version, restored = (found.version, found.is_restored) if found else (None, None)
    return LifecycleStatus(configuration.name, state, version, restored, notebooks, configuration.unread)


def _state(configuration: Configuration) -> tuple[LifecycleState, FoundBlock | None]:
    if configuration.unread:
        return "unread", None
    try:
        found = find(configuration.on_start)
    except NotMerged:
        return "damaged", None
    if found is None:
        return "none", None
    if found.is_edited:
        return "edited", found
    return "whole" if found.is_own_script else "block", found
