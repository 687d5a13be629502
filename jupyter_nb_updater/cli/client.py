"""Call the running Jupyter server of this instance, from a program on the instance."""

from __future__ import annotations

import warnings
from abc import abstractmethod
from typing import Any
from urllib.parse import urlsplit

import requests
from jupyter_server.serverapp import list_running_servers
from urllib3.exceptions import InsecureRequestWarning

from .base import Command, ExitCode
from .phrases import NOT_RESTORED

TIMEOUT_SECONDS = 15.0
LOOPBACK = {"localhost", "127.0.0.1", "::1"}


class ServerNotFound(Exception):
    """No Jupyter server with this extension is running."""


class ServerError(Exception):
    """The server answered with an error. The message is what a person reads."""


class ServerClient:
    """Calls the routes of one server, as Jupyter expects it of a client that is not a browser.

    Args:
        url: address of the server.
        token: its token; empty for none.
    """

    def __init__(self, url: str, token: str) -> None:
        self._url, self._session = url.rstrip("/") + "/nb-updater", requests.Session()
        self._session.trust_env = False  # the server is on this machine: no proxy
        # A notebook instance serves https://localhost:8443 with a self-signed certificate (AWS's auto-stop-idle sample does not
        # verify it either). On loopback nobody can intercept the connection.
        self._session.verify = urlsplit(url).hostname not in LOOPBACK
        self._session.headers["X-Nb-Updater"] = "1"
        if token:
            self._session.headers["Authorization"] = f"token {token}"

    def call(self, verb: str, route: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        """Send one request and return the answer.

        Args:
            verb: HTTP method.
            route: path below ``/nb-updater``.
            body: sent as JSON; ``None`` for no body.

        Raises:
            ServerError: the server refused the request.
            requests.RequestException: the server did not answer. :func:`request_error_text` describes it.
        """
        # Without a token the server wants its XSRF cookie back as a header; the first answer sets it.
        headers = {"X-XSRFToken": cookie} if (cookie := self._session.cookies.get("_xsrf")) else {}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", InsecureRequestWarning)  # intended, see above
            response = self._session.request(verb, f"{self._url}/{route}", json=body, headers=headers, timeout=TIMEOUT_SECONDS)
        try:
            content = response.json()
        except ValueError:
            content = {}
        if not response.ok or not isinstance(content, dict):
            raise ServerError(_refusal(response, content if isinstance(content, dict) else {}))
        return content


def find_server() -> ServerClient:
    """Return the first running server that has this extension.

    Raises:
        ServerNotFound: none has.
    """
    for running in list_running_servers():
        server = ServerClient(running["url"], running.get("token", ""))
        try:
            server.call("GET", "state")
        except (requests.RequestException, ServerError):
            continue
        return server
    raise ServerNotFound(
        "No Jupyter server with jupyter_nb_updater is running here. Look at `jupyter server list` and at "
        "`jupyter server extension list`."
    )


class ServerCommand(Command):
    """A command that calls the running Jupyter server."""

    def run(self) -> ExitCode:
        """Check the options, run the command, and turn errors into messages and exit codes."""
        if message := self.validation_error():
            self.error(message)
            return ExitCode.USAGE
        try:
            return self.act(find_server())
        except (ServerNotFound, ServerError) as error:
            self.error(str(error))
        except requests.RequestException as error:
            self.error(request_error_text(error))
        return ExitCode.FAILED

    def validation_error(self) -> str:
        """Return what is wrong with the options; empty when they are valid."""
        return ""

    @abstractmethod
    def act(self, server: ServerClient) -> ExitCode:
        """Run the command and return its exit code.

        Args:
            server: the running server.

        Raises:
            ServerError: the server refused a request.
            requests.RequestException: the server did not answer.
        """


def request_error_text(error: requests.RequestException) -> str:
    """Return why the server did not answer, and the next step. A request that was sent may have been carried out.

    Args:
        error: of the request.
    """
    late = f" within {TIMEOUT_SECONDS:g} seconds" if isinstance(error, requests.Timeout) else ""
    problem = f"The Jupyter server did not answer{late}."
    if error.request is not None and error.request.method == "GET":
        return f"{problem} Try again."
    return f"{problem} The request may have been carried out: look at `jupyter nb-updater journal` before you try again."


def _refusal(response: requests.Response, content: dict[str, Any]) -> str:
    reason = NOT_RESTORED.get(content.get("detail", "")) if content.get("code") == "not-saved" else None
    said = reason or content.get("message") or f"{response.reason} ({response.status_code})"
    return f"The Jupyter server refused the request: {said}."
