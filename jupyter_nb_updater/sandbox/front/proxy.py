"""Pass requests and WebSockets on to Jupyter, as AWS's front does: with another ``Host``, and only within a session.

aiohttp does the proxying, on both sides. Bodies are streamed, and neither unpacked nor packed again.
"""

from __future__ import annotations

import asyncio
import hmac
import ssl
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from aiohttp import (
    ClientError,
    ClientSession,
    ClientTimeout,
    DummyCookieJar,
    TCPConnector,
    WSCloseCode,
    WSMsgType,
    WSServerHandshakeError,
    web,
)
from multidict import CIMultiDict
from yarl import URL

if TYPE_CHECKING:
    from aiohttp import ClientResponse, ClientWebSocketResponse

    from ..machine.filesystem import Machine
    from ..options import FrontOptions
    from .sessions import FrontSessions

    Socket = web.WebSocketResponse | ClientWebSocketResponse

ENTRANCE = "/enter/"
"""Path of the sandbox's own address: its secret follows, then the path on the instance."""
TOKEN_PARAMETER = "authToken"  # noqa: S105  a name; seen in links of the AWS console
CONNECT_SECONDS = 10.0
NEVER_SENT = {1005, 1006, 1015}
"""Codes for a WebSocket that ended without one (RFC 6455, 7.4.1: not to be sent)."""
SMALL_BYTES = 1 << 16
"""A response up to this size is sent in one piece."""

HOP_BY_HOP = {
    "Connection", "Keep-Alive", "Proxy-Authenticate", "Proxy-Authorization", "Proxy-Connection", "TE", "Trailer",
    "Transfer-Encoding", "Upgrade",
}  # fmt: skip
"""Headers for one connection only (RFC 9110, 7.6.1)."""
HANDSHAKE = {"Sec-WebSocket-Key", "Sec-WebSocket-Version", "Sec-WebSocket-Extensions", "Sec-WebSocket-Protocol"}
"""Headers of a WebSocket's handshake, which each side has of its own (RFC 6455)."""
KNOWN_HEADERS = {
    name.lower()
    for name in (
        "Accept", "Accept-Encoding", "Accept-Language", "Authorization", "Cache-Control", "Content-Encoding", "Content-Length",
        "Content-Type", "Cookie", "Host", "If-Match", "If-Modified-Since", "If-None-Match", "If-Unmodified-Since", "Origin",
        "Pragma", "Range", "Referer", "User-Agent", "X-XSRFToken",
    )
}  # fmt: skip
"""What is left when unknown headers are stripped."""


@dataclass(frozen=True)
class PassedOn:
    """A request that may pass: its path on the instance, and for how long its session is open."""

    path: str
    seconds: float | None = None


class Proxy:
    """Answers every request at the front.

    Args:
        options: what the front does to requests.
        machine: the instance behind it.
        sessions: who may pass.
        secret: of the sandbox's own address.
        port: port of the front, which keeps the cookies of two sandboxes apart.
    """

    def __init__(self, options: FrontOptions, machine: Machine, sessions: FrontSessions, secret: str, port: int) -> None:
        self._options, self._machine, self._sessions, self._secret = options, machine, sessions, secret
        self._cookie = f"sandbox-session-{port}"
        self._tunnels: set[asyncio.Transport] = set()
        tls = ssl.create_default_context()
        tls.check_hostname, tls.verify_mode = False, ssl.CERT_NONE  # self-signed, another one at each boot, and loopback
        self._client = ClientSession(
            connector=TCPConnector(ssl=tls, limit=0, keepalive_timeout=60),
            cookie_jar=DummyCookieJar(),
            auto_decompress=False,
            timeout=ClientTimeout(total=None, sock_connect=CONNECT_SECONDS),
            skip_auto_headers=("User-Agent", "Accept", "Accept-Encoding", "Content-Type"),
        )

    async def close(self) -> None:
        """Close all connections."""
        self.cut()
        await self._client.close()

    def cut(self) -> None:
        """Cut all WebSockets."""
        for transport in list(self._tunnels):
            transport.abort()

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer one request."""
        checked = self._checked(request)
        if not isinstance(checked, PassedOn):
            return checked
        if self._options.delay_seconds:
            await asyncio.sleep(self._options.delay_seconds)
        url = URL(self._machine.url.rstrip("/") + checked.path, encoded=True)
        try:
            if request.headers.get("Upgrade", "").lower() == "websocket":
                return await self._tunnel(request, url, checked.seconds)
            return await self._exchange(request, url)
        except WSServerHandshakeError as error:
            return web.Response(status=error.status, text=f"{error.status}\n")
        except (ClientError, OSError, asyncio.TimeoutError):
            return self._unreachable()

    def _checked(self, request: web.BaseRequest) -> PassedOn | web.Response:
        """Decide whether a request may pass. A browser that enters is sent on to the page, with the cookie of its session."""
        now, boot, path = time.time(), self._machine.boots, request.raw_path
        if path.startswith(ENTRANCE):
            secret, _, rest = path.removeprefix(ENTRANCE).partition("/")
            if not hmac.compare_digest(secret.encode(), self._secret.encode()):
                return _refusal()
            if "text/html" not in request.headers.get("Accept", ""):
                return PassedOn(f"/{rest}")  # a program, which need not keep cookies
            return self._entered(f"/{rest}", self._sessions.begin(self._options.session_seconds, now, boot))
        if token := request.query.get(TOKEN_PARAMETER):
            session = self._sessions.redeem(token, now, boot)
            return self._entered(_without_token(request.rel_url), session) if session else _refusal()
        left = self._sessions.seconds_left(request.cookies.get(self._cookie, ""), now, boot)
        return _refusal() if left is None else PassedOn(path, left)

    def _entered(self, path: str, session: str) -> web.Response:
        response = web.Response(
            status=302, headers={"Location": path, "Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
        )
        response.set_cookie(self._cookie, session, httponly=True, samesite="Lax", path="/")
        return response

    def _unreachable(self) -> web.Response:
        """Answer for an instance that does not respond: 400 without a machine, 502 while Jupyter is not listening."""
        status = 502 if self._machine.run.is_dir() else 400
        return web.Response(status=status, text=f"{status} {'Bad Gateway' if status == 502 else 'Bad Request'}\n")  # noqa: PLR2004

    def _headers(self, request: web.BaseRequest, without: set[str]) -> CIMultiDict[str]:
        """Return the headers that Jupyter receives."""
        headers = CIMultiDict(request.headers)
        for name in without:
            headers.popall(name, None)
        headers["Host"] = self._machine.host
        if cookies := _without_cookie(headers.pop("Cookie", ""), self._cookie):
            headers["Cookie"] = cookies
        return CIMultiDict((name, value) for name, value in headers.items() if self._keeps(name.lower()))

    def _keeps(self, name: str) -> bool:
        """Check whether a header reaches Jupyter.

        Args:
            name: in lower case.
        """
        if self._options.strip_fetch_metadata and name.startswith("sec-fetch-"):
            return False
        return not self._options.strip_unknown_headers or name in KNOWN_HEADERS or name.startswith("sec-")

    async def _exchange(self, request: web.BaseRequest, url: URL) -> web.StreamResponse:
        """Pass a request on, and its response back."""
        body = request.content if request.body_exists else None
        headers = self._headers(request, HOP_BY_HOP)
        async with self._client.request(request.method, url, headers=headers, data=body, allow_redirects=False) as answer:
            headers = CIMultiDict((name, _public(name, value)) for name, value in answer.headers.items())
            for name in HOP_BY_HOP:
                headers.popall(name, None)
            size = answer.content_length
            if request.method != "HEAD" and (self._options.buffer or (size is not None and size <= SMALL_BYTES)):
                content = await answer.read()
                headers.popall("Content-Length", None)
                return web.Response(status=answer.status, reason=answer.reason, headers=headers, body=content)
            return await _stream(request, answer, headers)

    async def _tunnel(self, request: web.BaseRequest, url: URL, seconds: float | None) -> web.StreamResponse:
        """Connect a WebSocket with one of Jupyter's, until one of them ends or its time is over."""
        protocols = [name.strip() for name in request.headers.get("Sec-WebSocket-Protocol", "").split(",") if name.strip()]
        headers = self._headers(request, HOP_BY_HOP | HANDSHAKE)
        async with self._client.ws_connect(
            url, protocols=protocols, headers=headers, autoping=False, max_msg_size=0, compress=0
        ) as jupyter:
            chosen = (jupyter.protocol,) if jupyter.protocol else ()
            browser = web.WebSocketResponse(protocols=chosen, autoping=False, compress=False, max_msg_size=0)
            await browser.prepare(request)
            transport = request.transport
            assert transport is not None  # noqa: S101  it has just been written to
            self._tunnels.add(transport)
            pumps = [asyncio.ensure_future(_pump(*ends)) for ends in ((browser, jupyter), (jupyter, browser))]
            limits = [limit for limit in (self._options.cut_sockets_seconds, seconds) if limit is not None]
            try:
                ended, _ = await asyncio.wait(pumps, timeout=min(limits, default=None), return_when=asyncio.FIRST_COMPLETED)
                if not ended:
                    transport.abort()
            finally:
                self._tunnels.discard(transport)
                for pump in pumps:
                    pump.cancel()
                await asyncio.gather(*pumps, return_exceptions=True)
        return browser


async def _stream(request: web.BaseRequest, answer: ClientResponse, headers: CIMultiDict[str]) -> web.StreamResponse:
    """Pass a response on as it comes. If it breaks off, so does ours."""
    response = web.StreamResponse(status=answer.status, reason=answer.reason, headers=headers)
    await response.prepare(request)
    try:
        async for part in answer.content.iter_any():
            await response.write(part)
        await response.write_eof()
    except (ClientError, OSError):
        if request.transport is not None:
            request.transport.abort()
    return response


async def _pump(source: Socket, target: Socket) -> None:
    """Pass the messages of one WebSocket on to another, and its end."""
    with suppress(ConnectionError):
        async for message in source:
            if message.type is WSMsgType.TEXT:
                await target.send_str(message.data)
            elif message.type is WSMsgType.BINARY:
                await target.send_bytes(message.data)
            elif message.type is WSMsgType.PING:
                await target.ping(message.data)
            elif message.type is WSMsgType.PONG:
                await target.pong(message.data)
        code = source.close_code
        await target.close(code=WSCloseCode.GOING_AWAY if code is None or code in NEVER_SENT else code)


def _refusal() -> web.Response:
    return web.Response(status=403, text="403 Forbidden: there is no open session. Open the instance by a link.\n")


def _without_token(url: URL) -> str:
    """Return the path and query of a presigned link without its token."""
    return str(url.without_query_params(TOKEN_PARAMETER)) or "/"


def _public(name: str, value: str) -> str:
    """Return the value of a response header for a browser: cookies that are not for HTTPS only, because the front has HTTP."""
    return value.replace("; Secure", "") if name.lower() == "set-cookie" else value


def _without_cookie(cookies: str, name: str) -> str:
    """Return the header ``Cookie`` without the cookie of this name, which is not Jupyter's business."""
    kept = [cookie for cookie in cookies.split(";") if cookie.strip().partition("=")[0] != name]
    return ";".join(kept).strip()
