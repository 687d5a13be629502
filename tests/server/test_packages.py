"""Packages that somebody had added: told, offered after a restart, and put back by a real pip into a real environment."""

import asyncio
import os
import shutil
import subprocess
import time

import pytest

from jupyter_nb_updater.clock import utcnow
from jupyter_nb_updater.packages.baseline import Boot
from jupyter_nb_updater.packages.putting_back import PuttingBack
from tests.packages import make_venv, make_wheel, pip

OURS = {"X-Nb-Updater": "1"}


@pytest.fixture(scope="session")
def pristine(tmp_path_factory):
    """What the image has: an environment with pip, and with a package of its own."""
    folder = tmp_path_factory.mktemp("image")
    wheel = make_wheel(folder / "wheels", "of_the_image", "2.0")
    venv = make_venv(folder / "envs" / "python3")
    pip(venv, "install", "--no-index", str(wheel))
    return venv


@pytest.fixture(scope="session")
def index(tmp_path_factory):
    """The folder that pip is configured to take everything from."""
    folder = tmp_path_factory.mktemp("index")
    make_wheel(folder, "first", "1.0", needs=["second"])
    make_wheel(folder, "second", "1.0")
    make_wheel(folder, "second", "2.0")
    make_wheel(folder, "third", "3.0")
    return folder


@pytest.fixture
def python3(pristine, tmp_path, monkeypatch, index):
    """The environment of the machine, as a boot lays it out, and pip's configuration."""
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
    """A copy works where it is: pip is called as a module."""
    shutil.rmtree(path, ignore_errors=True)
    shutil.copytree(image, path, symlinks=True, copy_function=link)


class Specs:
    def get_all_specs(self):
        return {}


class Instance:
    """One machine over its boots; each server of it is new."""

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
        from traitlets.config import Config

        config = Config({"Environments": {"folders": [str(self.path.parent / "*")]}, **self.traits})
        self.server = PuttingBack(
            kernel_specs=Specs(),
            store=self.store,
            boot=lambda: Boot(f"boot-{self.boot}", None),
            record=self.record,
            tell=self.parts.append,
            now=utcnow,
            config=config,
        )
        self.server.begin()
        await self.server._beginning
        return self.server

    async def look(self):
        return await asyncio.to_thread(self.server.look)

    async def restart(self):
        """The stop, and the next boot, with the image as it was."""
        await asyncio.to_thread(self.server.keep)
        await self.server.close()
        self.boot += 1
        lay(self.image, self.path)
        return await self.start()

    async def settled(self, seconds=120):
        until = time.monotonic() + seconds
        while self.server.is_running:
            assert time.monotonic() < until
            await asyncio.sleep(0.02)
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


async def test_what_somebody_added_is_listed_offered_and_put_back(instance):
    pip(instance.path, "install", "first", "third")
    (added,) = await instance.look()
    assert [(package.name, package.version) for package in added.packages] == [
        ("first", "1.0"),
        ("second", "2.0"),
        ("third", "3.0"),
    ]
    assert instance.list == ["first==1.0", "second==2.0", "third==3.0"]
    await instance.restart()
    assert instance.part["phase"] == "offered"
    assert instance.states() == dict.fromkeys(("first", "second", "third"), ("offered", None))
    assert await instance.server.put_back("ana")
    assert instance.part["phase"] == "running"
    await instance.settled()
    assert (instance.part["phase"], instance.states()) == ("done", dict.fromkeys(("first", "second", "third"), ("back", None)))
    told = subprocess.run(
        [instance.path / "bin" / "python", "-c", "import first, third; print(third.__version__)"],
        capture_output=True,
        text=True,
    )
    assert told.stdout == "3.0\n"
    assert instance.list == ["first==1.0", "second==2.0", "third==3.0"]
    assert instance.records[-1]["packages"][0] == {
        "environment": "python3",
        "name": "first",
        "version": "1.0",
        "state": "back",
        "code": None,
    }
