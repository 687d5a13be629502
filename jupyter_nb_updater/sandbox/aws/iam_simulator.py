"""IAM's answer to "would this be allowed?", which moto lacks: denied is what a fault denies, everything else is allowed.

``SimulatePrincipalPolicy`` as the IAM API Reference has it, for as much as a caller needs to tell the two apart. IAM's own
operations have names for faults here, since their protocol tells them in the body.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape

from ...instance.aws import DENIED
from .faults import FaultBook, query

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

NAMESPACE = "https://iam.amazonaws.com/doc/2010-05-08/"


class SimulatorLayer:
    """WSGI layer in front of the emulated API.

    Args:
        app: the layer behind it.
        book: the faults that are in force.
    """

    def __init__(self, app: WSGIApplication, book: FaultBook) -> None:
        self._app = app
        self._book = book

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer a WSGI request, or pass it on."""
        form = query(environ)
        if form.get("Action") != "SimulatePrincipalPolicy":
            return self._app(environ, start_response)
        actions = [value for name, value in sorted(form.items()) if name.startswith("ActionNames.member.")]
        return _answer(_decisions([(action, self._decision(action)) for action in actions]), start_response)

    def _decision(self, action: str) -> str:
        operation = action.rpartition(":")[2]
        faults = [fault for fault in self._book.listed() if fault["operation"] in {operation, "*"}]
        return "implicitDeny" if any(fault["code"] in DENIED for fault in faults) else "allowed"


def _answer(content: str, start_response: Callable[..., Any]) -> list[bytes]:
    """An answer as the query protocol of AWS carries it."""
    body = content.encode()
    start_response("200 OK", [("Content-Type", "text/xml"), ("Content-Length", str(len(body)))])
    return [body]


def _decisions(decisions: Iterable[tuple[str, str]]) -> str:
    members = "".join(
        f"<member><EvalActionName>{escape(action)}</EvalActionName><EvalDecision>{decision}</EvalDecision></member>"
        for action, decision in decisions
    )
    return (
        f'<SimulatePrincipalPolicyResponse xmlns="{NAMESPACE}"><SimulatePrincipalPolicyResult><IsTruncated>false</IsTruncated>'
        f"<EvaluationResults>{members}</EvaluationResults></SimulatePrincipalPolicyResult></SimulatePrincipalPolicyResponse>"
    )
