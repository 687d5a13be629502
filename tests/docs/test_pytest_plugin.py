"""The example in CONTRIBUTING.md runs in another project: without conftest.py, only with the installed plugin."""

import os
import re
import subprocess
import sys

from .pages import ROOT

EXAMPLE = re.compile(r"<!-- run: pytest -->\n```python\n(.*?)```", re.DOTALL)
PLUGIN = "jupyter_nb_updater.pytest_plugin"
WITHOUT = {"PYTEST_ADDOPTS", "PYTEST_PLUGINS", "PYTEST_XDIST_WORKER", "PYTEST_XDIST_WORKER_COUNT"}


def run(folder, *options):
    environment = {name: value for name, value in os.environ.items() if name not in WITHOUT} | {"PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *options]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=120, check=False)


def test_the_example_runs_also_where_the_plugin_is_asked_for_a_second_time(tmp_path):
    (example,) = EXAMPLE.findall((ROOT / "CONTRIBUTING.md").read_text("utf-8"))
    (tmp_path / "test_example.py").write_text(example)
    (tmp_path / "conftest.py").write_text(f"pytest_plugins = ({PLUGIN!r},)\n")
    told = run(tmp_path, "-p", PLUGIN)
    assert told.returncode == 0, told.stdout + told.stderr
    assert "1 passed" in told.stdout


def test_whoever_has_none_of_its_fixtures_imports_nothing_of_ours_but_the_plugin(tmp_path):
    heavy = "{'boto3', 'moto', 'requests', 'jupyter_server', 'jupyter_nb_updater.sandbox'}"
    (tmp_path / "test_theirs.py").write_text(f"import sys\n\n\ndef test_light():\n    assert not {heavy} & set(sys.modules)\n")
    told = run(tmp_path, "-p", PLUGIN, "-p", "no:pytest_jupyter")
    assert told.returncode == 0, told.stdout + told.stderr
