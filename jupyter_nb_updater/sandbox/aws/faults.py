"""Failures injected in front of the emulated API. AWS has no such feature.

A fault applies to one operation (``StopNotebookInstance``, or ``*`` for all) and does one of four things: respond with an error
in AWS's format, respond with success without carrying out the operation, wait, or drop the connection. It applies a given
number of times or until it is cleared. All clients are affected alike: the product, the state machine, a test.

Over HTTP, on loopback: ``POST /sandbox/faults`` adds a fault (the fields of ``Fault``), ``GET`` lists them, ``DELETE`` clears
them. Operations of the JSON protocols (SageMaker, Step Functions, EventBridge) and of the query protocol (CloudFormation, IAM)
have names here, as have those of EventBridge Scheduler on one schedule and of S3 on one object; only ``*`` applies to others.

``SimulatorLayer`` answers IAM's ``SimulatePrincipalPolicy``, which moto lacks: it denies what a fault denies, and allows
everything else. IAM's operations have names for faults here too, because its protocol contains them in the body.
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
"""Operation of each HTTP method on ``/schedules/NAME`` (EventBridge Scheduler API Reference)."""

OBJECTS = {"GET": "GetObject", "PUT": "PutObject", "HEAD": "HeadObject", "DELETE": "DeleteObject"}
"""Operation of each HTTP method on ``/BUCKET/KEY`` (S3 API Reference)."""


@dataclass
class Fault:
    """An injected failure.

    Args:
        operation: name of the AWS operation, or ``*``.
        code: AWS's error code, such as ``AccessDeniedException``; ``None`` for no error.
        message: message of the error.
        status: HTTP status of the error.
        answer: response to an operation that is accepted but not carried out, such as ``{}``; ``None`` to carry it out.
        delay_seconds: delay before anything else, at most 600 seconds; clearing the fault ends it.
        drop: whether to close the connection without a response.
        times: number of times to apply; ``None`` until it is cleared.
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
    """The current faults. Safe to use from several threads."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []
        self._lock = threading.Lock()
        self._cleared = threading.Event()

    def add(self, fault: Fault) -> None:
        """Add a fault.

        Raises:
            ValueError: its delay is out of range.
        """
        if not 0 <= fault.delay_seconds <= MAX_DELAY_SECONDS:
            raise ValueError(f"delay_seconds must be between 0 and {MAX_DELAY_SECONDS:g} seconds")
        with self._lock:
            self._faults.append(fault)

    def clear(self) -> None:
        """Remove all faults, and release the requests that are delayed."""
        with self._lock:
            self._faults.clear()
            self._cleared.set()
            self._cleared = threading.Event()

    def listed(self) -> list[dict[str, Any]]:
        """Return the current faults, with the remaining number of times."""
        with self._lock:
            return [asdict(fault) for fault in self._faults]

    def strike(self, operation: str) -> tuple[Fault, threading.Event] | None:
        """Return the first fault for this operation, counted down, with the event that ends its delay."""
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
    """WSGI layer in front of the emulated API. ``/sandbox/…`` and ``/moto-api/…`` are unaffected."""

    def __init__(self, app: WSGIApplication, book: FaultBook) -> None:
        self._app = app
        self._book = book

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Pass a WSGI request on, or apply a fault."""
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
    """Return the name of the requested operation; empty if it has none here."""
    return query(environ).get("Action", "") or _target(environ)


def _target(environ: dict[str, Any]) -> str:
    if environ["PATH_INFO"].startswith("/schedules/"):
        return SCHEDULES.get(environ["REQUEST_METHOD"], "")
    if _is_s3(environ):
        return OBJECTS.get(environ["REQUEST_METHOD"], "") if environ["PATH_INFO"].strip("/").count("/") else ""
    return str(environ.get("HTTP_X_AMZ_TARGET", "").rpartition(".")[2])


def _is_s3(environ: dict[str, Any]) -> bool:
    """Check the credential scope of the signature (IAM User Guide, "Elements of an AWS API request signature")."""
    return "/s3/aws4_request" in environ.get("HTTP_AUTHORIZATION", "")


def query(environ: dict[str, Any]) -> dict[str, str]:
    """Return the parameters of a request in the query protocol; empty for any other. Its body can be read again."""
    if not environ.get("CONTENT_TYPE", "").startswith("application/x-www-form-urlencoded"):
        return {}
    body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    environ["wsgi.input"] = io.BytesIO(body)
    return {name: values[0] for name, values in parse_qs(body.decode("utf-8", "replace")).items()}


def _refuse(fault: Fault, start_response: Callable[..., Any]) -> list[bytes]:
    """Return an error in AWS's query protocol (Smithy: "AWS query protocol", operation error serialization).

    S3's format has the same members one level higher; botocore reads both.
    """
    error = (
        f"<Error><Type>Sender</Type><Code>{escape(fault.code or '')}</Code><Message>{escape(fault.message)}</Message></Error>"
    )
    body = f"<ErrorResponse>{error}<RequestId>{uuid.uuid4()}</RequestId></ErrorResponse>".encode()
    start_response(f"{fault.status} Fault", [("Content-Type", "text/xml"), ("Content-Length", str(len(body)))])
    return [body]


def _answer(status: str, content: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
    """Return a response in AWS's JSON protocols: an error's code is in the body, and for REST in a header."""
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
    """WSGI layer that answers IAM's ``SimulatePrincipalPolicy`` with allowed or denied.

    Args:
        app: the next layer.
        book: the current faults.
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
    """Return a response in AWS's query protocol."""
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
