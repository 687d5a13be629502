"""The inventory of all losses, and kernels of servers that are simulated."""

import asyncio
import os
import threading
from datetime import datetime, timedelta, timezone
from types import SimpleNamespace

import pytest

from jupyter_nb_updater.losses import proc as process_reader
from jupyter_nb_updater.losses.inventory import LossInventory
from jupyter_nb_updater.losses.kernels import MAX_STARTING_TIME, Kernels, is_busy
from jupyter_nb_updater.losses.terminals import Terminals

NOW = datetime(2026, 11, 23, 14, 0, tzinfo=timezone.utc)


class KernelManager:
    """A manager of jupyter_server 2.7, whose kernels have no trait for their state; and the sessions."""

    def __init__(self, **states):
        self.states, self.sessions, self.active = states, [], "2026-11-23T13:59:00.250000Z"

    def list_kernels(self):
        return [
            {"id": kernel, "name": "python3", "execution_state": state, "last_activity": self.active}
            for kernel, state in self.states.items()
        ]

    def get_kernel(self, kernel):
        return object()

    async def list_sessions(self):
        return self.sessions


class Clock:
    """A clock that the test sets."""

    time = NOW

    def now(self):
        return self.time


@pytest.fixture
def clock():
    return Clock()


def kernels_of(manager, clock):
    return Kernels(manager, manager, clock)


def losses_of(kernels, clock, tmp_path, **traits):
    made = LossInventory(
        kernels=kernels,
        terminals=Terminals(None),
        packages=SimpleNamespace(refresh=list),
        restore=SimpleNamespace(restored_paths=list),
        context=SimpleNamespace(
            booted=lambda: NOW - timedelta(days=1),
            system_clock=clock,
            journal=SimpleNamespace(directory=str(tmp_path / "SageMaker" / ".nb-updater")),
        ),
        **traits,
    )
    made._processes.root_pid = -1  # nothing of this machine
    made._files.folders = [str(tmp_path / "home")]
    return made


async def only(kernels):
    (kernel,) = await kernels.list_running()
    return kernel


async def test_a_kernel_is_named_by_its_notebook_or_else_by_its_kind(clock):
    manager = KernelManager(k1="idle", k2="idle")
    manager.sessions = [{"path": "folder/train.ipynb", "kernel": {"id": "k1"}}, {"path": "x", "kernel": None}]
    assert [kernel.name for kernel in await kernels_of(manager, clock).list_running()] == ["folder/train.ipynb", "python3"]


async def test_an_older_server_tells_busy_since_the_last_activity_before_we_first_saw_it(clock):
    manager = KernelManager(k="busy")
    kernels = kernels_of(manager, clock)
    first = (await only(kernels)).since
    assert first == NOW - timedelta(minutes=1)
    clock.time, manager.active = NOW + timedelta(hours=1), "2026-11-23T15:00:00Z"
    assert (await only(kernels)).since == first
    manager.states["k"] = "idle"
    assert (await only(kernels)).since == clock.time
    manager.states["k"], manager.active = "busy", "2026-11-23T16:00:00Z"
    assert (await only(kernels)).since == clock.time + timedelta(hours=1)


async def test_a_kernel_without_a_trace_of_activity_is_busy_since_we_saw_it(clock):
    manager = KernelManager(k="busy")
    manager.active = None
    assert (await only(kernels_of(manager, clock))).since == NOW


@pytest.mark.parametrize(
    ("state", "age", "busy"),
    [
        ("busy", timedelta(days=9), True),
        ("idle", timedelta(0), False),
        ("dead", timedelta(0), False),
        ("starting", timedelta(0), True),
        ("starting", MAX_STARTING_TIME, False),
        (None, timedelta(days=9), True),
        ("something new", timedelta(days=9), True),
    ],
)
def test_a_state_that_is_not_known_counts_as_busy(state, age, busy):
    assert is_busy({"execution_state": state, "last_activity": (NOW - age).isoformat()}, NOW) is busy


async def test_the_losses_of_a_server_without_terminals_are_told(clock, tmp_path):
    losses = losses_of(kernels_of(KernelManager(k="idle"), clock), clock, tmp_path)
    assert [loss["id"] for loss in await losses.list() if loss["kind"] == "kernel"] == ["kernel:k"]


async def test_kernels_that_cannot_be_seen_are_never_no_kernels(clock, tmp_path):
    class Broken(KernelManager):
        def list_kernels(self):
            raise RuntimeError("the gateway does not answer")

    with pytest.raises(RuntimeError, match="gateway"):
        await losses_of(kernels_of(Broken(), clock), clock, tmp_path).list()


async def test_processes_that_cannot_be_seen_are_never_no_processes(clock, tmp_path, monkeypatch):
    monkeypatch.setattr(process_reader, "PROC", tmp_path)
    (tmp_path / "self").mkdir()
    (tmp_path / "self" / "stat").write_text("")
    process_reader._kernel_clock.cache_clear()
    with pytest.raises(OSError, match="stat"):
        await losses_of(kernels_of(KernelManager(), clock), clock, tmp_path).list()


async def test_a_part_of_the_disk_that_cannot_be_looked_at_hides_only_itself(clock, tmp_path, caplog):
    losses = losses_of(kernels_of(KernelManager(k="idle"), clock), clock, tmp_path)
    (tmp_path / "home").mkdir()
    await losses.list()
    (tmp_path / "home" / "new").write_text("x")

    def broken():
        raise OSError("no cron today")

    losses._schedules.losses, losses.disk_interval_seconds = broken, 0.0
    told = await losses.list()
    assert [loss["name"] for loss in told if loss["kind"] == "files"] == [str(tmp_path / "home" / "new")]
    assert "no cron today" in caplog.text


async def test_the_disk_is_looked_at_once_a_while(clock, tmp_path):
    looks = []
    losses = losses_of(kernels_of(KernelManager(), clock), clock, tmp_path)
    losses._schedules.losses = lambda: looks.append(1) or []
    await asyncio.gather(losses.list(), losses.list())
    clock.time = NOW + timedelta(seconds=19)
    await losses.list()
    assert len(looks) == 1
    clock.time = NOW + timedelta(seconds=20)
    await losses.list()
    assert len(looks) == 2


async def test_a_disk_that_hangs_holds_nobody_up(clock, tmp_path):
    end = threading.Event()
    losses = losses_of(kernels_of(KernelManager(k="idle"), clock), clock, tmp_path, disk_timeout_seconds=0.05)
    losses._schedules.losses = lambda: end.wait(20) and []
    told = await asyncio.wait_for(losses.list(), 10)
    assert "kernel:k" in [loss["id"] for loss in told]
    end.set()
    await losses.close()


def test_a_machine_without_proc_tells_the_same(monkeypatch, tmp_path):
    def me():
        table = process_reader.read_processes()
        process = table.get(os.getpid())
        return table.argv(process), table.owner(process), process.parent, process.group, process.session

    here = me()
    monkeypatch.setattr(process_reader, "PROC", tmp_path)
    assert me() == here
