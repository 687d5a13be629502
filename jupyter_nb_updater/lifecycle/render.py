"""The OnStart script: complete, as a block for a script that exists, and in a CloudFormation or Terraform file."""

from __future__ import annotations

import ast
import re
import shlex
from pathlib import Path

from .._version import __version__
from ..cloud import LIFECYCLE_TEMPLATE
from .merge import BlockForms
from .options import RenderError, Script

__all__ = ["BEGIN", "END", "MAX_SHORT_BLOCK_BYTES", "SAFE_SCRIPT_BYTES", "RenderError", "Script", "block", "render"]

FOLDER = Path(__file__).parent

BEGIN = re.compile(r"# >>> jupyter-nb-updater \S+ >>>.*")
END = "# <<< jupyter-nb-updater <<<"
"""The lines around a block."""

SAFE_SCRIPT_BYTES = 12 * 1024
"""Bytes. AWS allows 16384 characters (Developer Guide, "Customization of a SageMaker notebook instance using an LCC script")
and its API model puts that limit on the base64 text, which leaves 12288 for the script itself."""

MAX_SHORT_BLOCK_BYTES = 960
"""Bytes. With the words that `merge` notes in its first line it fits beside a script of 15 KB, where AWS takes 16,384."""

# A scope of its own, since what is left in that of the script may be ended with it; `--scope` is as old as Amazon Linux 2. The
# launcher ends at once, so that when the block ends the work is out of the way.
BLOCK = r"""# >>> jupyter-nb-updater @VERSION@ >>> Returns at once. `jupyter nb-updater lifecycle detach` takes it out again.
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


# The same work, out of the wheel whose hash is known (from_wheel.py). A late environment or network is tried again. The owner's
# Python only fetches, as its owner: what it brings is judged by the system's, before root runs any of it.
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
    """A whole OnStart script: it waits for the work for ``wait_seconds``, tells of it in its log, and ends with 0.

    Raises:
        RenderError: it would be longer than AWS takes.
    """
    settings = _quoted(script.settings() | {"wait": str(script.wait_seconds)})
    block = _block(settings, f"</dev/null 2>&1 | timeout {script.wait_seconds} cat")
    text = f"#!/bin/bash\n{block}exit 0\n"
    if len(text.encode()) > SAFE_SCRIPT_BYTES:
        raise RenderError(f"the script would be longer than {SAFE_SCRIPT_BYTES} bytes, the most that AWS takes")
    return text


def block(script: Script, *, short: bool = False) -> str:
    """Lines to put into an OnStart script; the work begins when that script has ended.

    Args:
        script: what is wanted.
        short: the form for a script that leaves no room: it gets the work from the wheel.

    Raises:
        RenderError: the short form cannot do what is wanted.
    """
    settings = _quoted(script.settings()) + " after=$$ before=${SECONDS:-0}"
    if not short:
        return _block(settings, "</dev/null >/dev/null 2>&1 || :")
    if not script.sha256 or script.from_index or not re.fullmatch(r"[\w/.-]+", script.home):
        raise RenderError("the short form runs what is in the wheel, as root: it needs a wheel's place and its --sha256")
    fetch = FETCH[script.wheel.rpartition("://")[0]]
    text = _fill(SHORT_BLOCK, {"SETTINGS": settings, "VERSION": __version__, "FETCH": fetch})
    if len(text.encode()) > MAX_SHORT_BLOCK_BYTES:
        raise RenderError(
            f"the short form has {MAX_SHORT_BLOCK_BYTES} bytes: the address of the wheel, or the settings, are too long"
        )
    return text


def _block(settings: str, output: str) -> str:
    work = _quotable("on_start.sh", _without_comments((FOLDER / "on_start.sh").read_text("utf-8")))
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
    """A program as it was written, without comments and blank lines.

    Args:
        text: of it.
        step: of its indentation: one space stays for each; 0 where none means anything.
    """
    lines = (re.sub(r"\s+# .*", "", line) for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#"))
    return "\n".join(re.sub("^ +", lambda found: " " * (step and len(found[0]) // step), line) for line in lines) + "\n"


def _without_docstrings(source: str) -> str:
    """Python without docstrings too."""
    lines = source.splitlines()
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, (ast.Module, ast.FunctionDef, ast.ClassDef)) or ast.get_docstring(node) is None:
            continue
        docstring = node.body[0]
        lines[docstring.lineno - 1 : docstring.end_lineno] = [""] * ((docstring.end_lineno or 0) - docstring.lineno + 1)
        if len(node.body) == 1:
            lines[docstring.lineno - 1] = " " * docstring.col_offset + "pass"
    return _without_comments("\n".join(lines), 4)


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
