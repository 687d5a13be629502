"""Server of the emulated AWS: ``python -m jupyter_nb_updater.sandbox.aws.api``.

It runs in its own process, prints ``{"port": N}``, listens on 127.0.0.1 only, and ends when its standard input closes, also
when its parent was killed. moto answers the AWS APIs; injected faults act in front of it, and there are control routes:
``/sandbox/notebook-instances/REGION/NAME`` (GET: status; PUT: set the status, for the supervisor), ``/sandbox/fronts/NAME``
(PUT: its front), ``/sandbox/maintenance/NAME`` (PUT: a stop is accepted in maintenance), ``/sandbox/capacity/NAME`` (PUT: how
many of its next starts fail for lack of capacity), ``/sandbox/supervised/NAME`` (PUT: a supervisor ends its transitions),
``/sandbox/deliveries`` (GET: calls made by schedules, with their results, for which AWS has only metrics),
``/sandbox/requests`` (GET: number of requests per operation).
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import re
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from moto.core.config import default_user_config
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.events.models import Rule
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
from moto.sagemaker import models, urls
from moto.sagemaker.models import sagemaker_backends
from werkzeug.exceptions import HTTPException, NotFound
from werkzeug.serving import make_server
from werkzeug.wrappers import Request, Response

from ...util.clock import SystemClock
from ..machine.network import accept_this_user_only
from . import event_bridge as events
from .faults import Fault, FaultBook, FaultLayer, SimulatorLayer, operation_of
from .notebook_instances import RULES, EmulatedInstance, FrontDoor, ListOperations, resource_of
from .scheduler import HttpSchedulerTarget, Scheduler, install_schedules

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

SERVICE = re.compile(r"Credential=[^/]+/\d+/[^/]+/([^/]+)/")
"""In the header of a signed request (IAM User Guide, "Signature Version 4": the scope of the credentials)."""


class RequestCounter:
    """WSGI layer that counts requests, including those that a fault refuses.

    Args:
        app: the next layer.
    """

    def __init__(self, app: WSGIApplication) -> None:
        self._app = app
        self._lock = threading.Lock()
        self._counts: Counter[str] = Counter()

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Count a WSGI request and pass it on. Requests to control routes do not count."""
        if not environ["PATH_INFO"].startswith(("/sandbox/", "/moto-api/")):
            name = operation_of(environ) or f"{_service(environ)}:{environ['REQUEST_METHOD']}"
            with self._lock:
                self._counts[name] += 1
        return self._app(environ, start_response)

    def counts(self) -> dict[str, int]:
        """Return the number of requests by operation; by service and HTTP method if the operation has no name here."""
        with self._lock:
            return dict(self._counts)


def _service(environ: dict[str, Any]) -> str:
    found = SERVICE.search(environ.get("HTTP_AUTHORIZATION", ""))
    return found[1] if found else "unsigned"


def install() -> None:
    """Replace moto's models with ours, for the whole process."""
    sagemaker: Any = models  # assigning to classes and methods is against the types
    sagemaker.FakeSagemakerNotebookInstance = EmulatedInstance
    sagemaker.SageMakerModelBackend._get_resource_from_arn = resource_of  # noqa: SLF001  there is no other handle
    urls.url_paths["{0}/$"] = ListOperations.dispatch
    rule: Any = Rule
    rule.send_to_targets = events.send_to_targets
    events.install_step_functions()
    install_schedules()
    default_user_config["stepfunctions"] = {"execute_state_machine": True}
    RULES.listener = events.EventPublisher()


class Control:
    """WSGI layer that answers ``/sandbox/…``, unaffected by faults, and passes everything else on to moto.

    Args:
        app: moto.
        book: the current faults.
    """

    def __init__(self, app: WSGIApplication, book: FaultBook) -> None:
        self._app = app
        self._book = book
        self.scheduler: Scheduler | None = None
        self.counter: RequestCounter | None = None

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer a WSGI request."""
        request = Request(environ)
        if not request.path.startswith("/sandbox/"):
            return self._app(environ, start_response)
        try:
            response = self._answer(request)
        except HTTPException as error:
            response = Response(f"{error}\n", error.code)
        except (TypeError, ValueError) as error:
            response = Response(f"{error}\n", 400)
        return response(environ, start_response)

    def _answer(self, request: Request) -> Response:
        match request.path.split("/")[2:], request.method:
            case ["faults"], "POST":
                self._book.add(Fault(**json.loads(request.get_data())))
                return _json(self._book.listed(), 201)
            case ["faults" | "deliveries" | "requests" as what], "GET":
                listed = {"faults": self._book.listed, "deliveries": self._deliveries, "requests": self._requests}
                return _json(listed[what]())
            case ["faults"], "DELETE":
                self._book.clear()
                return _json([])
            case ["notebook-instances", region, name], "GET":
                return _json(_described(_find(region, name)))
            case ["notebook-instances", region, name], "PUT":
                instance = _find(region, name)
                instance.settle(**json.loads(request.get_data()))
                return _json(_described(instance))
            case ["capacity", name], "PUT":
                RULES.without_capacity[name] = int(json.loads(request.get_data())["failing_starts"])
            case ["maintenance", name], "PUT":
                RULES.maintenance_stops.add(name)
            case ["fronts", name], "PUT":
                RULES.fronts[name] = FrontDoor(**json.loads(request.get_data()))
            case ["supervised", name], "PUT":
                RULES.supervised.add(name)
            case _:
                raise NotFound
        return _json({"without_capacity": RULES.without_capacity, "supervised": sorted(RULES.supervised)})

    def _requests(self) -> dict[str, int]:
        return self.counter.counts() if self.counter else {}

    def _deliveries(self) -> list[dict[str, Any]]:
        return [delivery.to_json() for delivery in list(self.scheduler.deliveries)] if self.scheduler else []


def _find(region: str, name: str) -> EmulatedInstance:
    instance = sagemaker_backends[DEFAULT_ACCOUNT_ID][region].notebook_instances.get(name)
    if not isinstance(instance, EmulatedInstance):
        raise NotFound
    return instance


def _described(instance: EmulatedInstance) -> dict[str, Any]:
    return {
        "status": instance.status,
        "arn": instance.arn,
        "lifecycle_config": instance.lifecycle_config_name,
        "platform": instance.platform,
    }


def _json(value: object, status: int = 200) -> Response:
    return Response(json.dumps(value) + "\n", status, mimetype="application/json")


def main(argv: list[str] | None = None) -> None:
    """Serve until standard input closes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--start-seconds", type=float, default=RULES.start_seconds)
    parser.add_argument("--stop-seconds", type=float, default=RULES.stop_seconds)
    parser.add_argument(
        "--minute-seconds", type=float, default=60.0, help="duration of a minute of a schedule's rate, in seconds"
    )
    parser.add_argument("--private", action="store_true", help="refuse connections of other users of this computer")
    options = parser.parse_args(argv)
    RULES.start_seconds, RULES.stop_seconds = options.start_seconds, options.stop_seconds
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    if options.private:
        accept_this_user_only()
    install()
    book = FaultBook()
    control = Control(DomainDispatcherApplication(create_backend_app), book)
    control.counter = RequestCounter(FaultLayer(SimulatorLayer(control, book), book))
    server = make_server("127.0.0.1", options.port, control.counter, threaded=True, request_handler=MotoRequestHandler)
    os.environ["MOTO_PORT"] = str(server.server_port)  # endpoint for moto's interpreter of state machines
    threading.Thread(target=server.serve_forever, daemon=True).start()
    control.scheduler = Scheduler(
        HttpSchedulerTarget(server.server_port), SystemClock(), timedelta(seconds=options.minute_seconds)
    )
    control.scheduler.start()
    sys.stdout.write(json.dumps({"port": server.server_port}) + "\n")
    sys.stdout.flush()
    sys.stdin.read()
    os._exit(0)  # without waiting for the threads of moto, the server and the schedules


if __name__ == "__main__":
    main()
