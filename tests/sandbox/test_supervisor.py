"""The machine of the notebook instance: what a stop destroys, what a start creates, and that nothing is left behind."""

from __future__ import annotations

import base64
import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil
import pytest

from jupyter_nb_updater.sandbox import Sandbox, SandboxError
from jupyter_nb_updater.sandbox.machine import processes
from jupyter_nb_updater.sandbox.options import FrontOptions
from tests.wait import eventually

from .support import get, make_wheel, server_start

if TYPE_CHECKING:
    from typing_extensions import Self

BOOT_SECONDS = 90.0
"""Time limit of a boot in seconds on two busy cores; about 5 on an idle machine."""

MAIN = "from jupyter_nb_updater.cli.app import main; main()"


def answers(url: str) -> bool:
    try:
        return bool(get(url))
    except OSError:
        return False


def restart(sandbox: Sandbox) -> None:
    """Restart like the product, from outside: request the return, stop, wait."""
    sagemaker = sandbox.aws.client("sagemaker")
    until = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 600))
    tags = [{"Key": "nb-updater:restart", "Value": f"some-restart {until}"}]
    sagemaker.add_tags(ResourceArn=sandbox.aws.instance(sandbox.name)["arn"], Tags=tags)
    sagemaker.stop_notebook_instance(NotebookInstanceName=sandbox.name)
    eventually(lambda: sandbox.status == "Pending", BOOT_SECONDS)
    sandbox.wait_for("InService", BOOT_SECONDS)


@pytest.fixture(scope="module")
def sandbox(bare_wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    with Sandbox(root=tmp_path_factory.mktemp("machine"), wheel=bare_wheel) as running:
        yield running


def test_jupyterlab_and_notebook_answer(sandbox: Sandbox) -> None:
    assert b"jupyter-config-data" in get(sandbox.lab_url)
    assert b"jupyter-config-data" in get(sandbox.notebook_url)


def test_the_machine_says_who_it_is_and_how_old(sandbox: Sandbox) -> None:
    metadata = json.loads(sandbox.machine.metadata.read_text())
    assert metadata == {
        "ResourceArn": f"arn:aws:sagemaker:eu-west-1:123456789012:notebook-instance/{sandbox.name.lower()}",
        "ResourceName": sandbox.name,
    }
    booted = int(sandbox.machine.stat.read_text().split()[1])
    assert timedelta(days=33) < timedelta(seconds=time.time() - booted) < timedelta(days=35)


def test_the_extension_arrived_by_the_lifecycle_script(sandbox: Sandbox) -> None:
    python = str(sandbox.machine.system / "bin" / "python")
    assert sandbox.run(python, "-c", "import jupyter_nb_updater").returncode == 0
    assert "installed jupyter_nb_updater" in (sandbox.volume / ".nb-updater" / "on-start.log").read_text()


def test_a_command_runs_in_the_kernel_environment(sandbox: Sandbox) -> None:
    prefix = sandbox.run("python", "-c", "import sys; print(sys.prefix)").stdout.strip()
    assert prefix == str(sandbox.machine.kernel)


def test_a_restart_destroys_everything_but_the_volume_and_brings_newer_software(sandbox: Sandbox, tmp_path: Path) -> None:
    (sandbox.volume / "kept.txt").write_text("precious")
    (sandbox.home / "lost.txt").write_text("scratch")
    added = next(sandbox.machine.kernel.glob("lib/python*/site-packages")) / "added_by_pip.py"
    added.write_text("")
    release, version = sandbox.machine.release.read_text(), sandbox.run("jupyter", "lab", "--version").stdout
    url, began = sandbox.url, int(time.time())
    stray = sandbox.run("sh", "-c", "setsid nohup sleep 1000 >/dev/null 2>&1 & echo $!").stdout
    shell = sandbox.machine.shell.stat().st_ino

    restart(sandbox)

    assert sandbox.machine.shell.stat().st_ino != shell, "a file that is written in place cannot be run at that moment"
    assert sandbox.url == url
    assert answers(sandbox.lab_url)
    assert (sandbox.volume / "kept.txt").read_text() == "precious"
    assert not (sandbox.home / "lost.txt").exists()
    assert not added.exists()
    assert not psutil.pid_exists(int(stray))
    assert sandbox.machine.release.read_text() > release
    assert [int(part) for part in sandbox.run("jupyter", "lab", "--version").stdout.split(".")] > [
        int(part) for part in version.split(".")
    ]
    assert int(sandbox.machine.stat.read_text().split()[1]) >= began
    eventually(lambda: "some-restart returned" in sandbox.tags().get("nb-updater:outcome", ""))


def test_systemctl_restarts_jupyter_and_nothing_else(sandbox: Sandbox) -> None:
    before = server_start(sandbox)
    assert sandbox.run("sudo", "systemctl", "--no-block", "restart", "jupyter-server.service").returncode == 0
    eventually(lambda: server_start(sandbox) not in (None, before), BOOT_SECONDS)
    assert sandbox.status == "InService"
    shown = sandbox.run("systemctl", "show", "-p", "ActiveState", "-p", "NRestarts", "jupyter-server.service")
    assert shown.stdout.split() == ["ActiveState=active", "NRestarts=0"]
    assert sandbox.run("systemctl", "stop", "sshd").returncode == 1


CRASHES = """
import os
def _jupyter_server_extension_points():
    return [{"module": "jupyter_nb_updater"}]
def _load_jupyter_server_extension(server):
    os._exit(1)
"""


@pytest.mark.parametrize(("module", "outcome"), [("__version__ = '0'\n", "installed"), (CRASHES, "rolled-back")])
def test_only_a_crash_takes_it_out_where_unit_and_machine_have_other_names(tmp_path: Path, module: str, outcome: str) -> None:
    """Behind a front like that of AWS, the name of the machine does not resolve."""
    wheel = make_wheel(tmp_path, module, enabled=module == CRASHES)
    options: dict[str, Any] = {"unit": "notebook", "front": FrontOptions(), "return_path": "none"}
    with Sandbox(root=tmp_path / "machine", wheel=wheel, **options) as sandbox:
        noted = sandbox.volume / ".nb-updater" / "on-start.json"
        told = json.loads(eventually(lambda: noted.exists() and noted.read_text(), BOOT_SECONDS))
        assert told["outcome"] == outcome
        assert (noted.with_name("rolled-back")).exists() == (outcome == "rolled-back")
        assert sandbox.run("systemctl", "is-active", "jupyter-server.service").returncode == 1
        assert sandbox.run("systemctl", "is-active", "notebook.service").returncode == 0


def jupyter(sandbox: Sandbox) -> psutil.Process:
    (running,) = json.loads(sandbox.run("jupyter", "server", "list", "--jsonlist").stdout)
    return psutil.Process(running["pid"])


def test_a_jupyter_that_crashes_is_started_again(sandbox: Sandbox) -> None:
    crashed = jupyter(sandbox)
    crashed.kill()
    eventually(lambda: not crashed.is_running() and answers(sandbox.lab_url), BOOT_SECONDS)


def test_an_instance_that_is_stopped_on_purpose_has_no_process_and_no_home(sandbox: Sandbox) -> None:
    sagemaker = sandbox.aws.client("sagemaker")
    sagemaker.stop_notebook_instance(NotebookInstanceName=sandbox.name)
    sandbox.wait_for("Stopped")
    assert processes.marked(sandbox.machine.mark) == []
    assert not sandbox.home.exists()
    assert not answers(sandbox.lab_url)
    assert sandbox.run("true").returncode == 1
    sagemaker.start_notebook_instance(NotebookInstanceName=sandbox.name)
    sandbox.wait_for("InService", BOOT_SECONDS)


def with_script(sandbox: Sandbox, script: str) -> dict[str, Any]:
    """Start the instance with another OnStart script, and return how that ended."""
    sagemaker = sandbox.aws.client("sagemaker")
    hook = [{"Content": base64.b64encode(script.encode()).decode()}]
    sagemaker.update_notebook_instance_lifecycle_config(NotebookInstanceLifecycleConfigName="nb-updater", OnStart=hook)
    sagemaker.stop_notebook_instance(NotebookInstanceName=sandbox.name)
    sandbox.wait_for("Stopped")
    sagemaker.start_notebook_instance(NotebookInstanceName=sandbox.name)
    eventually(lambda: sandbox.status != "Pending", BOOT_SECONDS)
    return dict(sagemaker.describe_notebook_instance(NotebookInstanceName=sandbox.name))


def test_lifecycle_scripts_that_fail_or_hang_fail_the_start_in_the_words_of_aws(tmp_path: Path, bare_wheel: Path) -> None:
    with Sandbox(root=tmp_path / "machine", wheel=bare_wheel, return_path="none", on_start_timeout_seconds=20) as sandbox:
        told = with_script(sandbox, "echo about to fail; exit 3\n")
        assert told["NotebookInstanceStatus"] == "Failed"
        config = "arn:aws:sagemaker:eu-west-1:123456789012:notebook-instance-lifecycle-config/nb-updater"
        beginning = f"Notebook Instance Lifecycle Config '{config}' for Notebook Instance '{told['NotebookInstanceArn']}' "
        assert told["FailureReason"].startswith(beginning + "failed.")
        assert "about to fail" in (sandbox.machine.logs / sandbox.name / "LifecycleConfigOnStart").read_text()
        assert processes.marked(sandbox.machine.mark) == []

        sandbox.aws.settle(sandbox.name, "InService")  # so that it can be stopped again

        told = with_script(sandbox, "sleep 1000 &\nwait\n")
        assert told["FailureReason"].startswith(beginning + "took longer than 5 minutes.")
        assert processes.marked(sandbox.machine.mark) == []


def test_a_folder_with_something_else_in_it_is_left_alone(tmp_path: Path, bare_wheel: Path) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "thesis.tex").touch()
    with pytest.raises(SandboxError, match="is not empty"):
        Sandbox(root=tmp_path, wheel=bare_wheel).start()
    assert (tmp_path / "home" / "thesis.tex").exists()


def test_a_folder_in_use_is_refused(sandbox: Sandbox, bare_wheel: Path) -> None:
    with pytest.raises(SandboxError, match="another sandbox is using"):
        Sandbox(root=sandbox.root, wheel=bare_wheel).start()
    assert sandbox.status == "InService"
    assert answers(sandbox.lab_url)


class Demo:
    """`jupyter nb-updater demo` as a process that ends with its test."""

    def __init__(self, *options: str) -> None:
        command = [sys.executable, "-c", MAIN, "demo", "--no-browser", *options]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.lines: list[str] = []
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.append(line.strip())
            if self.lines[-1] == "ready":
                break

    def __enter__(self) -> Self:
        assert self.lines[-1:] == ["ready"], self.lines
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.end(signal.SIGKILL)

    def told(self, name: str) -> str:
        return next(line.partition(": ")[2] for line in self.lines if line.startswith(f"{name}: "))

    @property
    def family(self) -> list[psutil.Process]:
        return processes.tree(self.process.pid)

    def end(self, number: signal.Signals) -> int:
        self.process.send_signal(number)
        code = self.process.wait(BOOT_SECONDS)
        assert self.process.stdout is not None
        self.process.stdout.close()
        return code


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["Ctrl-C", "SIGTERM"])
def test_the_demo_says_where_everything_is_and_ends_without_a_trace(number: signal.Signals, bare_wheel: Path) -> None:
    with Demo("--wheel", str(bare_wheel), "--return-path", "none") as demo:
        eventually(lambda: answers(demo.told("JupyterLab")))
        eventually(lambda: answers(demo.told("Notebook")))
        shell = Path(demo.told("Shell"))
        family = demo.family
        assert len(family) >= 4
        demo.process.send_signal(number)  # `make` passes the signal on that the process has had already
        assert demo.end(number) == 0
    assert not [process for process in family if process.is_running()]
    assert not shell.parent.exists()


def test_a_demo_that_is_killed_takes_everything_with_it_and_its_folder_can_be_used_again(
    tmp_path: Path, bare_wheel: Path
) -> None:
    options = ("--root", str(tmp_path / "machine"), "--wheel", str(bare_wheel), "--return-path", "none")
    with Demo(*options) as demo:
        (tmp_path / "machine" / "SageMaker" / "kept.txt").write_text("precious")
        family = demo.family
    eventually(lambda: not [process for process in family if processes.is_alive(process)], BOOT_SECONDS)
    with Demo(*options) as again:
        assert (tmp_path / "machine" / "SageMaker" / "kept.txt").read_text() == "precious"
        assert again.end(signal.SIGTERM) == 0


@pytest.mark.parametrize(
    ("options", "why"),
    [
        (["--policy", "x.toml"], "x.toml does not exist"),
        (["--uptime", "a while"], "34d"),
    ],
)
def test_what_the_demo_cannot_do_is_said_with_exit_code_2(options: list[str], why: str) -> None:
    command = [sys.executable, "-c", MAIN, "demo", *options]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2
    assert why in done.stderr
    assert "Traceback" not in done.stderr


def test_without_moto_the_demo_says_what_to_install(sandbox: Sandbox) -> None:
    """The instance's environment has everything that the command line needs, but not moto."""
    here = Path(__file__).parents[2]
    python = str(sandbox.machine.system / "bin" / "python")
    done = sandbox.run(python, "-c", f"import sys; sys.path.insert(0, {str(here)!r}); sys.argv[1:] = ['demo']; {MAIN}")
    assert done.returncode == 4
    assert 'pip install "jupyter-nb-updater[demo]"' in done.stderr
