"""A real HTTPS server for policy documents, whose responses a test chooses; and keys to sign with."""

import base64
import contextlib
import ipaddress
import json
import ssl
import subprocess
import threading
from datetime import datetime, timedelta, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from jupyter_nb_updater.util.clock import to_text

JSON = {"Content-Type": "application/json"}


def write(serial=7, **fields):
    """Return a valid document as bytes."""
    now = datetime.now(timezone.utc)
    times = {"issued": to_text(now - timedelta(days=1)), "expires": to_text(now + timedelta(days=90))}
    required = {"version": 1, "serial": serial, "organization": "Example Bank"}
    return json.dumps({**required, **times, "age": {"advised_days": 20, "max_days": 40}, **fields}).encode()


def make_certificate(folder):
    """Create a self-signed certificate for 127.0.0.1; return the paths of the certificate and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(timezone.utc)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    chain, private = folder / "ca.pem", folder / "ca.key"
    chain.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
        )
    )
    return chain, private


class Signer:
    """A key pair of openssl, created and used as in the guide."""

    def __init__(self, folder, name):
        self.private, self.public = folder / f"{name}.key", folder / f"{name}.pem"
        run("openssl", "ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", self.private)
        run("openssl", "ec", "-in", self.private, "-pubout", "-out", self.public)

    def sign(self, content):
        """Return the detached signature in base64."""
        made = run("openssl", "dgst", "-sha256", "-sign", self.private, content=content)
        return base64.b64encode(made) + b"\n"


def run(*command, content=None):
    """Run a program and return its output."""
    return subprocess.run([str(word) for word in command], input=content, capture_output=True, timeout=30, check=True).stdout


class Publisher:
    """A server with a handler function for each path."""

    def __init__(self, chain=None, private=None):
        self.answers, self.asked, self.sent = {}, [], 0
        self.ended = threading.Event()
        publisher = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                publisher.asked.append((self.path, dict(self.headers)))
                try:
                    publisher.answers.get(self.path, missing)(self)
                except OSError:  # the other side has had enough
                    self.close_connection = True

            def log_message(self, *_):
                pass

        context = None
        if chain:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(chain, private)

        class Server(ThreadingHTTPServer):
            daemon_threads = False  # `server_close` waits for them: each closes its connection

            def finish_request(self, request, client_address):
                if context is None:
                    super().finish_request(request, client_address)
                    return
                # In the connection's own thread, and closed whatever comes of it: a client that has gone keeps nobody waiting.
                with context.wrap_socket(request, server_side=True, do_handshake_on_connect=False) as secure:
                    secure.do_handshake()
                    super().finish_request(secure, client_address)

            def handle_error(self, *_):
                pass

        self._server = Server(("127.0.0.1", 0), Handler)
        scheme = "https" if chain else "http"
        self.base = f"{scheme}://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        self._thread.start()

    def close(self):
        self.ended.set()
        self._server.shutdown()
        self._thread.join()
        self._turn_away()
        self._server.server_close()

    def _turn_away(self):
        """Close connections that are not served yet.

        A reset before the handshake makes Python's ssl leave a client's socket open (``SSLSocket._create``), also that of our
        fetch.
        """
        if self._server.socket.fileno() == -1:  # closed already
            return
        self._server.socket.settimeout(0)
        with contextlib.suppress(BlockingIOError):
            while True:
                waiting, _ = self._server.socket.accept()
                with waiting, contextlib.suppress(OSError):
                    waiting.settimeout(1)
                    waiting.recv(65536)

    def put(self, content, path="/document.json", status=200, **headers):
        """Publish content with an ETag that is honored."""
        tag = f'"{hash(content)}"'

        def answer(handler):
            if handler.headers.get("If-None-Match") == tag:
                return reply(handler, 304, b"", {"ETag": tag})
            return reply(handler, status, content, {**JSON, "ETag": tag, **headers})

        self.answers[path] = answer

    def redirect(self, target, path="/document.json"):
        self.answers[path] = lambda handler: reply(handler, 302, b"", {"Location": target})

    def stream(self, path="/document.json"):
        """Publish an endless body."""

        def answer(handler):
            handler.send_response(200)
            handler.send_header("Content-Type", "application/json")
            handler.end_headers()
            while not self.ended.is_set():
                handler.wfile.write(b" " * 65536)
                self.sent += 65536

        self.answers[path] = answer

    def drip(self, path="/document.json", *, headers=False):
        """Send a byte from time to time: of the body, or of the headers."""

        def answer(handler):
            if not headers:
                handler.send_response(200)
                handler.send_header("Content-Type", "application/json")
                handler.send_header("Content-Length", "100000")
                handler.end_headers()
            else:
                handler.wfile.write(b"HTTP/1.0 200 OK\r\nX-Slow: ")
            while not self.ended.wait(0.05):
                handler.wfile.write(b"x")
                handler.wfile.flush()
                self.sent += 1

        self.answers[path] = answer


def reply(handler, status, content, headers):
    handler.send_response(status)
    for name, value in headers.items():
        handler.send_header(name, value)
    if "Content-Length" not in headers:
        handler.send_header("Content-Length", str(len(content)))
    handler.end_headers()
    handler.wfile.write(content)


def missing(handler):
    reply(handler, 404, b"not here", {"Content-Type": "text/html"})
