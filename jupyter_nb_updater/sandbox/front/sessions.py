"""Who may pass the front: presigned links, the sessions that they begin, and the secret in the sandbox's own address.

API Reference, CreatePresignedNotebookInstanceUrl: the link "is valid only for 5 minutes", the session lasts 12 hours unless
``SessionExpirationDurationInSeconds`` says otherwise. That a link opens one session only is assumed.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
from typing import Any

LINK_SECONDS = 300.0
"""How long a presigned link can be used, in seconds."""


def presigned_token(key: str, session_seconds: float, now: float) -> str:
    """Return the token of a presigned link.

    Args:
        key: known to the front and to the emulated API.
        session_seconds: duration of the session that it begins, in seconds.
        now: seconds since the epoch.
    """
    claims = {"id": secrets.token_hex(8), "until": now + LINK_SECONDS, "session_seconds": session_seconds}
    content = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode()
    return f"{content}.{_signature(key, content)}"


def _signature(key: str, content: str) -> str:
    return hmac.new(key.encode(), content.encode(), hashlib.sha256).hexdigest()


class FrontSessions:
    """The open sessions of a front.

    Args:
        key: signs presigned links; known to the front and to the emulated API.
        survive_restart: whether a session goes on when the instance has started again.
    """

    def __init__(self, key: str, *, survive_restart: bool) -> None:
        self.key = key
        self._survive_restart = survive_restart
        self._used: set[str] = set()
        self._open: dict[str, tuple[float, int]] = {}

    def redeem(self, token: str, now: float, boot: int) -> str | None:
        """Begin a session with the token of a presigned link; ``None`` if it is invalid, expired or used.

        Args:
            token: of the link.
            now: seconds since the epoch.
            boot: number of the current boot of the instance.
        """
        content, _, signature = token.partition(".")
        if not hmac.compare_digest(signature.encode(), _signature(self.key, content).encode()):
            return None
        claims: dict[str, Any] = json.loads(base64.urlsafe_b64decode(content))
        if claims["id"] in self._used or now > claims["until"]:
            return None
        self._used.add(claims["id"])
        return self.begin(claims["session_seconds"], now, boot)

    def begin(self, seconds: float, now: float, boot: int) -> str:
        """Begin a session, and return its id.

        Args:
            seconds: its duration in seconds.
            now: seconds since the epoch.
            boot: number of the current boot of the instance.
        """
        session = secrets.token_urlsafe(16)
        self._open[session] = (now + seconds, boot)
        return session

    def seconds_left(self, session: str, now: float, boot: int) -> float | None:
        """Return how long a session is still open, in seconds; ``None`` if it is not.

        Args:
            session: its id.
            now: seconds since the epoch.
            boot: number of the current boot of the instance.
        """
        until, began_in = self._open.get(session, (0.0, boot))
        if now >= until or (began_in != boot and not self._survive_restart):
            self._open.pop(session, None)
            return None
        return until - now

    def end(self) -> None:
        """End all sessions."""
        self._open.clear()
