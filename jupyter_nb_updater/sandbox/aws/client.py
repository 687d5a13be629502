"""Start the emulated AWS as a child process, and use it: its control routes, and boto3 clients."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from typing import Any

from ..options import SandboxError

REGION = "eu-west-1"
STOP_TIMEOUT_SECONDS = 5.0

_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # loopback: never through a proxy


class Faults:
    """Inject failures into the emulated API; ``faults.Fault`` describes the fields."""

    def __init__(self, api: EmulatedAws) -> None:
        self._api = api

    def add(self, operation: str, **fields: Any) -> None:
        """Make ``operation`` (``*`` for all) fail from now on."""
        self._api.control("POST", "faults", {"operation": operation, **fields})

    def clear(self) -> None:
        """Remove all faults."""
        self._api.control("DELETE", "faults")

    def listed(self) -> list[dict[str, Any]]:
        """Return the current faults."""
        return list(self._api.control("GET", "faults"))


class EmulatedAws:
    """Start and end the process of the emulated AWS, and call its control routes.

    Args:
        start_seconds: duration of ``Pending`` in seconds, for instances without a supervisor.
        stop_seconds: duration of ``Stopping`` in seconds, for instances without a supervisor.
        minute_seconds: duration of a minute of a schedule's rate, in seconds.
        private: whether only this user of the computer and root may call it.
    """

    def __init__(
        self,
        start_seconds: float = 0.3,
        stop_seconds: float = 0.3,
        minute_seconds: float = 60.0,
        *,
        private: bool = False,
    ) -> None:
        self._arguments = [f"--start-seconds={start_seconds}", f"--stop-seconds={stop_seconds}"]
        self._arguments += [f"--minute-seconds={minute_seconds}", *(["--private"] if private else [])]
        self._process: subprocess.Popen[str] | None = None
        self._clients: dict[str, Any] = {}
        self.url = ""
        self.region = REGION
        self.faults = Faults(self)

    def start(self) -> None:
        """Start the process and wait for its port.

        Raises:
            SandboxError: the process did not start, usually because moto is missing.
        """
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115  closed by stop()
        self._process = self._spawn()
        assert self._process.stdout is not None  # noqa: S101  it is a pipe
        line = self._process.stdout.readline()  # it prints its port or ends, so this returns
        if not line:
            self._process.wait(STOP_TIMEOUT_SECONDS)
            self._errors.seek(0)
            output = self._errors.read().decode(errors="replace").strip().rpartition("\n")[2]
            raise SandboxError(f"The emulated AWS did not start: {output}")
        self._clients.clear()  # they belong to an earlier start, at another port
        self.url = f"http://127.0.0.1:{json.loads(line)['port']}"

    def _spawn(self) -> subprocess.Popen[str]:
        """Start the process, with its standard error in a file."""
        command = [sys.executable, "-m", f"{__package__}.api", *self._arguments]
        return subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._errors, text=True, start_new_session=True
        )

    def stop(self) -> None:
        """End the process."""
        if self._process is None:
            return
        assert self._process.stdin is not None  # noqa: S101  it is a pipe
        self._process.stdin.close()
        try:
            self._process.wait(STOP_TIMEOUT_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(STOP_TIMEOUT_SECONDS)
        if self._process.stdout:
            self._process.stdout.close()
        self._errors.close()
        self._process = None

    def control(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        """Send a request to ``/sandbox/<path>``, unaffected by faults.

        Raises:
            SandboxError: the request was refused, or the process has ended.
        """
        data = None if body is None else json.dumps(body).encode()
        headers = {"Content-Type": "application/json"}
        request = urllib.request.Request(f"{self.url}/sandbox/{path}", data, headers, method=method)  # noqa: S310  http, loopback
        try:
            with _OPENER.open(request, timeout=10) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            raise SandboxError(f"{method} /sandbox/{path}: {error.read().decode().strip()}") from error
        except OSError as error:
            raise SandboxError(f"the emulated AWS does not respond: {error}") from error

    def instance(self, name: str) -> dict[str, Any]:
        """Return ``status``, ``arn``, ``lifecycle_config`` and ``platform`` of an instance."""
        return dict(self.control("GET", f"notebook-instances/{REGION}/{name}"))

    def settle(self, name: str, status: str, failure_reason: str | None = None) -> None:
        """Set the status in which a transition ended."""
        body = {"status": status, "failure_reason": failure_reason}
        self.control("PUT", f"notebook-instances/{REGION}/{name}", body)

    def supervise(self, name: str) -> None:
        """From now on, only ``settle`` ends the transitions of an instance of this name."""
        self.control("PUT", f"supervised/{name}")

    def set_front(self, name: str, public_name: str, key: str) -> None:
        """Tell the API the front of an instance: what ``Url`` says, and the key that signs presigned links."""
        self.control("PUT", f"fronts/{name}", {"public_name": public_name, "key": key})

    def accept_stop_in_maintenance(self, name: str) -> None:
        """Accept the stop of an instance in a status of maintenance from now on; by default it is refused."""
        self.control("PUT", f"maintenance/{name}")

    def withhold_capacity(self, name: str, failing_starts: int) -> None:
        """Make the next starts of an instance without a supervisor end in ``Failed``, for lack of capacity."""
        self.control("PUT", f"capacity/{name}", {"failing_starts": failing_starts})

    def deliveries(self, schedule: str) -> list[dict[str, Any]]:
        """Return the calls of a schedule so far: ``due``, ``taken``, and one entry in ``errors`` for each failed attempt."""
        return [delivery for delivery in self.control("GET", "deliveries") if delivery["schedule"] == schedule]

    def requests(self) -> dict[str, int]:
        """Return the number of requests so far, by operation."""
        return dict(self.control("GET", "requests"))

    def client(self, service: str) -> Any:
        """Return a boto3 client for a service of the emulated AWS; it is created once."""
        if service not in self._clients:
            import boto3
            from botocore.config import Config

            self._clients[service] = boto3.client(
                service,
                endpoint_url=self.url,
                region_name=REGION,
                aws_access_key_id="sandbox",
                aws_secret_access_key="sandbox",  # noqa: S106  nothing checks it
                config=Config(retries={"total_max_attempts": 1}, proxies={}),
            )
        return self._clients[service]
