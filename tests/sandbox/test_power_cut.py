"""After a power cut, what was verified is on disk, and what was only written is not, so that the test proves something."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from jupyter_nb_updater.journal import Journal
from jupyter_nb_updater.sandbox import Sandbox
from jupyter_nb_updater.sandbox.machine.disk import Disk
from jupyter_nb_updater.util.files import Filesystems, sync_filesystem
from tests.servers import server_of
from tests.wait import eventually

MEGABYTES = 64
WITHOUT_FSYNC = {"FileContentsManager": {"use_atomic_writing": False}}
BOOT_SECONDS = 60.0


@pytest.fixture(scope="module")
def sandbox(wheel: Path) -> Iterator[Sandbox]:
    with Sandbox(wheel=wheel, disk_megabytes=MEGABYTES, cut_at_stop=True, traits=WITHOUT_FSYNC) as running:
        yield running


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    made = Disk(tmp_path / "image", tmp_path / "volume", MEGABYTES)
    made.attach()
    yield made
    made.detach()


def save(sandbox: Sandbox, name: str, text: str) -> None:
    """Save like a page, through the contents API."""
    session = requests.Session()
    session.trust_env = False
    session.get(sandbox.lab_url, timeout=10)
    body = {"type": "file", "format": "text", "content": text}
    headers = {"X-XSRFToken": session.cookies["_xsrf"]}
    session.put(f"{sandbox.url}api/contents/{name}", json=body, headers=headers, timeout=10).raise_for_status()
    assert (sandbox.volume / name).read_text() == text  # read back, it is equal, whether or not it is on the disk


def survived(sandbox: Sandbox, name: str, text: str) -> bool:
    path = sandbox.volume / name
    return path.exists() and path.read_text() == text


def journal(sandbox: Sandbox) -> Journal:
    return Journal(directory=str(sandbox.volume / ".nb-updater"))


def test_what_is_synced_survives_a_cut_and_what_is_only_written_does_not(sandbox: Sandbox) -> None:
    save(sandbox, "saved.txt", "proven")
    sync_filesystem(sandbox.volume)
    server_of(sandbox).call("PUT", "deferral")
    record = journal(sandbox).records()[-1]
    save(sandbox, "control.txt", "read back, but only from memory")

    sandbox.cut()

    assert sandbox.status == "Failed"
    assert survived(sandbox, "saved.txt", "proven")
    assert not survived(sandbox, "control.txt", "read back, but only from memory")
    assert journal(sandbox).records()[-1] == record
    sandbox.aws.client("sagemaker").start_notebook_instance(NotebookInstanceName=sandbox.name)
    sandbox.wait_for("InService", BOOT_SECONDS)
    assert "saved.txt" in sandbox.run("ls").stdout
    *_, kept, boot = server_of(sandbox).call("GET", "journal")["records"]
    assert (kept, boot["event"]) == (record, "booted")  # somebody else's restart is evidence too


def test_a_restart_whose_stop_is_a_power_cut_loses_nothing_that_was_there_at_the_click(sandbox: Sandbox) -> None:
    before = server_of(sandbox).call("GET", "state")["server_id"]
    save(sandbox, "saved.txt", "before the click")
    (sandbox.volume / "written by another program.csv").write_text("1,2,3\n")
    sandbox.faults.add("StopNotebookInstance", delay_seconds=2)
    server_of(sandbox).call("POST", "restart", {"when": "now"})
    eventually(lambda: journal(sandbox).records()[-1]["event"] == "armed")
    save(sandbox, "control.txt", "after the proof")

    eventually(lambda: sandbox.status == "Pending", BOOT_SECONDS)
    sandbox.wait_for("InService", BOOT_SECONDS)

    assert survived(sandbox, "saved.txt", "before the click")
    assert survived(sandbox, "written by another program.csv", "1,2,3\n")
    assert not survived(sandbox, "control.txt", "after the proof")
    assert server_of(sandbox).call("GET", "state")["server_id"] != before
    outcome = eventually(lambda: server_of(sandbox).call("GET", "state")["outcome"])
    assert outcome["outcome"] == "updated"


def test_a_full_disk_is_a_real_one(disk: Disk, tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No space left on device"):
        (tmp_path / "volume" / "large").write_bytes(bytes(MEGABYTES << 20))


def test_a_disk_that_cannot_be_written_is_told(disk: Disk, tmp_path: Path) -> None:
    (tmp_path / "volume" / ".nb-updater").mkdir()
    Filesystems([tmp_path / "volume", tmp_path / "volume" / ".nb-updater", tmp_path / "not there"]).sync()
    disk.fail()
    with pytest.raises(OSError, match="Input/output error") as told:
        Filesystems([tmp_path / "volume", tmp_path / "volume" / ".nb-updater"]).sync()
    assert (told.value.errno, told.value.filename) == (errno.EIO, str(tmp_path / "volume"))


def test_a_disk_that_a_killed_sandbox_has_left_behind_is_taken_over(disk: Disk, tmp_path: Path) -> None:
    (tmp_path / "volume" / "notes.txt").write_text("text")
    again = Disk(tmp_path / "image", tmp_path / "volume", MEGABYTES)
    again.attach()
    assert (tmp_path / "volume" / "notes.txt").read_text() == "text"
    again.detach()
    assert not (tmp_path / "volume" / "notes.txt").exists()


def test_without_a_disk_of_its_own_a_cut_ends_every_process_at_once_and_the_volume_stays() -> None:
    with Sandbox(extension=False, return_path="none") as sandbox:
        sandbox.run("sh", "-c", "(trap '' TERM; setsid sleep 1000) >/dev/null 2>&1 & echo $! > pid")
        (sandbox.volume / "notes.txt").write_text("text")
        sandbox.cut()
        assert not Path("/proc", (sandbox.volume / "pid").read_text().strip()).exists()
        assert (sandbox.volume / "notes.txt").read_text() == "text"
