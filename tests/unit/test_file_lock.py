"""One restart and one run of pip at a time among all servers of a volume."""

import subprocess
import sys

from jupyter_nb_updater.util.file_lock import FileLock


def test_only_one_has_its_turn_until_it_gives_it_back(tmp_path):
    one, other = FileLock(tmp_path / "restart.lock"), FileLock(tmp_path / "restart.lock")
    assert (one.take(), one.take(), other.take()) == (True, True, False)
    assert (one.is_ours, other.is_ours) == (True, False)
    one.give_back()
    one.give_back()
    assert other.take()
    other.give_back()


def test_a_program_that_holds_it_has_its_turn_until_its_own_end(tmp_path):
    one, other = FileLock(tmp_path / "run.lock"), FileLock(tmp_path / "run.lock")
    assert one.take()
    waits = [sys.executable, "-c", "input()"]
    with subprocess.Popen(waits, stdin=subprocess.PIPE, pass_fds=one.held) as program:
        one.give_back()
        assert not other.take()
        program.communicate(b"\n", timeout=20)
    assert other.take()
    other.give_back()


def test_the_folder_is_made_when_it_is_not_there(tmp_path):
    turn = FileLock(tmp_path / "SageMaker" / ".nb-updater" / "restart.lock")
    assert turn.take()
    turn.give_back()


def test_a_volume_on_which_no_file_can_be_made_is_left_to_the_journal_to_refuse(tmp_path):
    (tmp_path / "file").write_text("")
    turn = FileLock(tmp_path / "file" / "restart.lock")
    assert (turn.take(), turn.is_ours) == (True, False)
