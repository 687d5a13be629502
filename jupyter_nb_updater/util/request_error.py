"""Errors of a request, with the HTTP status and the code of the response."""

from __future__ import annotations


class RequestError(Exception):
    """A request was rejected. ``base.py`` sends it as the HTTP response for every route.

    Args:
        status: HTTP status of the response.
        code: what went wrong, for programs and for the page, which has its own words.
        message: the same in English, for logs and terminals; a page never shows it.
        detail: a further machine-readable value that belongs to ``code``.
    """

    def __init__(self, status: int, code: str, message: str, detail: str = "") -> None:
        super().__init__(message)
        self.status, self.code, self.detail = status, code, detail


class MalformedRequest(RequestError):
    """The request is invalid, or asks for something that is never allowed.

    Args:
        message: what is expected.
    """

    def __init__(self, message: str) -> None:
        super().__init__(400, "malformed", message)


class Conflict(RequestError):
    """The current state does not allow the request.

    Args:
        code: what prevents it, for programs.
        message: the same in English.
        detail: a further machine-readable value that belongs to ``code``.
    """

    def __init__(self, code: str, message: str, detail: str = "") -> None:
        super().__init__(409, code, message, detail)
