"""Nothing of the extension keeps Jupyter from starting: not another machine, a broken file, or a broken module."""

import compileall
import json
import os
import shutil
import socket
import subprocess
import sys
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import pytest

import jupyter_nb_updater
from jupyter_nb_updater.cli.base import ExitCode
from tests.wait import eventually
from tests.warm import WarmProcess

PACKAGE = Path(jupyter_nb_updater.__file__).parent
OFFLINE = {
    "sandbox",
    "cli",
    "doctor",
    "fleet",
    "pytest_plugin",
    "stack",
    "lifecycle",
    "cloud",
    "labextension",
    "pytest_plugin.py",
}  # a running server never enters them
LATER = {
    "assumptions/checks.py",  # read by `doctor` alone, like the registry
    "assumptions/registry.py",
    "permissions/templates.py",  # of the stack: read by the command line alone
    "org_policy/http_session.py",  # imported, with requests, when a document is fetched
}
MODULES = sorted(
    {
        str(path.relative_to(PACKAGE))
        for path in PACKAGE.rglob("*.py")
        if path.relative_to(PACKAGE).parts[0].removesuffix(".py") not in OFFLINE
    }
    - LATER
)
LARGE = ("jupyter_lsp", "jupyter_resource_usage", "jupyterlab", "notebook", "notebook_shim")
"""Extensions of others that take longer to load than everything else."""

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
    """Return a function that writes a metadata file on this machine."""
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


@pytest.fixture(scope="module")
def compiled(tmp_path_factory):
    """Copy and compile the package once, as it is on a running server."""
    copy = tmp_path_factory.mktemp("compiled") / "jupyter_nb_updater"
    shutil.copytree(PACKAGE, copy, ignore=shutil.ignore_patterns("labextension", "sandbox", "__pycache__"))
    compileall.compile_dir(copy, quiet=2)
    return copy


@pytest.fixture
def broken(compiled, tmp_path):
    """Return a function that copies the package and replaces one module."""

    def copy(module, text):
        folder = tmp_path / "broken" / "jupyter_nb_updater"
        shutil.copytree(compiled, folder, copy_function=os.link)
        (folder / module).unlink()
        (folder / module).write_text(text)
        return folder

    return copy


def arguments(folder):
    """Return the command line of a server in this folder, and its URL."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = ("port_retries=0", "ip=127.0.0.1", f"port={port}", f"root_dir={folder}")
    words = ["--allow-root", "--no-browser", "--IdentityProvider.token=", *(f"--ServerApp.{option}" for option in options)]
    return words, f"http://127.0.0.1:{port}/"


@contextmanager
def whole_jupyter(folder, package):
    """Start a server with every installed extension, and ours from this folder; yield its URL and log."""
    words, url = arguments(folder)
    log, environment = folder / "server.log", {**os.environ, "PYTHONPATH": str(package.parent)}
    with log.open("wb") as output:
        command = [sys.executable, "-m", "jupyter_server", *words]
        server = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT, env=environment, cwd=folder)
    try:
        yield url, log
    finally:
        server.kill()  # it holds nothing, and a polite end would take longer than everything before
        server.wait(10)


@contextmanager
def jupyter(folder, package):
    """Start a server without JupyterLab and other large extensions, from a process that has imported the rest."""
    configuration = Path(os.environ["JUPYTER_CONFIG_DIR"]) / "jupyter_server_config.json"
    content = json.loads(configuration.read_text())
    content["ServerApp"]["jpserver_extensions"] |= dict.fromkeys(LARGE, False)
    configuration.write_text(json.dumps(content))
    words, url = arguments(folder)
    log = folder / "server.log"
    server = WarmProcess(
        "jupyter_server.serverapp:ServerApp.launch_instance", [words], folder=folder, path=package.parent, output=log
    )
    try:
        yield url, log
    finally:
        server.kill()
        server.wait(10)


def get(url, seconds=60.0):
    """Return the status code once there is a response."""
    return eventually(lambda: _status(url), seconds)


def _status(url):
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return None


@pytest.mark.parametrize("kind", OTHER_MACHINES)
def test_on_any_other_machine_jupyter_starts_as_if_we_were_not_there(kind, tmp_path, machine):
    machine(OTHER_MACHINES[kind])
    with whole_jupyter(tmp_path, PACKAGE) as (url, log):
        assert get(f"{url}api/status") == 200
        assert get(f"{url}nb-updater/state") == 404
    ours = [line for line in log.read_text().splitlines() if "jupyter_nb_updater is disabled" in line]
    assert len(ours) == 1
    assert "Traceback" not in log.read_text()


@pytest.mark.parametrize("kind", OTHER_MACHINES)
def test_on_any_other_machine_status_says_so(kind, machine):
    machine(OTHER_MACHINES[kind])
    command = [sys.executable, "-m", "jupyter_nb_updater.cli.app", "status"]
    told = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False, cwd=PACKAGE.parent)
    assert told.returncode == ExitCode.UNKNOWN
    assert told.stdout.startswith("This is not a SageMaker notebook instance")
    assert told.stderr == ""


@pytest.mark.parametrize("module", MODULES)
def test_jupyter_starts_although_this_module_of_ours_is_broken(module, tmp_path, machine, broken):
    machine(json.dumps(INSTANCE).encode(), **CHOSEN.get(module, {}))
    package = broken(module, f"raise RuntimeError('{module} is broken')\n")
    with jupyter(tmp_path, package) as (url, log):
        assert get(f"{url}api/status") == 200
        assert get(f"{url}nb-updater/state") in {404, 503}  # the second waits for our own start, and tells that it failed
        assert get(f"{url}api/kernelspecs") == 200
    assert f"{module} is broken" in log.read_text()


START = {
    "app.py": ["initialize_settings", "_start", "_run"],
    "service/updater.py": ["__init__", "start"],
    "service/monitor.py": ["__init__", "tick", "refresh_machine"],
    "restart/runner.py": ["__init__"],
    "restart/coordinator.py": ["__init__", "resume"],
    "journal.py": ["records"],
    "restore/manager.py": [
        *("__init__", "restore", "_restore", "_load", "save", "_save", "record_report", "snapshot_terminals", "close"),
        "_publish",
    ],
    "restore/layout.py": ["__init__", "restore", "save"],
    "restore/dotfiles.py": ["__init__", "restore", "save", "to_json"],
    "restore/terminals.py": ["__init__", "list_open", "reopen"],
    "restore/mirror.py": ["__init__"],
}


@pytest.mark.parametrize(("module", "function"), [(module, name) for module, names in START.items() for name in names])
def test_jupyter_starts_although_this_function_of_ours_fails(module, function, tmp_path, machine, broken):
    machine(json.dumps(INSTANCE).encode())
    text = (PACKAGE / module).read_text()
    assert f"def {function}(" in text
    failing = f"def {function}(*_, **__): raise RuntimeError('broken')\n    def _{function}("
    with jupyter(tmp_path, broken(module, text.replace(f"def {function}(", failing))) as (url, _):
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
