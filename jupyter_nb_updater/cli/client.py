"""Call the running Jupyter server of this instance, from a program on the instance."""

from __future__ import annotations

import warnings
from typing import Any
from urllib.parse import urlsplit

import requests
from jupyter_server.serverapp import list_running_servers
from urllib3.exceptions import InsecureRequestWarning

TIMEOUT_SECONDS = 15.0
LOOPBACK = {"localhost", "127.0.0.1", "::1"}


class ServerNotFound(Exception):
    """No Jupyter server with this extension is running."""


class ServerError(Exception):
    """The server answered with an error, of this extension or its own."""


class ServerClient:
    """Calls the routes of one server, as Jupyter expects it of a client that is no browser.

    Args:
        url: address of the server.
        token: its token; empty for none.
    """

    def __init__(self, url: str, token: str) -> None:
        self._url, self._session = url.rstrip("/") + "/nb-updater", requests.Session()
        self._session.trust_env = False  # never through a proxy: it is on this machine
        # A notebook instance serves https://localhost:8443 with a certificate of its own making (AWS's auto-stop-idle sample
        # does not verify it either); on loopback there is nobody in between.
        self._session.verify = urlsplit(url).hostname not in LOOPBACK
        self._session.headers["X-Nb-Updater"] = "1"
        if token:
            self._session.headers["Authorization"] = f"token {token}"

    def call(self, verb: str, route: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        """Send one request and return the answer.

        Raises:
            ServerError: an error, in the server's own words.
            requests.RequestException: no answer.
        """
        # Without a token the server wants its XSRF cookie back as a header; the first answer sets it.
        headers = {"X-XSRFToken": cookie} if (cookie := self._session.cookies.get("_xsrf")) else {}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", InsecureRequestWarning)  # see above: it is meant
            response = self._session.request(verb, f"{self._url}/{route}", json=body, headers=headers, timeout=TIMEOUT_SECONDS)
        try:
            content = response.json()
        except ValueError:
            content = {}
        if not response.ok or not isinstance(content, dict):
            raise ServerError(f"{verb} {route}: {content.get('message') or response.reason} ({response.status_code})")
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
    raise ServerNotFound("no Jupyter server with jupyter_nb_updater is running here; see `jupyter server list`")
