"""The OnStart script installs the extension, or logs why not, and always exits with 0."""

from __future__ import annotations

import hashlib
import json
import subprocess
import tempfile
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from jupyter_nb_updater.losses import proc as process_reader
from jupyter_nb_updater.losses.processes import AccountedFor, BackgroundProcesses
from jupyter_nb_updater.restart.risks import start_seconds
from jupyter_nb_updater.sandbox.aws.client import EmulatedAws
from jupyter_nb_updater.util.clock import utcnow
from tests.wait import eventually

from .on_start import JUPYTER, UNIT, WHEEL, Home
from .support import make_wheel

CREDENTIALS = {"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b", "AWS_EC2_METADATA_DISABLED": "true"}


@pytest.fixture(scope="module")
def prepared() -> Iterator[Home]:
    """Create a home with a space in its path, which is short because losses show only the beginning of command lines."""
    with tempfile.TemporaryDirectory(prefix="a home ", ignore_cleanup_errors=True) as folder:
        yield Home(Path(folder))


@pytest.fixture
def home(prepared: Home) -> Iterator[Home]:
    """Return the same environment for all tests, without traces of the test before."""
    prepared.clear()
    yield prepared
    prepared.end_jupyter()


def sha256_of(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def test_it_installs_the_wheel_restarts_jupyter_without_waiting_and_sees_that_it_answers(home: Home, bare_wheel: Path) -> None:
    said = home.run(home.render(bare_wheel, sha256_of(bare_wheel).upper()))
    assert f"installed {WHEEL}" in said
    assert home.installed
    assert home.outcome()["outcome"] == "installed"
    assert home.restarts == 1
    assert f"installed {WHEEL}" in home.log.read_text()
    assert f"Jupyter answers with {WHEEL}" in home.log.read_text()


def test_its_work_beside_jupyter_is_taken_for_nobodys(home: Home, bare_wheel: Path) -> None:
    home.slow.touch()  # so that it goes on for a while
    home.run(home.render(bare_wheel, wait_seconds=1))
    told, nothing = set(), AccountedFor(kernels={}, shells=(), foregrounds=())
    while not (home.notes / "on-start.json").exists():
        losses = BackgroundProcesses().losses(process_reader.read_processes(), nothing, time.time() + 1)
        told |= {loss["name"] for loss in losses if str(home.folder) in loss["name"] and "-m pip" not in loss["name"]}
        time.sleep(0.2)
    assert {name for name in told if "jupyter_stand_in" not in name} == set()  # while pip runs, ours is in no Jupyter


def test_it_returns_before_its_work_is_done_and_goes_on_without_the_script(home: Home, bare_wheel: Path) -> None:
    home.run(home.render(bare_wheel, wait_seconds=1))
    assert not (home.notes / "on-start.json").exists()  # how long it takes is measured under systemd
    assert home.outcome()["outcome"] == "installed"
    assert home.installed


def test_it_notes_how_long_the_script_has_run(home: Home, bare_wheel: Path) -> None:
    began = time.monotonic()
    home.run(f"sleep 2\n{home.block(bare_wheel)}sleep 1; exec sleep 1\n")
    took = time.monotonic() - began
    noted = home.outcome()
    assert 4 <= noted["seconds"] <= took + 2  # each of two counts is of whole seconds
    assert noted["seconds"] < noted["work_seconds"]
    assert start_seconds(json.dumps(noted), utcnow() - timedelta(minutes=1)) == noted["seconds"]


def test_it_notes_that_too_when_it_installs_nothing(home: Home) -> None:
    home.run(home.render(f"/nowhere/{WHEEL}"))
    noted = home.outcome()
    assert noted["seconds"] < 60
    assert noted["outcome"] == "not-installed"
    assert "No such file" in noted["detail"]


def test_it_can_be_run_again(home: Home, bare_wheel: Path) -> None:
    home.run(home.render(bare_wheel))
    home.outcome()
    assert "installed" in home.run(home.render(bare_wheel))
    eventually(lambda: home.log.read_text().count("Jupyter answers") == 2)
    assert home.installed


def test_two_at_once_are_one(home: Home, bare_wheel: Path) -> None:
    home.run(home.block(bare_wheel) * 3)
    home.outcome()
    eventually(lambda: home.log.read_text().count("another installation is running") == 2)
    assert home.restarts == 1


def test_who_finds_another_one_at_work_says_so_in_the_log_that_is_not_there_yet(home: Home, bare_wheel: Path) -> None:
    home.run(f'exec 8<"{home.folder}"; flock 8\n{home.render(bare_wheel)}')
    assert "another installation is running" in home.log.read_text()
    assert not home.installed


def test_it_fetches_the_wheel_from_s3(home: Home, bare_wheel: Path, aws: EmulatedAws) -> None:
    s3 = aws.client("s3")
    s3.create_bucket(Bucket="wheels", CreateBucketConfiguration={"LocationConstraint": aws.region})
    s3.put_object(Bucket="wheels", Key=f"a/b/{WHEEL}", Body=bare_wheel.read_bytes())
    account = CREDENTIALS | {"AWS_ENDPOINT_URL": aws.url}
    assert "installed" in home.run(home.render(f"s3://wheels/a/b/{WHEEL}"), **account)
    said = home.run(home.render(f"s3://wheels/other/{WHEEL}"), **account)
    assert "not installed" in said
    assert "does not exist" in said


def test_it_takes_the_wheel_from_an_index(home: Home, bare_wheel: Path, tmp_path: Path) -> None:
    """An index with one page, configured for the instance's pip."""
    (tmp_path / "jupyter-nb-updater").mkdir()
    page = tmp_path / "jupyter-nb-updater" / "index.html"
    page.write_text(f'<a href="{WHEEL}">{WHEEL}</a>')
    (page.parent / WHEEL).write_bytes(bare_wheel.read_bytes())
    index = {"PIP_INDEX_URL": tmp_path.as_uri()}
    assert "installed" in home.run(home.render("jupyter-nb-updater==0.0.1", sha256_of(bare_wheel)), **index)
    said = home.run(home.render("jupyter-nb-updater==0.0.2"), **index)
    assert "No matching distribution" in said


def nothing_installed(home: Home, said: str, why: str) -> None:
    assert "not installed" in said
    assert why in said
    assert not home.installed
    assert home.restarts == 0
    assert why in home.log.read_text()
    assert not home.settings.exists()


def test_a_missing_wheel_is_said(home: Home) -> None:
    nothing_installed(home, home.run(home.render(f"/nowhere/{WHEEL}")), "No such file")


def test_an_address_that_does_not_answer_is_said(home: Home) -> None:
    nothing_installed(home, home.run(home.render(f"https://127.0.0.1:9/{WHEEL}")), "Connection refused")


def test_a_corrupt_wheel_is_said(home: Home, tmp_path: Path) -> None:
    wheel = tmp_path / WHEEL
    wheel.write_bytes(b"PK\x03\x04 half a download")
    nothing_installed(home, home.run(home.render(wheel)), "File is not a zip file")


def test_a_wheel_with_another_hash_is_not_installed(home: Home, bare_wheel: Path) -> None:
    nothing_installed(home, home.run(home.render(bare_wheel, "0" * 64)), "has another SHA-256")


def test_a_package_that_cannot_be_imported_is_never_installed(home: Home, tmp_path: Path) -> None:
    wheel = make_wheel(tmp_path, "raise RuntimeError('broken on purpose')\n")
    nothing_installed(home, home.run(home.render(wheel, configuration={"Adviser": {"advised_days": 1}})), "broken on purpose")


def test_a_pip_that_hangs_is_ended(home: Home, bare_wheel: Path) -> None:
    main = next(home.environment.glob("lib/python3*/site-packages/pip/__main__.py"))
    kept = main.read_bytes()
    main.unlink()  # its other name is in the cache
    try:
        main.write_text("import time; time.sleep(1000)\n")
        home.run(home.render(bare_wheel, step_seconds=15, wait_seconds=1))
        nothing_installed(home, home.outcome()["detail"], "pip")
    finally:
        main.write_bytes(kept)


CRASHES = "def _load_jupyter_server_extension(server):\n    raise RuntimeError('crashes on purpose')\n"


def test_a_wheel_with_which_jupyter_crashes_is_taken_out_and_not_tried_again(
    home: Home, bare_wheel: Path, tmp_path: Path
) -> None:
    wheel = make_wheel(tmp_path, CRASHES)
    script = home.render(wheel, configuration={"Adviser": {"advised_days": 1}})
    assert "installed" in home.run(script)
    noted = home.outcome()
    assert (noted["outcome"], noted["detail"]) == ("rolled-back", "uninstalled: with this wheel Jupyter crashed")
    assert not home.installed
    assert not home.settings.exists()
    assert home.restarts == 2

    home.asked.unlink()
    nothing_installed(home, home.run(script), "Jupyter crashed with")
    assert "installed" in home.run(home.render(bare_wheel))
    assert home.installed


def stays(home: Home, outcome: str, why: str) -> None:
    """Check that the wheel is installed, now and at the next start."""
    noted = home.outcome()
    assert (noted["outcome"], noted["detail"].count(why)) == (outcome, 1), noted
    assert home.installed
    assert not (home.notes / "rolled-back").exists()


def test_a_jupyter_that_crashes_without_it_too_is_not_held_against_the_wheel(home: Home, bare_wheel: Path) -> None:
    (home.folder / "control-group").unlink()  # without which it does not start
    home.run(home.render(bare_wheel))
    noted = home.outcome(90)
    assert (noted["outcome"], noted["detail"]) == (
        "not-installed",
        "not installed: Jupyter crashes, also without the extension",
    )
    assert not (home.notes / "rolled-back").exists()


def test_a_slow_jupyter_keeps_it(home: Home, bare_wheel: Path) -> None:
    home.slow.touch()
    home.run(home.render(bare_wheel, answer_seconds=4))
    stays(home, "no-answer", "not answered within 4 seconds")
    assert home.restarts == 1


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_unit_of_another_name_is_found_by_its_process(home: Home, bare_wheel: Path, when: str) -> None:
    home.set_unit("notebook@1.service", "1:name=systemd:/system.slice/{}/jupyter\n0::/\n")
    if when == "before":
        home.start_jupyter()
    home.run(home.render(bare_wheel, wait_seconds=1))
    if when == "after":
        eventually(lambda: home.asked.exists() and "--no-block restart" in home.asked.read_text())
        home.start_jupyter()
    stays(home, "installed", "Jupyter answers")
    assert home.restarts == 1


def test_a_crash_in_a_unit_of_another_name_is_seen(home: Home, tmp_path: Path) -> None:
    home.set_unit("notebook.service")
    home.start_jupyter()
    home.run(home.render(make_wheel(tmp_path, CRASHES)))
    assert home.outcome()["outcome"] == "rolled-back"
    assert home.restarts == 2


def test_a_parent_in_the_unit_is_enough(home: Home, bare_wheel: Path) -> None:
    """`su -l` gives the process that listens a session of its own."""
    home.set_unit("notebook.service", "0::/user.slice/user-1000.slice/session-c1.scope\n")
    home.start_jupyter()
    group = home.folder / "proc" / (home.folder / "supervisor.pid").read_text().strip() / "cgroup"
    group.parent.mkdir()
    group.write_text("0::/system.slice/notebook.service\n")
    home.run(home.render(bare_wheel))
    stays(home, "installed", "Jupyter answers")
    assert home.restarts == 1


@pytest.mark.parametrize("group", ["/system.slice/crond.service", "/user.slice/user-1000.slice/session-c1.scope"])
def test_a_jupyter_that_systemd_does_not_run_is_left_alone(home: Home, bare_wheel: Path, group: str) -> None:
    home.set_unit("notebook.service", f"0::{group}\n")
    home.start_jupyter()
    home.run(home.render(bare_wheel))
    stays(home, "next-start", "because systemd does not run it")
    assert " restart " not in home.asked.read_text()


def test_a_traceback_of_ours_in_the_log_is_evidence_where_systemd_knows_nothing(home: Home, bare_wheel: Path) -> None:
    log = home.folder / "var" / "log" / "jupyter.log"
    log.parent.mkdir(parents=True)
    line = '  File "/env/lib/python3.12/site-packages/{}/app.py", line 9, in load\n'
    log.write_text(line.format("jupyter_nb_updater"))  # of an earlier start
    home.slow.touch()
    home.run(home.render(bare_wheel, wait_seconds=1, answer_seconds=8))
    eventually(lambda: home.restarts)
    with log.open("a") as file:
        file.write(line.format("nbdime"))
    stays(home, "no-answer", "without a crash")
    (home.notes / "on-start.json").unlink()
    home.asked.unlink()
    home.run(home.render(bare_wheel, wait_seconds=1, answer_seconds=8))
    eventually(lambda: home.restarts)
    with log.open("a") as file:
        file.write(line.format("jupyter_nb_updater"))
    assert home.outcome()["outcome"] == "rolled-back"


def test_nobodys_work_is_ended_by_a_restart_of_jupyter(home: Home, bare_wheel: Path) -> None:
    home.start_jupyter(SESSIONS='[{"id": "1"}]')
    assert "from its next start on, because kernels or terminals are running" in home.run(home.render(bare_wheel))
    stays(home, "next-start", "kernels or terminals")
    assert home.restarts == 0


def test_a_second_jupyter_is_neither_restarted_nor_taken_for_the_first(home: Home, bare_wheel: Path) -> None:
    home.start_jupyter()
    (home.folder / "control-group").write_text("0::/system.slice/crond.service\n")
    second = subprocess.Popen([home.python, str(JUPYTER), str(home.folder)])
    try:
        eventually(lambda: len(list(home.folder.glob(".local/share/jupyter/runtime/*.json"))) == 2)
        home.set_unit(UNIT)
        home.run(home.render(bare_wheel))
        stays(home, "installed", "Jupyter answers")
        assert home.restarts == 1
        assert second.poll() is None
    finally:
        second.kill()
        second.wait(9)


def test_it_writes_the_configuration_where_only_the_extension_reads_it(home: Home, bare_wheel: Path) -> None:
    text = """it's "quoted" $HOME `id` \\ é"""
    home.run(home.render(bare_wheel, configuration={"Adviser": {"advised_days": 14}, "PolicyManager": {"url": text}}))
    assert json.loads(home.settings.read_text()) == {"Adviser": {"advised_days": 14}, "PolicyManager": {"url": text}}


def test_it_lays_the_desk_back_before_the_network_is_touched_and_over_nothing(home: Home) -> None:
    for name in ("workspaces", "user-settings"):
        (home.notes / "layout" / name / "deep").mkdir(parents=True)
        (home.notes / "layout" / name / "deep" / "a.json").write_text("kept")
        (home.notes / "layout" / name / "b.json").write_text("kept")
    lab = home.folder / ".jupyter" / "lab"
    (lab / "workspaces").mkdir(parents=True)
    (lab / "workspaces" / "b.json").write_text("newer")
    home.run(home.render(f"/nowhere/{WHEEL}"))
    assert (lab / "workspaces" / "deep" / "a.json").read_text() == "kept"
    assert (lab / "workspaces" / "b.json").read_text() == "newer"
    assert (lab / "user-settings" / "b.json").read_text() == "kept"


def test_it_lays_no_layout_back_that_jupyterlab_cannot_load(home: Home) -> None:
    kept, lab = home.notes / "layout" / "workspaces", home.folder / ".jupyter" / "lab" / "workspaces"
    kept.mkdir(parents=True)
    good = json.dumps({"data": {}, "metadata": {"id": "/lab"}})
    broken = [
        "[" * 100_000,
        "",
        "[]",
        "{}",
        good[:-1],
        '{"data": [], "metadata": {"id": "/lab"}}',
        '{"data": {}, "metadata": {}}',
    ]
    for name, text in {"good": good, **{str(number): text for number, text in enumerate(broken)}}.items():
        (kept / f"{name}.jupyterlab-workspace").write_text(text)
    home.run(home.render(f"/nowhere/{WHEEL}"))
    assert [path.name for path in lab.iterdir()] == ["good.jupyterlab-workspace"]
    assert (lab / "good.jupyterlab-workspace").read_text() == good


def test_a_file_on_the_volume_keeps_it_out(home: Home, bare_wheel: Path) -> None:
    home.notes.mkdir()
    (home.notes / "disabled").touch()
    nothing_installed(home, home.run(home.render(bare_wheel)), "disabled")
    assert home.outcome()["outcome"] == "switched-off"


def test_a_tag_of_the_instance_keeps_it_out_and_no_answer_does_not(home: Home, bare_wheel: Path, new_instance, aws) -> None:
    instance = new_instance()
    instance.tag("nb-updater:disabled", "")
    metadata = home.folder / "opt" / "ml" / "metadata" / "resource-metadata.json"
    metadata.parent.mkdir(parents=True)
    metadata.write_text(json.dumps({"ResourceArn": instance.arn, "ResourceName": instance.name}))
    account = CREDENTIALS | {"AWS_ENDPOINT_URL": aws.url}
    nothing_installed(home, home.run(home.render(bare_wheel), **account), "disabled by the tag nb-updater:disabled")
    assert "installed" in home.run(home.render(bare_wheel), **CREDENTIALS | {"AWS_ENDPOINT_URL": "http://127.0.0.1:9"})
    assert home.installed


def test_a_machine_without_the_environment_is_left_alone(tmp_path: Path, home: Home, bare_wheel: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    home.folder, kept = empty, home.folder
    try:
        assert "does not exist" in home.run(home.render(bare_wheel, environment_seconds=1))
    finally:
        home.folder = kept


def test_a_volume_that_cannot_be_written_does_not_stop_it(home: Home, bare_wheel: Path, tmp_path: Path) -> None:
    home.notes.write_text("a file where the folder should be")
    try:
        assert "installed" in home.run(home.render(bare_wheel), TMPDIR=str(tmp_path))
        assert home.installed
        eventually(lambda: not list(tmp_path.glob("nb-updater-*")), 30)
    finally:
        home.notes.unlink()


@pytest.mark.parametrize("what", ["missing", "denied"])
def test_a_systemctl_that_cannot_restart_anything_is_harmless(home: Home, bare_wheel: Path, what: str) -> None:
    home.start_jupyter()
    kept = home.systemctl.read_text()
    if what == "missing":
        home.systemctl.unlink()
    else:
        denied = 'case "$*" in *restart*) echo "Access denied" >&2; exit 4 ;; esac'
        home.systemctl.write_text(kept.replace("\n", f"\n{denied}\n", 1))
    try:
        home.run(home.render(bare_wheel))
        stays(home, "next-start", "systemd does not run it" if what == "missing" else "its restart failed: Access denied")
    finally:
        home.systemctl.write_text(kept)
        home.systemctl.chmod(0o755)


def test_the_log_on_the_volume_stays_short(home: Home) -> None:
    home.notes.mkdir()
    home.log.write_text("an old line\n" * 20_000)
    home.run(home.render(f"/nowhere/{WHEEL}"))
    assert home.log.stat().st_size < 65536
    assert "No such file" in home.log.read_text()
