"""One restart and one run of pip at a time among all servers of a volume."""

import subprocess
import sys

from jupyter_nb_updater.util.file_lock import FileLock


def test_only_one_holds_the_lock_until_it_is_released(tmp_path):
    one, other = FileLock(tmp_path / "restart.lock"), FileLock(tmp_path / "restart.lock")
    assert (one.acquire(), one.acquire(), other.acquire()) == (True, True, False)
    assert (one.locked, other.locked) == (True, False)
    one.release()
    one.release()
    assert other.acquire()
    other.release()


def test_a_program_that_was_given_the_lock_holds_it_until_its_own_end(tmp_path):
    one, other = FileLock(tmp_path / "run.lock"), FileLock(tmp_path / "run.lock")
    assert one.acquire()
    waits = [sys.executable, "-c", "input()"]
    with subprocess.Popen(waits, stdin=subprocess.PIPE, pass_fds=one.fds) as program:
        one.release()
        assert not other.acquire()
        program.communicate(b"\n", timeout=20)
    assert other.acquire()
    other.release()


def test_the_folder_is_made_when_it_is_not_there(tmp_path):
    lock = FileLock(tmp_path / "SageMaker" / ".nb-updater" / "restart.lock")
    assert lock.acquire()
    lock.release()


def test_a_volume_on_which_no_file_can_be_made_is_left_to_the_journal_to_refuse(tmp_path):
    (tmp_path / "file").write_text("")
    lock = FileLock(tmp_path / "file" / "restart.lock")
    assert (lock.acquire(), lock.locked) == (True, False)
