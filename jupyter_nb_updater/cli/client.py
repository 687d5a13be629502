"""Call the running Jupyter server of this instance, from a program on the instance."""

from __future__ import annotations

import ipaddress
import socket
import warnings
from abc import abstractmethod
from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import requests
from jupyter_server.serverapp import list_running_servers
from urllib3.exceptions import InsecureRequestWarning

from .base import Command, ExitCode
from .phrases import NOT_RESTORED

TIMEOUT_SECONDS = 15.0

LISTENS_EVERYWHERE = {"", "*", "0.0.0.0", "::"}  # noqa: S104  compared, never bound
"""Values of ``ServerApp.ip`` with which Jupyter listens on every address."""


class ServerNotFound(Exception):
    """No Jupyter server with this extension is running."""


class ServerError(Exception):
    """The server answered with an error. The message is what a person reads."""


class ServerAddress(NamedTuple):
    """Where a server can be reached, and whether that is on this machine."""

    url: str
    is_local: bool


def server_address(running: Mapping[str, Any]) -> ServerAddress:
    """Return where to connect to a server of this machine.

    A notebook instance runs Jupyter with ``--ip=0.0.0.0``. The server's own file then names the machine by its host name
    (``ServerApp.connection_url``), which a VPC need not resolve. May ask the resolver.

    Args:
        running: content of the server's own file, as ``list_running_servers`` returns it.
    """
    url = str(running["url"])
    parts = urlsplit(url)
    name = parts.hostname or ""
    if parts.scheme not in {"http", "https"}:
        return ServerAddress(url, is_local=False)
    addresses = {"127.0.0.1"} if {name, running.get("hostname", name)} & LISTENS_EVERYWHERE else _addresses(name)
    if not all(map(_is_of_this_machine, addresses)):
        return ServerAddress(url, is_local=False)
    address = min(addresses, key=lambda one: (":" in one, one), default="127.0.0.1")  # the default: nobody has the name
    host = f"[{address}]" if ":" in address else address
    return ServerAddress(parts._replace(netloc=f"{host}:{parts.port}" if parts.port else host).geturl(), is_local=True)


def _addresses(name: str) -> set[str]:
    """Return the addresses of a host; none if its name does not resolve."""
    try:
        return {str(found[4][0]) for found in socket.getaddrinfo(name, None, type=socket.SOCK_STREAM)}
    except (OSError, UnicodeError):
        return set()


def _is_of_this_machine(address: str) -> bool:
    """Check whether an address is loopback, or one of this machine's own. Sends nothing.

    Linux talks to its own addresses from the very same address. Connecting a UDP socket only selects that address.
    """
    if ipaddress.ip_address(address.partition("%")[0]).is_loopback:
        return True
    with socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect((address, 9))
            return bool(probe.getsockname()[0] == address)
        except OSError:
            return False


class ServerClient:
    """Calls the routes of one server, as Jupyter expects it of a client that is not a browser.

    Args:
        address: of the server.
        token: its token; empty for none.
    """

    def __init__(self, address: ServerAddress, token: str) -> None:
        self._url, self._session = address.url.rstrip("/") + "/nb-updater", requests.Session()
        self._session.trust_env = False  # the server is on this machine: no proxy
        # A notebook instance serves https with a self-signed certificate (AWS's auto-stop-idle sample does not verify it
        # either). Nobody can intercept a connection that does not leave the machine.
        self._session.verify = not address.is_local
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
        server = ServerClient(server_address(running), running.get("token", ""))
        try:
            server.call("GET", "state")
        except (requests.RequestException, ServerError):
            continue
        return server
    raise ServerNotFound(
        "No Jupyter server with jupyter_nb_updater is running here. Look at `jupyter server list` and at "
        "`jupyter server extension list`."
    )


BY_HELP = "Your name, for your colleagues. The instance remembers it; nothing verifies it."


def named(by: str) -> dict[str, str]:
    """Return the part of a request that names a person; nothing if no name was given.

    Args:
        by: the name.
    """
    return {"by": by} if by else {}


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
