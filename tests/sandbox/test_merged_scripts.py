"""Scripts with our block: both parts take effect, ours after the other, and the exit code is that of the other.

Each script runs twice in its own folder, without our block and with it. The commands that it calls are stand-ins that record
their calls in one file, which shows the order of all effects. The Python of our environment is a stand-in too.
"""

from __future__ import annotations

import hashlib
import re
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import pytest

import jupyter_nb_updater
from jupyter_nb_updater.lifecycle.merge import MAX_SCRIPT_BYTES, attach, detach
from jupyter_nb_updater.lifecycle.options import Script
from jupyter_nb_updater.lifecycle.render import block_forms
from tests.wait import eventually
from tests.wheels import write_wheel

SCRIPTS = sorted((Path(__file__).parent.parent / "unit/scripts").glob("*.script"))
COMMANDS = (
    *("aws", "chown", "conda", "crontab", "curl", "git", "initctl", "jq", "jupyter"),
    *("mount", "mountpoint", "pip", "python", "systemctl", "wget", "yum"),
)
LATE = {"conda-background"}  # what they start in the background outlives them
UNIT = "jupyter-server.service"
RESTART = f"systemctl --no-block restart {UNIT}"
PLACES = re.compile(rb"(?<![\w/.}])/(?=home/ec2-user|etc/|opt/ml/)")

NOTE = """#!/bin/bash
printf '%s\\n' "${0##*/}${*:+ $*}" >> "$EFFECTS"  # in one piece: some run at the same time
if [ "${0##*/}" = jq ]; then echo value; fi
if [ "${0##*/}" = mountpoint ]; then exit 1; fi
"""

SUDO = """#!/bin/bash
login=
while [ $# -gt 0 ]; do
  case $1 in
    -u) shift 2 ;;
    -i) login=yes; shift ;;
    -*) shift ;;
    *=*) export "${1?}"; shift ;;
    *) break ;;
  esac
done
if [ $# -eq 0 ] && [ -n "$login" ]; then exec bash; fi
exec "$@"
"""

SU = """#!/bin/bash
shift 2
exec "$BASH" "$@"
"""

PYTHON = f"""#!/bin/bash
case "$*" in
  *"nb-updater-on-start prepare"*) echo "ours prepare" >> "$EFFECTS"; echo "ready {"0" * 64} /tmp/a/b.whl" ;;
  *"nb-updater-on-start look"*) ;;
  *"nb-updater-on-start watch"*) echo "ours answers" >> "$EFFECTS"; echo answers ;;
  *pip*install*) echo "ours pip" >> "$EFFECTS" ;;
  *) exec '{sys.executable}' "$@" ;;
esac
"""


class Ran(NamedTuple):
    """How a script ended, and its effects."""

    code: int
    out: bytes
    effects: list[str]


class Machine:
    """A folder with a home, an environment, and commands that record their calls."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.home = folder, folder / "home/ec2-user"
        self.effects, self.commands = folder / "effects", folder / "bin"
        environment = self.home / "anaconda3/envs/JupyterSystemEnv"
        for made in ("lib/python3.11/site-packages/pip", "lib/python3.11/site-packages/jupyter_server", "bin"):
            (environment / made).mkdir(parents=True)
        for made in (self.commands, self.home / "SageMaker", folder / "etc", folder / "opt/ml/metadata"):
            made.mkdir(parents=True)
        (folder / "etc/os-release").write_text('NAME="Amazon Linux"\nVERSION="2023"\n')
        self.effects.touch()
        programs = {**dict.fromkeys(COMMANDS, NOTE), "sudo": SUDO, "su": SU}
        for name, text in programs.items():
            self.program(self.commands / name, text)
        self.program(environment / "bin/python", PYTHON)
        (self.commands / "python3").symlink_to(Path(sys.executable).resolve())  # the system's

    def program(self, path: Path, text: str) -> None:
        path.write_text(text)
        path.chmod(0o755)

    def run(self, script: bytes) -> Ran:
        """Run a script with the folders of this machine instead of ``/home/ec2-user`` and others."""
        path = self.folder / "OnStart"
        path.write_bytes(PLACES.sub(f"{self.folder}/".encode(), script))
        checked = subprocess.run(["/bin/bash", "-n", path], capture_output=True, check=False)
        assert (checked.returncode, checked.stderr) == (0, b"")
        interpreter = ["/bin/bash", *(["--posix"] if script.startswith(b"#!/bin/sh") else [])]
        if script.startswith(b"#!/bin/bash -ex"):
            interpreter.append("-ex")
        done = subprocess.run(
            [*interpreter, path],
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=30,
            check=False,
            env={
                "PATH": f"{self.commands}:/usr/local/bin:/usr/bin:/bin",
                "HOME": str(self.home),
                "EFFECTS": str(self.effects),
                "LC_ALL": "C.UTF-8",
            },
        )
        return Ran(done.returncode, done.stdout.replace(bytes(self.folder), b""), self.lines())

    def told(self) -> Counter[str]:
        """Return the effects in any order, without those of our stand-ins."""
        return Counter(line for line in self.lines() if not line.startswith("ours "))

    def lines(self) -> list[str]:
        text = self.effects.read_bytes().decode("utf-8", "backslashreplace")
        return text.replace(str(self.folder), "").splitlines()


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build a wheel with the files that the short form reads from it."""
    package = Path(jupyter_nb_updater.__file__).parent
    files = [*(package / "lifecycle").glob("*.*"), package / "__init__.py", package / "_version.py"]
    contents = {str(file.relative_to(package.parent)): file.read_bytes() for file in files}
    return Path(write_wheel(tmp_path_factory.mktemp("wheel"), "jupyter-nb-updater", "0.1.0", contents))


@pytest.mark.parametrize("form", ["block", "short"])
@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.stem)
def test_both_take_effect_ours_last_and_the_outcome_is_theirs(path: Path, form: str, tmp_path: Path, wheel: Path) -> None:
    theirs = path.read_bytes()
    without, machine = Machine(tmp_path / "without"), Machine(tmp_path / "with")
    before = without.run(theirs)

    place = machine.home / wheel.name
    place.write_bytes(wheel.read_bytes())
    digest = hashlib.sha256(place.read_bytes()).hexdigest()
    ours = block_forms(Script(f"/home/ec2-user/{wheel.name}", digest, wait_seconds=0))
    chosen = ours if form == "block" else replace(ours, block=b"")
    merged = attach(theirs, chosen, MAX_SCRIPT_BYTES * 2)  # the long form has to be run with the longest script too
    assert detach(merged.text).without_block == theirs
    after = machine.run(merged.text)

    eventually((machine.home / "SageMaker/.nb-updater/on-start.json").exists, 30)
    assert after.code == before.code
    assert after.out == before.out or not theirs  # where there was none, the script of ours tells how it goes
    eventually(lambda: not without.told() - machine.told())
    more = machine.told() - without.told()
    assert RESTART in more
    assert all(line.startswith("systemctl ") and UNIT in line for line in more)
    effects = machine.lines()
    assert [line for line in effects if line.startswith("ours ")] == ["ours prepare", "ours pip", "ours answers"]
    if path.stem not in LATE:
        assert effects.index("ours prepare") == len(before.effects)
