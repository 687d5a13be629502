"""Nothing of ours stops Jupyter from starting: not another machine, not a broken file, not a broken module of our own."""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import pytest

import jupyter_nb_updater
from jupyter_nb_updater.cli.base import ExitCode

PACKAGE = Path(jupyter_nb_updater.__file__).parent
OFFLINE = {
    "sandbox",
    "cli",
    "doctor",
    "fleet",
    "stack",
    "lifecycle",
    "cloud",
    "labextension",
}  # a running server never enters them
LATER = {
    "permissions/templates.py",  # of the stack: read by the command line alone
    "org_policy/deadline_session.py",  # imported, with requests, when a document is fetched
}
MODULES = sorted(
    {
        str(path.relative_to(PACKAGE))
        for path in PACKAGE.rglob("*.py")
        if path.relative_to(PACKAGE).parts[0].removesuffix(".py") not in OFFLINE
    }
    - LATER
)
RETURN_PATHS = "restart/return_path"
CHOSEN = {
    f"{RETURN_PATHS}/{name}.py": {
        "RestartRunner": {
            "return_path_class": f"jupyter_nb_updater.{RETURN_PATHS.replace('/', '.')}.{name}.{name.title()}ReturnPath"
        }
    }
    for name in ("manual", "schedule")
}
STUDIO = {"ResourceArn": "arn:aws:sagemaker:eu-west-1:123456789012:app/d-1/user/JupyterLab/default", "ResourceName": "default"}
INSTANCE = {"ResourceArn": "arn:aws:sagemaker:eu-west-1:123456789012:notebook-instance/n", "ResourceName": "n"}
OTHER_MACHINES = {
    "laptop": None,
    "studio": json.dumps(STUDIO).encode(),
    "malformed": b'{"ResourceArn": ',
    "empty": b"",
    "unreadable": b"\xff\xfe\x00\x01",
}


@pytest.fixture
def machine(tmp_path, monkeypatch):
    """A function that makes this machine say what a metadata file would."""
    config = tmp_path / "config"
    config.mkdir()
    monkeypatch.setenv("JUPYTER_CONFIG_DIR", str(config))
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path / "runtime"))
    monkeypatch.setenv("JUPYTER_NO_CONFIG", "")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")

    def says(content, **more):
        metadata = tmp_path / "resource-metadata.json"
        if content is not None:
            metadata.write_bytes(content)
        enabled = {"ServerApp": {"jpserver_extensions": {"jupyter_nb_updater": True}}}
        (config / "jupyter_server_config.json").write_text(json.dumps(enabled))
        traits = {"InstanceMetadata": {"path": str(metadata)}, **more}
        (config / "jupyter_nb_updater_config.json").write_text(json.dumps(traits))

    return says


@contextmanager
def jupyter(folder, package):
    """A real server with the package from this folder; yields its URL and, afterwards readable, its log."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = folder / "server.log"
    command = [sys.executable, "-m", "jupyter_server", "--allow-root", "--no-browser", f"--ServerApp.port={port}"]
    command += [
        "--ServerApp.port_retries=0",
        "--IdentityProvider.token=",
        "--ServerApp.ip=127.0.0.1",
        f"--ServerApp.root_dir={folder}",
    ]
    environment = {**os.environ, "PYTHONPATH": str(package.parent)}
    with log.open("wb") as output:
        server = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT, env=environment, cwd=folder)
    try:
        yield f"http://127.0.0.1:{port}/", log
    finally:
        server.kill()  # it holds nothing, and a polite end would take longer than everything before
        server.wait(10)


def get(url, seconds=60.0):
    """The status code, once there is an answer at all."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:
                return answer.status
        except urllib.error.HTTPError as error:
            return error.code
        except OSError:
            assert time.monotonic() < deadline, f"{url} does not answer"
            time.sleep(0.05)


@pytest.mark.parametrize("kind", OTHER_MACHINES)
def test_on_any_other_machine_jupyter_starts_as_if_we_were_not_there(kind, tmp_path, machine):
    machine(OTHER_MACHINES[kind])
    with jupyter(tmp_path, PACKAGE) as (url, log):
        assert get(f"{url}api/status") == 200
        assert get(f"{url}nb-updater/state") == 404
    ours = [line for line in log.read_text().splitlines() if "jupyter_nb_updater stays out of the way" in line]
    assert len(ours) == 1
    assert "Traceback" not in log.read_text()


@pytest.mark.parametrize("kind", OTHER_MACHINES)
def test_on_any_other_machine_status_says_so(kind, machine):
    machine(OTHER_MACHINES[kind])
    command = [sys.executable, "-m", "jupyter_nb_updater.cli.app", "status"]
    told = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False, cwd=PACKAGE.parent)
    assert told.returncode == ExitCode.UNKNOWN
    assert told.stdout.startswith("This is no SageMaker notebook instance")
    assert told.stderr == ""


@pytest.mark.parametrize("module", MODULES)
def test_jupyter_starts_although_this_module_of_ours_is_broken(module, tmp_path, machine):
    machine(json.dumps(INSTANCE).encode(), **CHOSEN.get(module, {}))
    broken = tmp_path / "broken" / "jupyter_nb_updater"
    shutil.copytree(PACKAGE, broken, ignore=shutil.ignore_patterns("labextension", "sandbox", "__pycache__"))
    (broken / module).write_text(f"raise RuntimeError('{module} is broken')\n")
    with jupyter(tmp_path, broken) as (url, log):
        assert get(f"{url}api/status") == 200
        assert get(f"{url}nb-updater/state") in {404, 503}  # the second waits for our own start, and tells that it failed
        assert get(f"{url}api/kernelspecs") == 200
    assert f"{module} is broken" in log.read_text()


START = {
    "app.py": ["initialize_settings", "_start", "_run"],
    "updater.py": ["__init__", "begin"],
    "watch.py": ["__init__", "tick", "look_at_machine"],
    "restart/runner.py": ["__init__"],
    "restart/coordinator.py": ["__init__", "resume"],
    "journal.py": ["records"],
    "restore/manager.py": [
        "__init__",
        "lay_back",
        "_lay_back",
        "_recall",
        "keep",
        "_keep",
        "record",
        "last_look",
        "close",
        "_tell",
    ],
    "restore/layout.py": ["__init__", "lay_back", "keep"],
    "restore/dotfiles.py": ["__init__", "lay_back", "keep", "to_json"],
    "restore/terminals.py": ["__init__", "open", "reopen"],
    "restore/mirror.py": ["__init__"],
}


@pytest.mark.parametrize(("module", "function"), [(module, name) for module, names in START.items() for name in names])
def test_jupyter_starts_although_this_function_of_ours_fails(module, function, tmp_path, machine):
    machine(json.dumps(INSTANCE).encode())
    broken = tmp_path / "broken" / "jupyter_nb_updater"
    shutil.copytree(PACKAGE, broken, ignore=shutil.ignore_patterns("labextension", "sandbox", "__pycache__"))
    text = (broken / module).read_text()
    assert f"def {function}(" in text
    (broken / module).write_text(
        text.replace(f"def {function}(", f"def {function}(*_, **__): raise RuntimeError('broken')\n    def _{function}(")
    )
    with jupyter(tmp_path, broken) as (url, _):
        assert get(f"{url}api/status") == 200
        assert get(f"{url}api/kernelspecs") == 200


LOAD = """
import sys
from jupyter_server.serverapp import ServerApp
server = ServerApp(allow_root=True, open_browser=False, port=0)
server.initialize(["--InstanceMetadata.path=" + sys.argv[1]], new_httpserver=False)
before = set(sys.modules)
server.extension_manager.add_extension("jupyter_nb_updater", enabled=True)
server.extension_manager.link_extension("jupyter_nb_updater")
server.extension_manager.load_extension("jupyter_nb_updater")
(app,) = server.extension_manager.extension_apps["jupyter_nb_updater"]
assert app.identity is not None
print(*sorted(set(sys.modules) - before))
"""


def test_loading_imports_nothing_heavy_and_only_what_says_who_we_are(tmp_path, monkeypatch):
    monkeypatch.setenv("JUPYTER_NO_CONFIG", "1")
    monkeypatch.setenv("TMPDIR", str(tmp_path))  # where Jupyter leaves an empty folder in the place of its configuration
    metadata = tmp_path / "metadata.json"
    metadata.write_text(json.dumps(INSTANCE))
    command = [sys.executable, "-c", LOAD, str(metadata)]
    loaded = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True, cwd=PACKAGE.parent).stdout.split()
    assert "jupyter_nb_updater.app" in loaded
    assert not {"boto3", "botocore", "requests", "psutil", "jupyter_nb_updater.service.updater"} & set(loaded)


def test_what_decides_does_no_io():
    decide = "import jupyter_nb_updater.restart.machine, jupyter_nb_updater.restart.preflight, jupyter_nb_updater.advice.policy"
    command = [sys.executable, "-c", f"import sys; {decide}; print(*sys.modules)"]
    loaded = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True, cwd=PACKAGE.parent).stdout.split()
    assert not {"asyncio", "socket", "concurrent.futures", "subprocess", "traitlets"} & set(loaded)


def test_the_version_is_the_same_on_both_sides():
    frontend = json.loads((PACKAGE.parent / "labextension" / "package.json").read_text())
    assert frontend["version"] == jupyter_nb_updater.__version__
