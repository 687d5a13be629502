"""The lifecycle configuration as CloudFormation and Terraform is valid, and contains the script byte for byte."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from jupyter_nb_updater.lifecycle.options import Script
from jupyter_nb_updater.lifecycle.render import cloudformation, render, terraform
from jupyter_nb_updater.permissions.templates import TemplateLoader

HERE = Path(__file__).parent
OURS = render(Script("s3://bucket/jupyter_nb_updater-0.1.0-py3-none-any.whl", "0" * 64))
AWKWARD = """#!/bin/bash
# ${HOME} %{if} $${x} $$${y} %%{z} %%%{z} $ % $$ "quoted" 'single' \\n \\${a} é
ON_START
	tab: |
  - yaml: {a: b}

  ON_START_
exit 0
"""
SCRIPTS = pytest.mark.parametrize("script", [OURS, AWKWARD], ids=["ours", "awkward"])


def parsed(text):
    command = ["node", HERE / "hcl.mjs"]
    told = subprocess.run(command, input=text, capture_output=True, text=True, timeout=60, check=False)
    assert told.returncode == 0, f"{told.stderr}\nDoes `make cloud` work?"
    return json.loads(told.stdout)


def flat(node):
    """Return all nodes of a syntax tree, from the top."""
    return [node, *(below for child in node["children"] for below in flat(child))]


@SCRIPTS
def test_terraform_holds_the_script_byte_for_byte(script):
    read = parsed(terraform(script, "team"))
    assert (read["kind"], read["name"]) == ("aws_sagemaker_notebook_instance_lifecycle_configuration", "nb_updater")
    assert read["content"]["name"] == "team"
    assert read["content"]["on_start"].startswith("${base64encode(<<ON_START")
    call, *below = flat(read["tree"])
    assert call["type"] == "function"
    texts = [node for node in below if node["type"] == "literalValue"]
    assert {node["type"] for node in below} == {"template", "literalValue"}  # nothing in it would be filled in
    source = "".join(node["meta"]["value"] for node in texts)
    assert source.replace("$${", "${").replace("%%{", "%{") == script


@SCRIPTS
def test_cloudformation_holds_the_script_byte_for_byte(script):
    read = yaml.load(cloudformation(script, "team"), TemplateLoader)
    (hook,) = read["Resources"]["LifecycleConfiguration"]["Properties"]["OnStart"]
    assert hook == {"Content": {"Fn::Base64": script}}
    assert read["Parameters"]["ConfigurationName"]["Default"] == "team"


def test_cloudformation_is_what_cfn_lint_takes(tmp_path):
    template = tmp_path / "lifecycle.yaml"
    template.write_text(cloudformation(OURS, "nb-updater"), "utf-8")
    command = [Path(sys.executable).with_name("cfn-lint"), template]
    told = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert (told.returncode, told.stdout) == (0, "")
