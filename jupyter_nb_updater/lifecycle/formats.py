"""What we put into lifecycle configurations, in each of its forms."""

from __future__ import annotations

import re

from ..cloud import LIFECYCLE_TEMPLATE
from .merge import BlockForms
from .options import RenderError, Script
from .render import block, render

PLACE = re.compile(r"^( +)#!/bin/bash\n +exit 0\n", re.MULTILINE)
NAME = re.compile(r"^(  ConfigurationName:\n(?:    .*\n)*?    Default: ).*$", re.MULTILINE)
DELIMITER = "ON_START"

TERRAFORM = """\
resource "aws_sagemaker_notebook_instance_lifecycle_configuration" "nb_updater" {{
  name     = "{name}"
  on_start = base64encode(<<{delimiter}
{script}{delimiter}
  )
}}
"""
"""Terraform's provider takes the script in base64, as AWS does (Terraform Registry, the page of this resource)."""


def cloudformation(script: str, name: str) -> str:
    """A template with this script: ``Fn::Base64`` of a text of YAML that is kept as it is, and in which nothing is filled in.

    Args:
        script: with a newline at its end.
        name: of the configuration; the default of a parameter.
    """
    template = NAME.sub(lambda found: found[1] + name, LIFECYCLE_TEMPLATE.read_text("utf-8"), count=1)
    return PLACE.sub(lambda found: "".join(_indented(line, found[1]) for line in _lines(script)), template, count=1)


def terraform(script: str, name: str) -> str:
    """A resource with this script in a heredoc, where only ``${`` and ``%{`` mean something, and doubled mean themselves.

    (Terraform, "Strings and Templates": "Escape sequences", "Heredoc strings".)

    Args:
        script: with a newline at its end.
        name: of the configuration.
    """
    delimiter = DELIMITER
    while delimiter in (line.strip() for line in _lines(script)):
        delimiter += "_"
    escaped = re.sub(r"[$%](?=\{)", lambda found: found[0] * 2, script)
    return TERRAFORM.format(name=name, delimiter=delimiter, script=escaped)


def _lines(script: str) -> list[str]:
    return [f"{line}\n" for line in script.removesuffix("\n").split("\n")]


def _indented(line: str, indentation: str) -> str:
    return line if line == "\n" else indentation + line


def block_forms(script: Script) -> BlockForms:
    """Of one script.

    Raises:
        RenderError: not even AWS's limit for a script of our own is kept.
    """
    whole, long = render(script).encode(), block(script).encode()
    try:
        return BlockForms(whole, long, block(script, short=True).encode())
    except RenderError as error:
        return BlockForms(whole, long, b"", str(error))
