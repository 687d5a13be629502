"""IAM's answer to "would this be allowed?", which moto lacks: denied is what a fault denies, everything else is allowed.

``SimulatePrincipalPolicy`` as the IAM API Reference has it, for as much as a caller needs to tell the two apart. IAM's own
operations have names for faults here, since their protocol tells them in the body.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import parse_qs
from xml.sax.saxutils import escape

from ..instance.aws import DENIED
from .faults import FaultBook, WSGIApp

NAMESPACE = "https://iam.amazonaws.com/doc/2010-05-08/"


class SimulatorLayer:
    """WSGI layer in front of the emulated API."""

    def __init__(self, app: WSGIApp, book: FaultBook) -> None:
        self._app = app
        self._book = book

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer a WSGI request, or pass it on."""
        if not environ.get("CONTENT_TYPE", "").startswith("application/x-www-form-urlencoded"):
            return self._app(environ, start_response)
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        environ["wsgi.input"] = io.BytesIO(body)
        form = parse_qs(body.decode("utf-8", "replace"))
        operation = form.get("Action", [""])[0]
        denial = next((fault for fault in self._book.listed() if fault["operation"] == operation and fault["code"]), None)
        if denial is not None:
            return _answer("403 Fault", _error(denial["code"], denial["message"]), start_response)
        if operation != "SimulatePrincipalPolicy":
            return self._app(environ, start_response)
        actions = [values[0] for name, values in sorted(form.items()) if name.startswith("ActionNames.member.")]
        return _answer("200 OK", _decisions([(action, self._decision(action)) for action in actions]), start_response)

    def _decision(self, action: str) -> str:
        operation = action.rpartition(":")[2]
        faults = [fault for fault in self._book.listed() if fault["operation"] in {operation, "*"}]
        return "implicitDeny" if any(fault["code"] in DENIED for fault in faults) else "allowed"


def _answer(status: str, content: str, start_response: Callable[..., Any]) -> list[bytes]:
    """An answer as the query protocol of AWS carries it."""
    body = content.encode()
    start_response(status, [("Content-Type", "text/xml"), ("Content-Length", str(len(body)))])
    return [body]


def _error(code: str, message: str) -> str:
    return f"<ErrorResponse><Error><Code>{escape(code)}</Code><Message>{escape(message)}</Message></Error></ErrorResponse>"


def _decisions(decisions: Iterable[tuple[str, str]]) -> str:
    members = "".join(
        f"<member><EvalActionName>{escape(action)}</EvalActionName><EvalDecision>{decision}</EvalDecision></member>"
        for action, decision in decisions
    )
    return (
        f'<SimulatePrincipalPolicyResponse xmlns="{NAMESPACE}"><SimulatePrincipalPolicyResult><IsTruncated>false</IsTruncated>'
        f"<EvaluationResults>{members}</EvaluationResults></SimulatePrincipalPolicyResult></SimulatePrincipalPolicyResponse>"
    )
