"""How the command line finds and calls the running server."""

import json
import os
import socket
import ssl
import subprocess
import sys
import threading
from datetime import datetime, timedelta, timezone
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from jupyter_nb_updater.cli.base import ExitCode
from jupyter_nb_updater.cli.client import ServerAddress, ServerClient, server_address
from tests.wait import eventually

ROOT = Path(__file__).parent.parent.parent


class Answers(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps({"header": self.headers.get("X-Nb-Updater")}).encode())

    def log_message(self, *words):
        """Log nothing."""


@pytest.fixture
def certificate_file(tmp_path):
    """Return a key with a self-signed certificate, in one file."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "n")])
    now = datetime.now(timezone.utc)
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    made = made.serial_number(1).not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
    plain = serialization.NoEncryption()
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    path = tmp_path / "server.pem"
    path.write_bytes(pem + made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
    return path


@pytest.fixture
def self_signed(certificate_file):
    """Start an https server on loopback with a self-signed certificate, as on a notebook instance."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate_file)
    server = HTTPServer(("127.0.0.1", 0), Answers)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield f"https://127.0.0.1:{server.server_port}/"
    server.shutdown()
    thread.join()
    server.server_close()


UNRESOLVABLE = "ip-172-16-0-9.ec2.invalid"
OTHER_MACHINE = "203.0.113.9"  # RFC 5737: nobody's


@pytest.mark.parametrize(
    ("listens", "url", "address"),
    [
        ("0.0.0.0", f"https://{UNRESOLVABLE}:8443/", "https://127.0.0.1:8443/"),
        ("0.0.0.0", f"https://{OTHER_MACHINE}:8443/a/", "https://127.0.0.1:8443/a/"),
        ("0.0.0.0", "https://0.0.0.0:8443/", "https://127.0.0.1:8443/"),
        ("::", "https://[::]:8443/", "https://127.0.0.1:8443/"),
        (UNRESOLVABLE, f"https://{UNRESOLVABLE}:8443/", "https://127.0.0.1:8443/"),
        ("localhost", "http://localhost:8888/user/x/", "http://127.0.0.1:8888/user/x/"),
        ("::1", "http://[::1]:8888/", "http://[::1]:8888/"),
        ("127.0.0.2", "http://127.0.0.2/", "http://127.0.0.2/"),
    ],
)
def test_a_server_of_this_machine_is_called_on_this_machine(listens, url, address):
    assert server_address({"url": url, "hostname": listens}) == ServerAddress(address, is_local=True)


def test_a_server_on_one_of_our_own_addresses_is_called_there():
    found = server_address({"url": f"https://{socket.gethostname()}:8443/", "hostname": socket.gethostname()})
    assert (found.is_local, UNRESOLVABLE in found.url) == (True, False)


@pytest.mark.parametrize(
    "url", [f"https://{OTHER_MACHINE}:8443/", "https://[2001:db8::9]:8443/", "http+unix://%2Ftmp%2Fa.sock/"]
)
def test_any_other_server_is_called_as_it_says(url):
    name = url.partition("://")[2].partition(":")[0]
    assert server_address({"url": url, "hostname": name}) == ServerAddress(url, is_local=False)


def test_the_servers_own_certificate_is_taken_on_loopback(self_signed):
    address = server_address({"url": self_signed, "hostname": "127.0.0.1"})
    assert ServerClient(address, "").call("GET", "state") == {"header": "1"}


def test_anywhere_else_a_certificate_must_be_signed(self_signed):
    with pytest.raises(requests.exceptions.SSLError):
        ServerClient(ServerAddress(self_signed, is_local=False), "").call("GET", "state")


@pytest.fixture
def instance(tmp_path, certificate_file, nb_updater_config, monkeypatch):
    """Start Jupyter as on a notebook instance: on every address, with a self-signed certificate and without a token.

    Its own file names a machine that does not resolve. Return a function that runs a command in its terminal.
    """
    config, runtime = tmp_path / "config", tmp_path / "runtime"
    config.mkdir()
    enabled = {"ServerApp": {"jpserver_extensions": {"jupyter_nb_updater": True}}}
    (config / "jupyter_server_config.json").write_text(json.dumps(enabled))
    (config / "jupyter_nb_updater_config.json").write_text(json.dumps(nb_updater_config))
    folders = {"HOME": str(tmp_path), "JUPYTER_CONFIG_DIR": str(config), "JUPYTER_RUNTIME_DIR": str(runtime)}
    environment = {**os.environ, **folders, "JUPYTER_NO_CONFIG": "", "PYTHONPATH": str(ROOT)}
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = (f"port={port}", "ip=0.0.0.0", f"certfile={certificate_file}", f"root_dir={tmp_path}")
    words = ["--allow-root", "--no-browser", "--IdentityProvider.token=", *(f"--ServerApp.{option}" for option in options)]
    log = tmp_path / "server.log"
    with log.open("wb") as output:
        command = [sys.executable, "-m", "jupyter_server", *words]
        server = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT, env=environment, cwd=tmp_path)
    info = runtime / f"jpserver-{server.pid}.json"
    try:
        eventually(lambda: info.exists() and info.read_text().endswith("}"), 30, what=log.read_text)
        content = json.loads(info.read_text())
        info.write_text(json.dumps({**content, "url": f"https://{UNRESOLVABLE}:{port}/"}))
        assert content["hostname"] == "0.0.0.0"

        def run(*arguments):
            command = [sys.executable, "-m", "jupyter_nb_updater.cli.app", *arguments]
            return subprocess.run(
                command, capture_output=True, text=True, timeout=60, check=False, env=environment, cwd=tmp_path
            )

        eventually(lambda: "No Jupyter server" not in run("hold", "--release").stderr, 30, what=log.read_text)
        yield run
    finally:
        server.terminate()
        server.wait(20)


def test_every_command_reaches_a_server_whose_name_does_not_resolve(instance):
    assert instance("hold", "--until=18:00", "--reason=training").returncode == ExitCode.CURRENT
    assert instance("hold", "--release").returncode == ExitCode.CURRENT
    assert "git" in instance("restore").stdout
    assert instance("packages").returncode == ExitCode.CURRENT
    assert "A Jupyter server with this extension is running." in instance("doctor").stdout
    assert "released" in instance("journal").stdout
    assert instance("status").returncode == ExitCode.DUE
    waits = instance("restart", "--when=idle", "--accept-losses")
    assert (waits.returncode, "once the instance is idle" in waits.stdout) == (ExitCode.CURRENT, True), waits.stderr
