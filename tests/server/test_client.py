"""How the command line finds and calls the running server."""

import json
import ssl
import threading
from datetime import datetime, timedelta, timezone
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from jupyter_nb_updater.cli.client import ServerClient


class Answers(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps({"header": self.headers.get("X-Nb-Updater")}).encode())

    def log_message(self, *words):
        """Log nothing."""


@pytest.fixture
def self_signed(tmp_path):
    """Start an https server on loopback with a self-signed certificate, as on a notebook instance."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "n")])
    now = datetime.now(timezone.utc)
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    made = made.serial_number(1).not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
    plain = serialization.NoEncryption()
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    path = tmp_path / "server.pem"
    path.write_bytes(pem + made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    server = HTTPServer(("127.0.0.1", 0), Answers)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield f"https://127.0.0.1:{server.server_port}/"
    server.shutdown()
    thread.join()
    server.server_close()


def test_the_servers_own_certificate_is_taken_on_loopback(self_signed):
    assert ServerClient(self_signed, "").call("GET", "state") == {"header": "1"}


def test_anywhere_else_a_certificate_must_be_signed(self_signed, monkeypatch):
    monkeypatch.setattr("jupyter_nb_updater.cli.client.LOOPBACK", set())
    with pytest.raises(requests.exceptions.SSLError):
        ServerClient(self_signed, "").call("GET", "state")
