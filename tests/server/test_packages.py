"""Packages that a user installed: listed, offered after a restart, and reinstalled by a real pip in a real environment."""

import asyncio
import json
import os
import shutil
import socket
import subprocess
import time
from contextlib import contextmanager
from types import SimpleNamespace
from urllib.parse import quote

import psutil
import pytest
from traitlets.config import Config

from jupyter_nb_updater.losses import proc as process_reader
from jupyter_nb_updater.losses.command_line import ProgramPatterns
from jupyter_nb_updater.losses.processes import AccountedFor, Jobs
from jupyter_nb_updater.packages.reinstaller import PackageReinstaller
from jupyter_nb_updater.sandbox.machine.processes import is_alive
from jupyter_nb_updater.util import subprocess as subprocesses
from jupyter_nb_updater.util.clock import SystemClock
from jupyter_nb_updater.util.request_error import Conflict
from tests.packages import install, make_venv, make_wheel, pip
from tests.wait import eventually_async

OURS = {"X-Nb-Updater": "1"}


@pytest.fixture(scope="session")
def pristine(tmp_path_factory):
    """Create the environment of the image, with pip and a package."""
    folder = tmp_path_factory.mktemp("image")
    wheel = make_wheel(folder / "wheels", "of_the_image", "2.0")
    venv = make_venv(folder / "envs" / "python3")
    pip(venv, "install", "--no-index", str(wheel))
    return venv


@pytest.fixture(scope="session")
def index(tmp_path_factory):
    """Create the package index that pip is configured for."""
    folder = tmp_path_factory.mktemp("index")
    make_wheel(folder, "first", "1.0", needs=["second"])
    make_wheel(folder, "second", "1.0")
    make_wheel(folder, "second", "2.0")
    make_wheel(folder, "third", "3.0")
    return folder


@pytest.fixture
def python3(pristine, tmp_path, monkeypatch, index):
    """Create the environment of the machine as after a boot, and configure pip."""
    for name in [name for name in os.environ if name.startswith("PIP_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(index))
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    path = tmp_path / "anaconda3" / "envs" / "python3"
    lay(pristine, path)
    return path


def link(source, target, *, follow_symlinks=True):
    os.link(source, target, follow_symlinks=False)


def lay(image, path):
    """Copy an environment; the copy works because pip is called as a module."""
    shutil.rmtree(path, ignore_errors=True)
    shutil.copytree(image, path, symlinks=True, copy_function=link)


class Specs:
    def get_all_specs(self):
        return {}


class Instance:
    """One machine across boots; each has a new server."""

    def __init__(self, root, image, path):
        self.root, self.image, self.path = root, image, path
        self.store = root / "SageMaker" / ".nb-updater"
        self.records, self.parts, self.boot, self.server = [], [], 1, None
        self.traits = {}

    @property
    def part(self):
        return self.parts[-1]

    @property
    def list(self):
        path = self.store / "packages" / "python3.txt"
        return [line for line in path.read_text().splitlines() if not line.startswith("# ")] if path.exists() else None

    def record(self, event, now, **facts):
        self.records.append({"event": event, **facts})

    async def start(self):
        config = Config({"Environments": {"folders": [str(self.path.parent / "*")]}, **self.traits})
        context = SimpleNamespace(
            journal=SimpleNamespace(directory=str(self.store), try_append=self.record),
            boot_clock=SimpleNamespace(read_id=lambda: f"boot-{self.boot}"),
            booted=lambda: None,
            system_clock=SystemClock(),
            state=SimpleNamespace(update=lambda packages: self.parts.append(packages)),  # noqa: PLW0108  # by keyword
        )
        self.server = PackageReinstaller(Specs(), context, config=config)
        self.server.start()
        await self.server._starting
        return self.server

    async def look(self):
        return await asyncio.to_thread(self.server.refresh)

    async def restart(self):
        """Stop the machine, and boot it from the unchanged image."""
        await asyncio.to_thread(self.server.save)
        await self.server.close()
        self.boot += 1
        lay(self.image, self.path)
        return await self.start()

    async def settled(self, seconds=120):
        await eventually_async(lambda: not self.server.is_running, seconds)
        return self.part

    def states(self):
        return {
            package["name"]: (package["state"], package["code"])
            for environment in self.part["environments"]
            for package in environment["packages"]
        }


@pytest.fixture
def instance(tmp_path, pristine, python3, jp_asyncio_loop):
    made = Instance(tmp_path, pristine, python3)
    jp_asyncio_loop.run_until_complete(made.start())
    yield made
    jp_asyncio_loop.run_until_complete(made.server.close())


@pytest.fixture
def silent_index(monkeypatch):
    """Start an index that accepts connections but never responds."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        monkeypatch.delenv("PIP_NO_INDEX")
        monkeypatch.delenv("PIP_FIND_LINKS")
        monkeypatch.setenv("PIP_INDEX_URL", f"http://ana:secret@127.0.0.1:{silent.getsockname()[1]}/simple")
        yield


@pytest.fixture
def imports(instance):
    """Return a function that runs a line of code in the environment."""

    async def run(code):
        command = [str(instance.path / "bin" / "python"), "-c", code]
        return (await asyncio.to_thread(subprocess.run, command, capture_output=True, text=True, check=False)).stdout.strip()

    return run


async def running(instance):
    """Wait until pip is running, and return its process."""
    await eventually_async(subprocesses.running, 30)
    (pid,) = subprocesses.running()
    return psutil.Process(pid)


async def ended(process):
    await eventually_async(lambda: not is_alive(process), 20, what=lambda: str(process))


async def available(instance, *requirements):
    """Boot with these packages on the list."""
    lines = "".join(f"{line}\n" for line in requirements)
    instance.store.joinpath("packages").mkdir(parents=True, exist_ok=True)
    instance.store.joinpath("packages", "python3.txt").write_text(f"# environment: {instance.path}\n{lines}")
    await instance.server.close()
    instance.boot += 1
    lay(instance.image, instance.path)
    await instance.start()


ALL = ("first", "second", "third")


async def test_what_somebody_added_is_listed_available_and_reinstalled(instance, imports):
    pip(instance.path, "install", "first", "third")
    (added,) = await instance.look()
    assert [package.requirement for package in added.packages] == ["first==1.0", "second==2.0", "third==3.0"]
    assert instance.list == ["first==1.0", "second==2.0", "third==3.0"]
    await instance.restart()
    assert (instance.part["phase"], instance.states()) == ("available", dict.fromkeys(ALL, ("available", None)))
    assert await instance.look() == []
    assert instance.list == ["first==1.0", "second==2.0", "third==3.0"]
    assert await instance.server.reinstall("ana")
    assert instance.part["phase"] == "running"
    await instance.settled()
    assert (instance.part["phase"], instance.states()) == ("done", dict.fromkeys(ALL, ("reinstalled", None)))
    assert await imports("import first, third; print(third.__version__)") == "3.0"
    assert instance.list == ["first==1.0", "second==2.0", "third==3.0"]
    (record,) = instance.records
    assert (record["event"], record["by"], record["outcome"]) == ("packages-reinstalled", "ana", "done")
    facts = {"environment": "python3", "name": "first", "version": "1.0", "state": "reinstalled", "code": None}
    assert record["packages"][0] == facts


async def test_the_progress_of_each_package_is_told(instance):
    await available(instance, "first==1.0", "second==2.0", "third==3.0")
    await instance.server.reinstall("ana")
    await instance.settled()
    seen = [
        tuple(package["state"] for package in part["environments"][0]["packages"])
        for part in instance.parts
        if part["phase"] == "running"
    ]
    assert seen[0] == ("queued",) * 3
    assert ("running",) * 3 in seen


async def test_what_the_new_image_has_in_the_same_or_a_newer_version_is_there(instance):
    await available(instance, "of-the-image==1.5", "third==3.0")
    assert instance.states() == {"of-the-image": ("already-installed", None), "third": ("available", None)}
    assert instance.list == ["third==3.0"]
    await instance.server.reinstall("ana")
    await instance.settled()
    assert instance.states()["of-the-image"] == ("already-installed", None)


async def test_a_package_that_is_gone_is_named_and_the_others_come_back(instance):
    await available(instance, "first==1.0", "gone==1.0", "second==2.0")
    await instance.server.reinstall("ana")
    await instance.settled()
    assert instance.states() == {"first": ("reinstalled", None), "gone": ("failed", "pip"), "second": ("reinstalled", None)}
    (gone,) = [package for package in instance.part["environments"][0]["packages"] if package["name"] == "gone"]
    assert gone["detail"].startswith("No matching distribution found for gone==1.0")
    assert instance.list == ["first==1.0", "gone==1.0", "second==2.0"]


async def test_without_a_network_nothing_comes_back_and_the_offer_stays(instance, monkeypatch):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        monkeypatch.setenv("PIP_INDEX_URL", f"http://ana:secret@127.0.0.1:{unused.getsockname()[1]}/simple")
    monkeypatch.delenv("PIP_NO_INDEX")
    monkeypatch.delenv("PIP_FIND_LINKS")
    monkeypatch.setenv("PIP_RETRIES", "0")
    await available(instance, "first==1.0", "third==3.0")
    await instance.server.reinstall("ana")
    await instance.settled()
    assert instance.states() == {"first": ("failed", "pip"), "third": ("failed", "pip")}
    assert "secret" not in json.dumps([instance.parts, instance.records])
    assert instance.list == ["first==1.0", "third==3.0"]


async def test_a_pip_that_hangs_is_ended(instance, silent_index):
    instance.traits = {"Pip": {"package_seconds": 1.0, "run_seconds": 3.0}}
    await available(instance, "first==1.0", "third==3.0")
    started = time.monotonic()
    await instance.server.reinstall("ana")
    process = await running(instance)
    await instance.settled(30)
    assert time.monotonic() - started < 25
    assert instance.states() == {"first": ("failed", "timeout"), "third": ("failed", "timeout")}
    await ended(process)


async def test_a_run_can_be_ended_and_the_offer_stays(instance, silent_index):
    await available(instance, "first==1.0", "third==3.0")
    await instance.server.reinstall("ana")
    process = await running(instance)
    below = process.children(recursive=True)
    assert await instance.server.reinstall("ben") is False
    await instance.server.cancel_or_dismiss()
    assert (instance.part["phase"], instance.states()["first"]) == ("available", ("available", None))
    for one in (process, *below):
        await ended(one)
    assert instance.records[-1]["outcome"] == "ended"
    assert instance.list == ["first==1.0", "third==3.0"]


async def test_a_server_that_ends_takes_pip_along_and_the_next_one_offers_the_same(instance, silent_index):
    await available(instance, "first==1.0")
    await instance.server.reinstall("ana")
    process = await running(instance)
    await instance.server.close()
    await ended(process)
    await instance.start()
    assert (instance.part["phase"], instance.states()) == ("available", {"first": ("available", None)})


async def test_a_run_can_be_ended_at_any_moment(instance, silent_index):
    await available(instance, "first==1.0")
    before = set(psutil.Process().children(recursive=True))
    for number in range(20):
        await instance.server.reinstall("ana")
        await asyncio.sleep(number / 500)
        await asyncio.wait_for(instance.server.cancel_or_dismiss() if number % 2 else instance.server.close(), 20)
        instance.server._loop = asyncio.get_running_loop()
    for left in set(psutil.Process().children(recursive=True)) - before:
        await ended(left)
    assert set(psutil.Process().children(recursive=True)) <= before


def jobs_below_this_process(ours=()):
    """Return the process ids of the jobs that a restart would list, without our own processes."""
    accounted_for = AccountedFor({}, (), (), ours=ours)
    jobs = Jobs(process_reader.read_processes(), accounted_for, ProgramPatterns([]), time.time() + 9)
    return {job.process.pid for job in jobs.below(os.getpid())}


async def test_pip_of_ours_is_behind_everybody_else_and_nobodys_work(instance, silent_index):
    await available(instance, "first==1.0")
    before = jobs_below_this_process()
    await instance.server.reinstall("ana")
    process = await running(instance)
    while "pip" not in process.cmdline():
        await asyncio.sleep(0.01)
    own = process.children(recursive=True) or [process]
    assert own[-1].nice() == 19
    assert process.pid in jobs_below_this_process()
    assert jobs_below_this_process(ours=subprocesses.running()) <= before


async def test_a_restart_in_the_middle_of_a_run_keeps_what_is_not_back_on_the_list(instance, silent_index):
    await available(instance, "first==1.0", "third==3.0")
    await instance.server.reinstall("ana")
    await running(instance)
    await instance.restart()
    assert instance.states() == {"first": ("available", None), "third": ("available", None)}


async def test_two_servers_of_one_instance_run_one_pip(instance, silent_index):
    await available(instance, "first==1.0")
    first = instance.server
    await first.reinstall("ana")
    second = await instance.start()
    assert await second.reinstall("ben") is False
    await first.close()
    assert await second.reinstall("ben")


ALLOWED = {"PackageReinstaller": {"allow_automatic": True}, "Candidates": {"allow_origins": True}}


def unpack(instance, place, requirement="third==3.0"):
    """Write what an archive may contain: a list, the setting, and an environment whose Python leaves a mark."""
    mark, python = instance.root / "mark", place / "bin" / "python"
    python.parent.mkdir(parents=True, exist_ok=True)
    python.write_text(f"#!/bin/sh\necho ran >> {mark}\n")
    python.chmod(0o755)
    (place / "lib" / "python3.10" / "site-packages").mkdir(parents=True, exist_ok=True)
    folder = instance.store / "packages"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "evil.txt").write_text(f"# environment: {place}\n{requirement}\n")
    (folder / "preferences.json").write_text('{"format": 1, "automatic": true, "last_automatic_run": null}')
    return mark


@pytest.mark.parametrize("below", ["SageMaker/evil", "elsewhere/evil"])
async def test_no_python_runs_that_only_a_file_on_the_volume_names(instance, below):
    instance.traits = ALLOWED
    mark = unpack(instance, instance.root / below)
    await instance.start()
    await instance.settled()
    assert instance.states() == {"third": ("failed", "environment-gone")}
    assert await instance.server.reinstall("ana")  # nor with a click
    await instance.settled()
    assert not mark.exists()
    assert (instance.store / "packages" / "evil.txt").exists()


async def test_nothing_is_put_back_by_itself_unless_an_administrator_allows_it(instance):
    await available(instance, "third==3.0")
    unpack(instance, instance.root / "SageMaker" / "evil")
    await instance.restart()
    assert (await instance.settled())["automatic"] is None
    assert instance.states()["third"] == ("available", None)
    with pytest.raises(Conflict, match="allow_automatic"):
        await instance.server.reinstall("ana", automatic=True)
    with pytest.raises(Conflict, match="allow_automatic"):
        await instance.server.set_automatic(automatic=True)
    assert instance.records == []


@pytest.mark.parametrize(
    "requirement", ["x @ https://e.com/x.tar.gz", "-e {root}/SageMaker/x", "x @ file://{root}/SageMaker/x"]
)
async def test_the_code_at_a_url_or_in_a_folder_does_not_run_unless_an_administrator_allows_it(instance, requirement):
    (instance.root / "SageMaker" / "x").mkdir(parents=True)
    folder = instance.store / "packages"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "python3.txt").write_text(f"# environment: {instance.path}\n{requirement.format(root=instance.root)}\n")
    await instance.start()
    assert instance.states() == {"x": ("failed", "origin-not-allowed")}
    assert await instance.server.reinstall("ana")
    assert (instance.part["phase"], instance.records) == ("done", [])


async def test_a_list_that_is_put_back_by_itself_begins_after_each_boot_and_once(instance):
    instance.traits = ALLOWED
    await available(instance, "third==3.0")
    assert await instance.server.reinstall("ana", automatic=True)
    await instance.settled()
    await instance.restart()
    assert (await instance.settled())["automatic"] is True
    assert instance.states() == {"third": ("reinstalled", None)}
    assert [record["by"] for record in instance.records] == ["ana", "automatic"]
    pip(instance.path, "uninstall", "--yes", "third")
    await instance.server.close()
    await instance.start()
    await instance.settled()
    assert len(instance.records) == 2


async def test_what_is_put_back_by_itself_can_be_ended_for_good(instance):
    instance.traits = ALLOWED
    await available(instance, "third==3.0")
    await instance.server.reinstall("ana", automatic=True)
    await instance.settled()
    await instance.server.reinstall("ana", automatic=False)
    await instance.restart()
    assert (instance.part["automatic"], instance.part["phase"]) == (False, "available")


async def test_an_offer_that_nobody_wants_is_made_no_more_and_stays_in_the_file(instance):
    await available(instance, "first==1.0", "third==3.0")
    await instance.server.cancel_or_dismiss()
    assert (instance.part["phase"], instance.part["environments"]) == ("none", [])
    assert instance.list == []
    assert "# withdrawn: first==1.0\n" in (instance.store / "packages" / "python3.txt").read_text()
    await instance.restart()
    assert instance.part["phase"] == "none"
    pip(instance.path, "install", "first")
    await instance.look()
    assert instance.list == ["first==1.0", "second==2.0"]
    text = (instance.store / "packages" / "python3.txt").read_text()
    assert "withdrawn: first" not in text
    assert "# withdrawn: third==3.0\n" in text


async def test_a_later_server_of_the_same_boot_goes_by_the_same_baseline(instance):
    pip(instance.path, "install", "third")
    await instance.server.close()
    await instance.start()
    (added,) = await instance.look()
    assert [package.name for package in added.packages] == ["third"]
    await instance.server.close()
    await instance.start()
    assert instance.part["phase"] == "none"


async def test_what_is_removed_again_is_not_on_the_list(instance):
    pip(instance.path, "install", "third")
    await instance.look()
    pip(instance.path, "uninstall", "--yes", "third")
    await instance.look()
    assert instance.list is None


async def test_another_version_of_what_the_image_has_is_added_and_put_back(instance, index, tmp_path, monkeypatch):
    wheels = tmp_path / "newer"
    make_wheel(wheels, "of_the_image", "2.5")
    monkeypatch.setenv("PIP_FIND_LINKS", str(wheels))
    pip(instance.path, "install", "of-the-image==2.5")
    await instance.restart()
    assert instance.states() == {"of-the-image": ("available", None)}
    await instance.server.reinstall("ana")
    await instance.settled()
    assert instance.states() == {"of-the-image": ("reinstalled", None)}


async def test_an_installation_from_a_folder_comes_back_where_the_folder_is(instance, imports, tmp_path):
    instance.traits = ALLOWED
    project = tmp_path / "SageMaker" / "my project"
    (project / "mine").mkdir(parents=True)
    (project / "mine" / "__init__.py").write_text("x = 7\n")
    (project / "pyproject.toml").write_text(BACKEND)
    (project / "backend.py").write_text(BUILD)
    scratch = make_wheel(tmp_path / "scratch", "scratch")
    wheel = make_wheel(tmp_path / "SageMaker", "kept")
    pip(instance.path, "install", "--no-build-isolation", "-e", str(project))
    pip(instance.path, "install", str(scratch), str(wheel))
    await instance.look()
    assert instance.list == [
        f"kept @ file://{wheel}  # kept 1.0",
        f"-e file://{quote(str(project))}  # mine 0.1",
        f"scratch @ file://{scratch}  # scratch 1.0",
    ]
    scratch.unlink()
    await instance.restart()
    assert instance.states() == {"kept": ("available", None), "mine": ("available", None), "scratch": ("failed", "path-gone")}
    await instance.server.reinstall("ana")
    await instance.settled()
    assert instance.states() == {
        "kept": ("reinstalled", None),
        "mine": ("reinstalled", None),
        "scratch": ("failed", "path-gone"),
    }
    assert await imports("import mine; print(mine.x)") == "7"


async def test_jupyters_own_environment_is_never_touched(instance):
    system = instance.path.parent / "JupyterSystemEnv"
    lay(instance.image, system)
    await instance.restart()
    install(system, "addon-1.0")
    assert [added.environment.name for added in await instance.look()] == ["JupyterSystemEnv"]
    lay(instance.image, system)
    await instance.server.close()
    instance.boot += 1
    await instance.start()
    assert instance.states() == {"addon": ("failed", "system-environment")}
    assert await instance.server.reinstall("ana")
    assert (instance.part["phase"], instance.records) == ("done", [])


async def test_an_environment_that_is_gone_is_named(instance):
    other = instance.path.parent / "mine"
    install(other, "x-1.0")
    (added,) = await instance.look()
    assert (added.environment.name, added.packages[0].requirement) == ("mine", "x==1.0")
    shutil.rmtree(other)
    await instance.restart()
    (environment,) = instance.part["environments"]
    assert (environment["name"], instance.states()) == ("mine", {"x": ("failed", "environment-gone")})


async def test_what_conda_has_installed_is_named_with_the_command(instance):
    install(instance.path, "r-base-4.3", conda=True)
    install(instance.path, "pytorch-2.1", conda=True)
    install(instance.path, "torch-2.1", installer="conda")
    await instance.look()
    await instance.restart()
    assert instance.states() == {"pytorch": ("failed", "conda"), "r-base": ("failed", "conda")}
    detail = instance.part["environments"][0]["packages"][0]["detail"]
    assert detail == f"conda install --prefix {instance.path} pytorch=2.1"


async def test_what_was_cut_off_in_the_middle_is_installed_anew(instance, imports):
    await available(instance, "third==3.0")
    (site,) = instance.path.glob("lib/python3*/site-packages")
    half = site / "third-3.0.dist-info"
    half.mkdir()
    (half / "METADATA").write_text("Metadata-Version: 2.1\nName: third\nVersion: 3.0\n")
    await instance.look()
    assert instance.states() == {"third": ("available", None)}
    await instance.server.reinstall("ana")
    await instance.settled()
    assert instance.states() == {"third": ("reinstalled", None)}
    assert await imports("import third; print(third.__version__)") == "3.0"


@contextmanager
def mounted(path, *options):
    """Mount something over a folder during the test."""
    done = subprocess.run(["mount", *options, str(path)], capture_output=True, text=True, timeout=20, check=False)
    if done.returncode:
        pytest.skip(f"nothing can be mounted here: {done.stderr}")
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", str(path)], capture_output=True, timeout=20, check=False)


async def test_an_environment_that_cannot_be_written_is_told_in_pips_own_words(instance):
    await available(instance, "third==3.0")
    (site,) = instance.path.glob("lib/python3*/site-packages")
    with mounted(site, "--bind", str(site)), mounted(site, "-o", "remount,ro,bind"):
        await instance.server.reinstall("ana")
        await instance.settled()
        (package,) = instance.part["environments"][0]["packages"]
        assert (package["code"], "Read-only file system" in package["detail"]) == ("pip", True)
    await instance.look()
    await instance.server.reinstall("ana")
    await instance.settled()
    assert instance.states() == {"third": ("reinstalled", None)}


async def test_a_disk_that_gets_full_is_told_and_leaves_nothing_half(instance, index, tmp_path, monkeypatch):
    wheels = tmp_path / "large"
    make_wheel(wheels, "large", module="# " + "x" * 30_000_000)
    monkeypatch.setenv("PIP_FIND_LINKS", f"{index} {wheels}")
    await available(instance, "large==1.0", "third==3.0")
    (site,) = instance.path.glob("lib/python3*/site-packages")
    kept = tmp_path / "kept"
    shutil.copytree(site, kept)
    with mounted(site, "-t", "tmpfs", "-o", "size=24m", "tmpfs"):
        shutil.copytree(kept, site, dirs_exist_ok=True)
        await instance.server.reinstall("ana")
        await instance.settled()
        assert instance.states() == {"large": ("failed", "pip"), "third": ("reinstalled", None)}
        large = next(package for package in instance.part["environments"][0]["packages"] if package["name"] == "large")
        assert "No space left on device" in large["detail"]


async def test_a_volume_that_takes_nothing_is_no_reason_to_break(tmp_path, pristine, python3):
    (tmp_path / "SageMaker").mkdir()
    (tmp_path / "SageMaker" / ".nb-updater").write_text("")
    instance = Instance(tmp_path, pristine, python3)
    await instance.start()
    pip(instance.path, "install", "third")
    (added,) = await instance.look()
    assert [package.name for package in added.packages] == ["third"]
    await asyncio.to_thread(instance.server.save)
    await instance.server.close()


BACKEND = """
[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]
[project]
name = "mine"
version = "0.1"
"""

BUILD = """
import os, zipfile
def wheel(folder, files):
    name = "mine-0.1-py3-none-any.whl"
    files |= {"mine-0.1.dist-info/METADATA": "Metadata-Version: 2.1\\nName: mine\\nVersion: 0.1\\n",
              "mine-0.1.dist-info/WHEEL": "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n"}
    with zipfile.ZipFile(os.path.join(folder, name), "w") as made:
        for path, text in files.items():
            made.writestr(path, text)
        made.writestr("mine-0.1.dist-info/RECORD", "".join(f"{path},,\\n" for path in files))
    return name
def build_editable(folder, config_settings=None, metadata_directory=None):
    return wheel(folder, {"mine.pth": os.getcwd()})
def build_wheel(folder, config_settings=None, metadata_directory=None):
    return wheel(folder, {"mine.py": "x = 7"})
"""
