"""Jupyter on the emulated machine: its configuration, and what AWS's image has around it.

Sources are in ``docs/sandbox.md``. The configuration of the extension names files by path, because only root could write the
real ones.
"""

from __future__ import annotations

import json
import shutil
from datetime import timedelta
from pathlib import Path
from typing import Any

from ...util.clock import utcnow
from . import network
from .filesystem import Machine, write

PROGRAMS = {
    "ServerApp": "jupyter_server",
    "FileContentsManager": "jupyter_server",
    "YDocExtension": "jupyter_server",
    "LabApp": "jupyter_lab",
    "JupyterNotebookApp": "jupyter_notebook",
}
"""Program whose configuration file contains the settings of a class. All other classes belong to the extension."""

NETWORK_MODULE = "nb_updater_sandbox_network"

LOGIN_HANDLER = "sagemaker_nbi_agent.jupyter_overrides.login_handler.SageMakerNotebookLoginHandler"
LOGIN_HANDLER_CODE = '''"""Stands for AWS's login handler: anybody whom the front lets pass is an anonymous user."""

import uuid

from jupyter_server.auth.login import LegacyLoginHandler
from jupyter_server.auth.utils import moons_of_jupyter


class SageMakerNotebookLoginHandler(LegacyLoginHandler):
    """Gives each browser a random name, until its cookie ends."""

    @classmethod
    def get_user(cls, handler):
        user = cls.get_user_cookie(handler) or cls.set_login_cookie(handler, uuid.uuid4().hex)
        name = f"Anonymous {moons_of_jupyter[int(user, 16) % len(moons_of_jupyter)]}"
        return {"username": user, "name": name, "display_name": name}
'''


def configure(machine: Machine, traits: dict[str, Any]) -> None:
    """Configure Jupyter as on a notebook instance: an empty token, the XSRF check, and AWS's front before it if there is one.

    The empty token was seen in public logs of notebook instances. ``news_url`` only avoids a request to the internet, and
    ``buildCheck`` a run of Node.js for each page, with which JupyterLab checks whether it can be rebuilt.

    Args:
        machine: the machine, whose environments exist.
        traits: settings of the extension and of Jupyter (``PROGRAMS``): class to trait to value.
    """
    files: dict[str, dict[str, Any]] = {
        "jupyter_server": _server(machine),
        "jupyter_lab": {"LabApp": {"news_url": None, "check_for_updates_class": "jupyterlab.NeverCheckForUpdate"}},
        "jupyter_notebook": {},
        "jupyter_nb_updater": {
            "InstanceMetadata": {"path": str(machine.metadata)},
            "BootClock": {"stat_path": str(machine.stat), "id_path": str(machine.boot_id)},
            "Software": {"release_path": str(machine.release)},
            "TrustedOrigins": {"config_path": str(machine.instance_config)},
            "OsReleaseSource": {"dnf": str(machine.dnf)},  # never that of this computer
            "FactCollector": {"root_path": str(machine.root)},
        },
    }
    if machine.public_name is not None:
        _put_behind_front(machine, machine.public_name)
    for name, values in traits.items():
        file = files[PROGRAMS.get(name, "jupyter_nb_updater")]
        file[name] = file.get(name, {}) | values
    for app, content in files.items():
        write(machine.configuration / f"{app}_config.json", json.dumps(content, indent=2))
    kernel = machine.system / "share" / "jupyter" / "kernels" / "python3" / "kernel.json"
    argv = [str(machine.kernel / "bin" / "python"), "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    spec = {"argv": argv, "display_name": "Python 3 (ipykernel)", "language": "python", "metadata": {"debugger": True}}
    write(kernel, json.dumps(spec))


def _server(machine: Machine) -> dict[str, Any]:
    server = {
        "ip": "127.0.0.1",
        "port": machine.port,
        "port_retries": 0,
        "root_dir": str(machine.home / "SageMaker"),
        "open_browser": False,
        "allow_root": True,
        "tornado_settings": {"page_config_data": {"buildCheck": False}},
    }
    if machine.public_name is not None:
        pattern = (
            {"allow_origin": "*"} if machine.allows_any_origin else {"allow_origin_pat": notebook_uri(machine.public_name)}
        )
        server |= {"login_handler_class": LOGIN_HANDLER, **pattern}
    return {"ServerApp": server, "IdentityProvider": {"token": ""}}


def notebook_uri(public_name: str) -> str:
    """Return the pattern of the public address, in the form of AWS's file: the name twice, and no dot escaped."""
    return rf"http:\/\/({public_name}|{public_name})"


def arguments(machine: Machine) -> list[str]:
    """Return the command that starts Jupyter. Behind AWS's front it names the wildcard address, as AWS's start script does."""
    command = [str(machine.system / "bin" / "jupyter-lab"), "--no-browser"]
    if machine.public_name is None:
        return command
    certificate, key = _tls(machine)
    return [*command, "--ip=0.0.0.0", f"--port={machine.port}", f"--certfile={certificate}", f"--keyfile={key}"]


def _tls(machine: Machine) -> tuple[Path, Path]:
    folder = machine.root / "etc" / "pki" / "jupyter"
    return folder / "certificate.pem", folder / "key.pem"


def _put_behind_front(machine: Machine, public_name: str) -> None:
    """Write what AWS's image has (certificate, file of the start script, login handler), and the network of the sandbox."""
    certificate, key = self_signed(machine.host_name)
    for path, content in zip(_tls(machine), (certificate, key), strict=True):
        write(path, content)
        path.chmod(0o600)
    csrf_check = "disabled" if machine.allows_any_origin else "enabled"
    write(machine.instance_config, json.dumps({"notebook_uri": notebook_uri(public_name), "csrf_check": csrf_check}))
    (packages,) = machine.system.glob("lib/python3*/site-packages")
    shutil.copy(network.__file__, packages / f"{NETWORK_MODULE}.py")
    write(packages / f"{NETWORK_MODULE}.pth", f"import {NETWORK_MODULE}; {NETWORK_MODULE}.start()\n")
    *folders, module, _ = LOGIN_HANDLER.split(".")
    folder = packages
    for name in folders:
        folder /= name
        write(folder / "__init__.py", "")
    write(folder / f"{module}.py", LOGIN_HANDLER_CODE)


def self_signed(name: str) -> tuple[str, str]:
    """Return a new self-signed certificate for a name, and its key, as PEM.

    Args:
        name: of the machine.
    """
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name[:64])])
    now = utcnow()
    certificate = (
        x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=365))
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return certificate.public_bytes(pem).decode(), private.decode()
