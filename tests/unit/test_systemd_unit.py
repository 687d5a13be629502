"""The unit of the emulated machine counts its starts like systemd."""

from jupyter_nb_updater.sandbox.machine.init import START_LIMIT_BURST, START_LIMIT_INTERVAL_SECONDS, SystemdUnit


def shown(path):
    return dict(line.split("=") for line in path.read_text().splitlines())


def test_a_jupyter_that_always_ends_is_left_alone_after_five_starts_until_somebody_asks(tmp_path):
    unit = SystemdUnit(tmp_path / "unit", "jupyter", tmp_path / "proc")
    assert [unit.may_start(second) for second in range(START_LIMIT_BURST + 1)] == [True] * START_LIMIT_BURST + [False]
    assert shown(tmp_path / "unit") == {"MainPID": "0", "NRestarts": "4", "ActiveState": "failed"}
    unit.reset()
    assert unit.may_start(START_LIMIT_BURST + 1)
    unit.runs(9)
    assert shown(tmp_path / "unit") == {"MainPID": "9", "NRestarts": "0", "ActiveState": "active"}
    assert (tmp_path / "proc" / "9" / "cgroup").read_text() == "0::/system.slice/jupyter.service\n"


def test_one_that_ends_now_and_then_is_always_started_again(tmp_path):
    unit = SystemdUnit(tmp_path / "unit", "jupyter", tmp_path / "proc")
    assert all(unit.may_start(START_LIMIT_INTERVAL_SECONDS * number) for number in range(20))
    assert shown(tmp_path / "unit") == {"MainPID": "0", "NRestarts": "19", "ActiveState": "active"}
