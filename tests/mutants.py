"""Break one thing in the product on purpose, to check that a test notices."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.wheels import build_wheel, changed_wheel

ROOT = Path(__file__).parent.parent
LEFT_OUT = shutil.ignore_patterns(".*", "__pycache__", "build", "dist", "lib", "node_modules")
BUILD_SECONDS = 300

# What a broken product does not use any more would stop the compiler.
UNUSED = ("--noUnusedLocals", "false", "--noUnusedParameters", "false")


def mutant(folder, changes, wheel):
    """Build a wheel in which texts were replaced; rebuild the frontend if it has changed.

    Args:
        folder: working folder, and folder of the wheel.
        changes: path in the tree to a pair: text that must occur exactly once, and its replacement.
        wheel: wheel of the unchanged product.
    """
    changed = {name: _changed(name, *pair) for name, pair in changes.items()}
    if not any(name.startswith("labextension/") for name in changed):
        return changed_wheel(wheel, folder / "dist", changed)
    tree = folder / "tree"
    shutil.copytree(ROOT, tree, symlinks=True, ignore=LEFT_OUT)
    shutil.rmtree(tree / "jupyter_nb_updater" / "labextension", ignore_errors=True)  # of the product that is whole
    frontend = tree / "labextension"
    (frontend / "node_modules").symlink_to((ROOT / "labextension" / "node_modules").resolve(strict=True))
    for name, text in changed.items():
        (tree / name).write_text(text, "utf-8")
    _run("npm", "run", "--silent", "build:lib", "--", *UNUSED, at=frontend)
    _run("npm", "run", "--silent", "build:labextension", at=frontend)
    return build_wheel(tree, folder / "dist")


def _changed(name, old, new):
    text = (ROOT / name).read_text("utf-8")
    assert text.count(old) == 1, f"{name} must have this once, and has it {text.count(old)} times: {old}"
    return text.replace(old, new)


def _run(*command, at):
    """Run a command with the Node.js that builds the product."""
    node = subprocess.run(
        [sys.executable, str(ROOT / "tools" / "node.py")], capture_output=True, text=True, timeout=BUILD_SECONDS, check=True
    ).stdout.strip()
    environment = os.environ | {"PATH": f"{node}{os.pathsep}{os.environ['PATH']}"}
    done = subprocess.run(command, cwd=at, env=environment, capture_output=True, text=True, timeout=BUILD_SECONDS, check=False)
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout}{done.stderr}"
