"""Render the OnStart script: complete, as a block for an existing script, or in a CloudFormation or Terraform file."""

from __future__ import annotations

import ast
import io
import re
import shlex
import tokenize
from itertools import pairwise
from pathlib import Path

from .._version import __version__
from ..cloud import LIFECYCLE_TEMPLATE
from .merge import BlockForms, grouped
from .options import RenderError, Script

__all__ = ["BEGIN", "END", "MAX_SHORT_BLOCK_BYTES", "SAFE_SCRIPT_BYTES", "RenderError", "Script", "block", "render"]

FOLDER = Path(__file__).parent

BEGIN = re.compile(r"# >>> jupyter-nb-updater \S+ >>>.*")
END = "# <<< jupyter-nb-updater <<<"
"""The first and last line of a block."""

SAFE_SCRIPT_BYTES = 12 * 1024
"""Bytes. AWS allows 16384 characters (Developer Guide, "Customization of a SageMaker notebook instance using an LCC script")
and its API model puts that limit on the base64 text, which leaves 12288 for the script itself."""

MAX_SHORT_BLOCK_BYTES = 960
"""Bytes. With the hashes that `merge` records in its first line, it fits a script of 15 KB where AWS accepts 16,384."""

# In its own systemd scope, because AWS may end what is left in that of the script; Amazon Linux 2 has `--scope`. The launcher
# ends at once, so that the installation is independent when the block ends.
BLOCK = r"""# >>> jupyter-nb-updater @VERSION@ >>> Returns at once. Remove it with `jupyter nb-updater lifecycle detach`.
(
  set +eux
  set -- @SETTINGS@
  # shellcheck disable=SC2016
  export helper='@HELPER@' work='@WORK@' \
    launch='setsid bash -p -c "eval \"\$work\"" nb-updater-on-start "$@" &'
  if [ "$(id -u)" = 0 ] && [ -d /run/systemd/system ]; then
    timeout 5 systemd-run --quiet --scope bash -p -c "$launch" nb-updater "$@" && exit
  fi
  bash -p -c "$launch" nb-updater "$@"
) @OUTPUT@
# <<< jupyter-nb-updater <<<
"""


# The same installation, run from the wheel whose hash is known (from_wheel.py). It retries while environment or network are not
# ready. The Python of the user only downloads, as the user: that of the system checks the hash before root runs anything.
SHORT_BLOCK = r"""# >>> jupyter-nb-updater @VERSION@ >>>
(set -- @SETTINGS@
export f='import sys
u=sys.argv[1][6:]
@FETCH@
open(1,"wb").write(d)' g='import sys,io,zipfile,hashlib
d=open(0,"rb").read()
assert hashlib.sha256(d).hexdigest()==sys.argv[2][7:]
exec(zipfile.ZipFile(io.BytesIO(d)).read("jupyter_nb_updater/lifecycle/from_wheel.py"))
start(d)' l='h=${3#*=}
for i in {1..60};do
sudo -nEu#`stat -c%u $h` $h/anaconda3/envs/JupyterSystemEnv/bin/python -Ic "$f" "$@"|python3 -Ic "$g" "$@"&&exit
sleep 4
done' \
r='setsid bash -pc "eval \"\$l\"" x "$@"&'
set -- bash -pc "$r" x "$@"
systemd-run -q --scope "$@"||"$@") </dev/null >/dev/null 2>&1||:
# <<< jupyter-nb-updater <<<
"""
FETCH = {
    "s3": 'import boto3\n_,_,b,k=u.split("/",3)\nd=boto3.client("s3").get_object(Bucket=b,Key=k)["Body"].read()',
    "https": "import requests\nd=requests.get(u,timeout=60).content",
    "": 'd=open(u,"rb").read()',
}


def render(script: Script) -> str:
    """Return a complete OnStart script: it waits ``wait_seconds`` for the installation, logs its output, and ends with 0.

    Args:
        script: the options.

    Raises:
        RenderError: it would be longer than AWS accepts.
    """
    settings = _quoted(script.settings() | {"wait": str(script.wait_seconds)})
    block = _block(settings, f"</dev/null 2>&1 | timeout {script.wait_seconds} cat")
    text = f"#!/bin/bash\n{block}exit 0\n"
    if len(text.encode()) > SAFE_SCRIPT_BYTES:
        raise RenderError(
            f"The script would have {grouped(len(text.encode()))} bytes; AWS accepts {grouped(SAFE_SCRIPT_BYTES)}. "
            "Shorten the settings"
        )
    return text


def block(script: Script, *, short: bool = False) -> str:
    """Return the block for an existing OnStart script; the installation begins when that script has ended.

    Args:
        script: the options.
        short: whether to return the short form, which runs the installation from the wheel.

    Raises:
        RenderError: the short form is not possible with these options.
    """
    settings = _quoted(script.settings()) + " after=$$ before=${SECONDS:-0}"
    if not short:
        return _block(settings, "</dev/null >/dev/null 2>&1 || :")
    if not script.sha256 or script.from_index or not re.fullmatch(r"[\w/.-]+", script.home):
        raise RenderError("The short form of the block needs the address of a wheel and its --sha256, because root runs it")
    fetch = FETCH[script.wheel.rpartition("://")[0]]
    text = _fill(SHORT_BLOCK, {"SETTINGS": settings, "VERSION": __version__, "FETCH": fetch})
    if len(text.encode()) > MAX_SHORT_BLOCK_BYTES:
        raise RenderError(
            f"The short form of the block is limited to {MAX_SHORT_BLOCK_BYTES} bytes. Shorten the address of the wheel "
            "or the settings"
        )
    return text


def _block(settings: str, output: str) -> str:
    work = _quotable("on_start.sh", _tight_bash(_without_comments((FOLDER / "on_start.sh").read_text("utf-8"))))
    helper = _quotable("on_start.py", _without_docstrings((FOLDER / "on_start.py").read_text("utf-8")))
    values = {"SETTINGS": settings, "OUTPUT": output, "VERSION": __version__, "WORK": work, "HELPER": helper}
    return _fill(BLOCK, values)


def _fill(template: str, values: dict[str, str]) -> str:
    return re.sub("@([A-Z]+)@", lambda found: values[found[1]], template)


def _quoted(settings: dict[str, str]) -> str:
    return " ".join(shlex.quote(f"{name}={value}") for name, value in settings.items())


def _quotable(name: str, text: str) -> str:
    if "'" in text:
        raise AssertionError(f"{name} has a single quote outside its comments")
    return text


def _without_comments(text: str, step: int = 0) -> str:
    """Return a program without comments and blank lines.

    Args:
        text: the program.
        step: spaces of one level of indentation, which become one; 0 removes all indentation.
    """
    lines = (re.sub(r"\s+# .*", "", line) for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#"))
    return "\n".join(re.sub("^ +", lambda found: " " * (step and len(found[0]) // step), line) for line in lines) + "\n"


def _without_docstrings(source: str) -> str:
    """Return a Python program without comments, blank lines and docstrings."""
    lines = source.splitlines()
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, (ast.Module, ast.FunctionDef, ast.ClassDef)) or ast.get_docstring(node) is None:
            continue
        docstring = node.body[0]
        lines[docstring.lineno - 1 : docstring.end_lineno] = [""] * ((docstring.end_lineno or 0) - docstring.lineno + 1)
        if len(node.body) == 1:
            lines[docstring.lineno - 1] = " " * docstring.col_offset + "pass"
    return _tight_python(_without_comments("\n".join(lines), 4))


def _tight_bash(text: str) -> str:
    """Return a bash program without the spaces around its operators. Those between double quotes stay."""
    parts = re.split(r'("(?:\\.|[^"\\])*")', text)
    parts[::2] = [re.sub(r" (\|\|?|&&) |\(\) (?={)| (?=>)", lambda found: found[0].strip(), part) for part in parts[::2]]
    return "".join(parts)


def _tight_python(source: str) -> str:
    """Return a Python program without the spaces around its operators, and with its first imports in one line.

    Args:
        source: the program. The spaces in its strings stay.
    """
    lines = source.splitlines()
    tokens = list(tokenize.generate_tokens(io.StringIO(source).readline))
    for before, after in reversed(list(pairwise(tokens))):
        row, column = before.end
        if tokenize.OP in (before.type, after.type) and row == after.start[0]:
            lines[row - 1] = lines[row - 1][:column] + lines[row - 1][after.start[1] :]
    return re.sub(r"(?<=\w)\nimport ", ",", "\n".join(lines)) + "\n"


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
"""Terraform's provider needs the script in base64, as AWS does (Terraform Registry, the page of this resource)."""


def cloudformation(script: str, name: str) -> str:
    """Return a CloudFormation template with this script, as ``Fn::Base64`` of a YAML literal.

    Args:
        script: the script, with a newline at its end.
        name: name of the configuration, the default of a parameter.
    """
    template = NAME.sub(lambda found: found[1] + name, LIFECYCLE_TEMPLATE.read_text("utf-8"), count=1)
    return PLACE.sub(lambda found: "".join(_indented(line, found[1]) for line in _lines(script)), template, count=1)


def terraform(script: str, name: str) -> str:
    """Return a Terraform resource with this script in a heredoc.

    Only ``${`` and ``%{`` need escapes there (Terraform, "Strings and Templates").

    Args:
        script: the script, with a newline at its end.
        name: name of the configuration.
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
    """Return all forms of the block.

    Args:
        script: the options.

    Raises:
        RenderError: the complete script would be longer than AWS accepts.
    """
    whole, long = render(script).encode(), block(script).encode()
    try:
        return BlockForms(whole, long, block(script, short=True).encode())
    except RenderError as error:
        return BlockForms(whole, long, b"", str(error))
