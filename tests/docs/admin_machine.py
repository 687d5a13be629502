"""The machine of a reader of the documentation: a checkout with a built wheel, our command, `aws`, and credentials."""

import os
import shutil
import stat
import subprocess
import sys
from types import SimpleNamespace

from .pages import ROOT

HERE = os.path.dirname(sys.executable)  # noqa: PTH120  of a virtual environment, whose `python` is a link


def script(path, line):
    path.write_text(f'#!/bin/sh\n{line} "$@"\n')
    path.chmod(path.stat().st_mode | stat.S_IXUSR)


def admin_machine(folder, wheel, sandbox):
    """Create the machine in a folder; ``run`` runs a shell script on it."""
    checkout, tools, settings = folder / "checkout", folder / "bin", folder / "settings"
    for made in (checkout / "dist", tools, settings):
        made.mkdir(parents=True)
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True).stdout
    for name in listed.splitlines():
        (checkout / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, checkout / name)
    shutil.copy(wheel, checkout / "dist")
    script(tools / "aws", f"exec '{sys.executable}' -m tests.docs.aws")
    script(tools / "jupyter-nb-updater", f"exec '{sys.executable}' -m jupyter_nb_updater.cli.app")
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("AWS_")},
        "NO_PROXY": "127.0.0.1",
        "PATH": f"{tools}:{HERE}:{os.environ['PATH']}",
        "JUPYTER_CONFIG_DIR": str(settings),
        "AWS_ENDPOINT_URL": sandbox.api_url,
        "AWS_DEFAULT_REGION": sandbox.aws.region,
        "AWS_ACCESS_KEY_ID": "x",
        "AWS_SECRET_ACCESS_KEY": "x",
        "AWS_EC2_METADATA_DISABLED": "true",
    }

    def run(text):
        command = ["bash", "-euc", text]
        return subprocess.run(command, cwd=checkout, env=environment, capture_output=True, text=True, timeout=180, check=False)

    return SimpleNamespace(run=run, checkout=checkout)
