"""Failures injected at the edge of the emulated API. All of this is ours; AWS has no such thing.

A fault is about one operation (``StopNotebookInstance``, or ``*`` for each) and does one of four things: answers with an
error in AWS's shape, answers as if all were well and carries nothing out, waits, or drops the connection. It strikes a number
of times or until it is cleared. It stands in front of moto, so that every client meets it in the same way: the product, the
state machine, a test.

Over HTTP, on loopback: ``POST /sandbox/faults`` adds one (the fields of ``Fault``), ``GET`` lists them, ``DELETE`` clears them.
Operations of the JSON protocols (SageMaker, Step Functions, EventBridge) and of the query protocol (CloudFormation, IAM) have
a name here, and those of EventBridge Scheduler on one schedule and of S3 on one object; all others are struck by ``*`` only.

``SimulatorLayer`` answers IAM's ``SimulatePrincipalPolicy``, which moto lacks: denied is what a fault denies, everything else
is allowed. IAM's own operations have names for faults here, since their protocol tells them in the body.
"""

from __future__ import annotations

import io
import json
import socket
import threading
import uuid
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs
from xml.sax.saxutils import escape

from ...instance.aws import DENIED

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

MAX_DELAY_SECONDS = 600.0

SCHEDULES = {"POST": "CreateSchedule", "PUT": "UpdateSchedule", "GET": "GetSchedule", "DELETE": "DeleteSchedule"}
"""What a method does with ``/schedules/NAME`` (EventBridge Scheduler API Reference)."""

OBJECTS = {"GET": "GetObject", "PUT": "PutObject", "HEAD": "HeadObject", "DELETE": "DeleteObject"}
"""What a method does with ``/BUCKET/KEY`` (S3 API Reference)."""


@dataclass
class Fault:
    """One thing that goes wrong.

    Args:
        operation: name of the AWS operation, or ``*``.
        code: error code as AWS spells it, such as ``AccessDeniedException``; ``None`` for no error.
        message: AWS's text for it.
        status: HTTP status of the error.
        answer: the result of an operation that is accepted and not carried out, such as ``{}``; ``None`` to carry it out.
        delay_seconds: seconds to wait before anything else, at most 600; a cleared fault waits no longer.
        drop: close the connection without an answer.
        times: how often it strikes; ``None`` until it is cleared.
    """

    operation: str
    code: str | None = None
    message: str = ""
    status: int = 400
    answer: dict[str, Any] | None = None
    delay_seconds: float = 0.0
    drop: bool = False
    times: int | None = None


class FaultBook:
    """The faults that are in force. Safe to use from several threads."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []
        self._lock = threading.Lock()
        self._cleared = threading.Event()

    def add(self, fault: Fault) -> None:
        """Put a fault into force.

        Raises:
            ValueError: its delay has no bound that we accept.
        """
        if not 0 <= fault.delay_seconds <= MAX_DELAY_SECONDS:
            raise ValueError(f"delay_seconds must be between 0 and {MAX_DELAY_SECONDS:g} seconds")
        with self._lock:
            self._faults.append(fault)

    def clear(self) -> None:
        """Forget all faults and release the requests that wait in one."""
        with self._lock:
            self._faults.clear()
            self._cleared.set()
            self._cleared = threading.Event()

    def listed(self) -> list[dict[str, Any]]:
        """What is in force, with the strikes that are left."""
        with self._lock:
            return [asdict(fault) for fault in self._faults]

    def strike(self, operation: str) -> tuple[Fault, threading.Event] | None:
        """The first fault about this operation, counted down, with the event that ends its waiting."""
        with self._lock:
            for fault in self._faults:
                if fault.operation in (operation, "*"):
                    if fault.times is not None:
                        fault.times -= 1
                        if fault.times <= 0:
                            self._faults.remove(fault)
                    return fault, self._cleared
        return None


class FaultLayer:
    """WSGI layer in front of the emulated API. ``/sandbox/…`` and ``/moto-api/…`` pass it untouched."""

    def __init__(self, app: WSGIApplication, book: FaultBook) -> None:
        self._app = app
        self._book = book

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer a WSGI request, or let it fail."""
        if environ["PATH_INFO"].startswith(("/sandbox/", "/moto-api/")):
            return self._app(environ, start_response)
        form = query(environ)
        struck = self._book.strike(form.get("Action", "") or _target(environ))
        if struck is None:
            return self._app(environ, start_response)
        fault, cleared = struck
        if fault.delay_seconds:
            cleared.wait(fault.delay_seconds)
        if fault.drop:
            connection: socket.socket = environ["werkzeug.socket"]
            connection.shutdown(socket.SHUT_RDWR)
            raise ConnectionResetError("dropped by a fault")
        if fault.code is not None and (form or _is_s3(environ)):
            return _refuse(fault, start_response)
        if fault.code is not None:
            # Smithy: "AWS JSON 1.1 protocol", operation error serialization.
            return _answer(f"{fault.status} Fault", {"__type": fault.code, "message": fault.message}, start_response)
        if fault.answer is not None:
            return _answer("200 OK", fault.answer, start_response)
        return self._app(environ, start_response)


def operation_of(environ: dict[str, Any]) -> str:
    """The name of what is asked for; empty where it has none here."""
    return query(environ).get("Action", "") or _target(environ)


def _target(environ: dict[str, Any]) -> str:
    if environ["PATH_INFO"].startswith("/schedules/"):
        return SCHEDULES.get(environ["REQUEST_METHOD"], "")
    if _is_s3(environ):
        return OBJECTS.get(environ["REQUEST_METHOD"], "") if environ["PATH_INFO"].strip("/").count("/") else ""
    return str(environ.get("HTTP_X_AMZ_TARGET", "").rpartition(".")[2])


def _is_s3(environ: dict[str, Any]) -> bool:
    """By the credential scope of the signature (IAM User Guide, "Elements of an AWS API request signature")."""
    return "/s3/aws4_request" in environ.get("HTTP_AUTHORIZATION", "")


def query(environ: dict[str, Any]) -> dict[str, str]:
    """What a request of the query protocol asks for; empty for any other. Its body can be read again."""
    if not environ.get("CONTENT_TYPE", "").startswith("application/x-www-form-urlencoded"):
        return {}
    body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    environ["wsgi.input"] = io.BytesIO(body)
    return {name: values[0] for name, values in parse_qs(body.decode("utf-8", "replace")).items()}


def _refuse(fault: Fault, start_response: Callable[..., Any]) -> list[bytes]:
    """An error as the query protocol of AWS carries it (Smithy: "AWS query protocol", operation error serialization).

    S3's has the same members one level higher; botocore reads either form.
    """
    error = (
        f"<Error><Type>Sender</Type><Code>{escape(fault.code or '')}</Code><Message>{escape(fault.message)}</Message></Error>"
    )
    body = f"<ErrorResponse>{error}<RequestId>{uuid.uuid4()}</RequestId></ErrorResponse>".encode()
    start_response(f"{fault.status} Fault", [("Content-Type", "text/xml"), ("Content-Length", str(len(body)))])
    return [body]


def _answer(status: str, content: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
    """An answer as the JSON protocols of AWS carry it: an error's code in the body, and for REST in a header."""
    body = json.dumps(content).encode()
    headers = [
        *([("x-amzn-errortype", content["__type"])] if "__type" in content else []),
        ("Content-Type", "application/x-amz-json-1.1"),
        ("x-amzn-RequestId", str(uuid.uuid4())),
        ("Content-Length", str(len(body))),
    ]
    start_response(status, headers)
    return [body]


IAM_NAMESPACE = "https://iam.amazonaws.com/doc/2010-05-08/"


class SimulatorLayer:
    """WSGI layer that answers IAM's ``SimulatePrincipalPolicy``, as far as a caller needs to tell allowed from denied.

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
        return _answer_xml(_decisions([(action, self._decision(action)) for action in actions]), start_response)

    def _decision(self, action: str) -> str:
        operation = action.rpartition(":")[2]
        faults = [fault for fault in self._book.listed() if fault["operation"] in {operation, "*"}]
        return "implicitDeny" if any(fault["code"] in DENIED for fault in faults) else "allowed"


def _answer_xml(content: str, start_response: Callable[..., Any]) -> list[bytes]:
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
        f'<SimulatePrincipalPolicyResponse xmlns="{IAM_NAMESPACE}">'
        "<SimulatePrincipalPolicyResult><IsTruncated>false</IsTruncated>"
        f"<EvaluationResults>{members}</EvaluationResults></SimulatePrincipalPolicyResult></SimulatePrincipalPolicyResponse>"
    )
