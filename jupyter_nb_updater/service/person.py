"""Who sends a request: a login that says it, or a name that somebody gave once on this instance."""

from __future__ import annotations

import asyncio
import json
import re
from pathlib import Path
from typing import Any

from jupyter_server.auth.identity import IdentityProvider, PasswordIdentityProvider
from traitlets.config import LoggingConfigurable

from ..advice.hold import Person
from ..state import StateDocument
from ..util.files import atomic_write, read_json
from ..util.request_error import MalformedRequest
from ..util.text import shorten

NAME_FORMAT = 1
MAX_NAME_CHARS = 100

MADE_UP = re.compile(r"[0-9a-f]{32}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|anonymous|", re.IGNORECASE)
"""User names that are nobody's. jupyter_server takes ``uuid4().hex`` where a secret is shared, or nothing is asked."""


def login_of(user: Any, provider: IdentityProvider) -> str:
    """Return the user name of a login; empty if the login does not say who it is.

    jupyter_server then makes up a name such as "Anonymous Elara" (``IdentityProvider.generate_anonymous_user``), and so does
    AWS's login handler. The display name is no proof either: everybody can change their own (``PATCH /api/me``).

    Args:
        user: as the identity provider returned it.
        provider: the identity provider of the server.
    """
    shares_a_secret = type(provider) in {IdentityProvider, PasswordIdentityProvider}
    name = str(getattr(user, "username", "") or "")
    return "" if shares_a_secret or MADE_UP.fullmatch(name) else name


class GivenName(LoggingConfigurable):
    """Remember the name that somebody gave, on the volume and in the state document. Nothing verifies it."""

    def __init__(self, path: Path, state: StateDocument, **kwargs: Any) -> None:
        """Know no name yet.

        Args:
            path: file for the name.
            state: the state document.
            **kwargs: traits, and the ``parent`` whose configuration applies.
        """
        super().__init__(**kwargs)
        self._path, self._state = path, state

    async def load(self) -> None:
        """Read the name from the volume."""
        content = await asyncio.to_thread(read_json, self._path, NAME_FORMAT, self.log)
        self._state.update(given_name=shorten(str(content.get("name", "")), MAX_NAME_CHARS) if content else "")

    async def identify(self, user: Any, provider: IdentityProvider, given: object = None) -> Person:
        """Return who sends a request, and remember the name if it was given with it.

        Args:
            user: as the identity provider returned it.
            provider: the identity provider of the server.
            given: the name in the request, unchecked; ``None`` for the remembered one.

        Raises:
            MalformedRequest: the given name is not text.
        """
        if not (given is None or isinstance(given, str)):
            raise MalformedRequest('"by" must be text')
        if login := login_of(user, provider):
            return Person(shorten(str(getattr(user, "display_name", "") or login), MAX_NAME_CHARS), login)
        name = shorten(given or "", MAX_NAME_CHARS) or str(self._state["given_name"])
        if name != self._state["given_name"]:
            self._state.update(given_name=name)
            try:
                content = json.dumps({"format": NAME_FORMAT, "name": name})
                await asyncio.to_thread(atomic_write, self._path, content)
            except OSError as error:  # it is known until the server ends
                self.log.warning("Could not save a name in %s: %s", self._path, error)
        return Person(name)
