"""Data model of a rollout: lifecycle configurations, instances, their blocks, and the steps of a plan."""

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
"""What a plan does to a configuration; ``shared``: nothing, because instances that were not selected use it too."""

InstanceAction = Literal[
    "next-start", "associate", "disassociate", "stop-first", "in-transition", "skipped", "missing-config", "absent"
]
"""What a plan does to an instance.

``next-start``: the changed configuration takes effect at its next start. ``associate``, ``disassociate``: it is stopped, so
that it can get, or lose, the configuration now. ``stop-first``: it is running and must be stopped first. ``in-transition``: AWS
is changing its status. ``skipped``: its configuration is not changed. ``missing-config``: its configuration does not exist.
``absent``: its configuration has no block.
"""


def is_name(text: str) -> bool:
    """Return whether this is a valid name of a lifecycle configuration.

    Args:
        text: the name.
    """
    return len(text) <= MAX_NAME_LENGTH and NAME.fullmatch(text) is not None


@dataclass(frozen=True)
class Configuration:
    """One lifecycle configuration.

    Args:
        name: its name.
        on_start: the OnStart script; empty when there is none.
        on_create: the OnCreate script in base64, as AWS returned it; never decoded.
        modified: time of the last change.
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
        platform: its platform identifier; ``None`` when not requested.
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
        action: what the plan does.
        after: its script after that.
        version: version of its present block; ``None`` without one.
        is_short: whether only the short form fitted.
        is_own_script: whether the whole script is this package's.
        is_restored: whether a detached script is as before; ``None`` when that was not recorded.
        users: names of the instances that use it.
        unselected: names of those that were not selected.
        code: reason of a refusal, as a code.
        message: reason of a refusal, as a sentence.
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
        """Whether the configuration is, or will be, as requested."""
        return self.writes or self.action == "none"


@dataclass(frozen=True)
class InstanceStep:
    """What a plan does to one instance. The configuration is the one that it has, or will get."""

    notebook: Notebook
    action: InstanceAction
    configuration: str | None = None


@dataclass(frozen=True)
class RolloutPlan:
    """All steps, in this order."""

    configurations: tuple[ConfigStep, ...] = ()
    instances: tuple[InstanceStep, ...] = ()


@dataclass(frozen=True)
class AccountView:
    """All lifecycle configurations and instances of an account and region.

    Args:
        configurations: every lifecycle configuration.
        notebooks: every notebook instance.
        selected: names of the instances that were selected.
    """

    configurations: tuple[Configuration, ...]
    notebooks: tuple[Notebook, ...]
    selected: frozenset[str] = field(default_factory=frozenset)

    @property
    def script_limit_bytes(self) -> int:
        """Size of a script that AWS is known to accept in this account, in bytes."""
        return limit([one.on_start for one in self.configurations])

    def users(self, configuration: str) -> tuple[str, ...]:
        """Return the names of the instances that use a configuration.

        Args:
            configuration: its name.
        """
        return tuple(one.name for one in self.notebooks if one.configuration == configuration)

    def step(self, configuration: Configuration) -> ConfigStep:
        """Return a step that changes nothing, with the block and the users of a configuration.

        Args:
            configuration: the configuration.
        """
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
    """What ``lifecycle list`` reports about one configuration.

    Args:
        name: its name.
        state: state of the block in it.
        version: version of the block; ``None`` without one.
        restorable: whether the rest of the script is as before the block; ``None`` when unknown.
        notebooks: the instances that use it.
        message: why it could not be read; empty when it could.
    """

    name: str
    state: LifecycleState
    version: str | None
    restorable: bool | None
    notebooks: tuple[Notebook, ...]
    message: str = ""

    @property
    def has_it(self) -> bool | None:
        """Whether its instances install the extension at their next start; ``None`` when unknown."""
        return HAS[self.state]

    def to_json(self) -> dict[str, Any]:
        """Return the JSON of the command line."""
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
    """Return the status of each configuration.

    Args:
        configurations: all configurations of the account.
        notebooks: all instances of the account.
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
