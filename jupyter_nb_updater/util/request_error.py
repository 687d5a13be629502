"""Errors of a request from outside: each one carries the HTTP status and the code with which it is answered."""

from __future__ import annotations


class RequestError(Exception):
    """A request that is not carried out. ``base.py`` turns it into the HTTP answer, for every route alike.

    Args:
        status: HTTP status of the answer.
        code: what went wrong, for programs; the page finds its words by it.
        message: the same in English, for logs and terminals; a page never shows it.
        detail: a further machine code or name that belongs to ``code``.
    """

    def __init__(self, status: int, code: str, message: str, detail: str = "") -> None:
        super().__init__(message)
        self.status, self.code, self.detail = status, code, detail


class MalformedRequest(RequestError):
    """A request that cannot be understood, or asks for what is never allowed.

    Args:
        message: what to write instead.
    """

    def __init__(self, message: str) -> None:
        super().__init__(400, "malformed", message)


class Conflict(RequestError):
    """A request that the present state does not allow.

    Args:
        code: what is in the way, for programs.
        message: the same in English.
        detail: a further machine code or name that belongs to ``code``.
    """

    def __init__(self, code: str, message: str, detail: str = "") -> None:
        super().__init__(409, code, message, detail)
