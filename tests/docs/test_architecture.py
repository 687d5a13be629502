"""docs/architecture.md is correct: the tree, the direction of imports, pure modules, and where each law is kept."""

import ast
import re

import pytest

from .pages import ROOT

PACKAGE = ROOT / "jupyter_nb_updater"
TEXT = (ROOT / "docs/architecture.md").read_text("utf-8")
TREE = TEXT.partition("## The tree")[2].partition("```\n")[2].partition("```")[0]

# From the ground up; a module imports from its own floor's room and from lower floors only.
FLOORS = (
    {"_version", "util", "cloud"},
    {"journal", "state", "advice", "saving"},
    {"instance"},
    {"packages", "restore", "permissions", "lifecycle", "org_policy", "fleet"},
    {"assumptions", "losses", "signals", "stack"},
    {"restart"},
    {"service"},
    {"doctor"},
    {"app", "base", "handlers", "websocket", "cli", "sandbox", "pytest_plugin"},
)
FLOOR = {room: number for number, rooms in enumerate(FLOORS) for room in rooms}
TOP = FLOORS[-1]
PURE = {"__future__", "collections.abc", "dataclasses", "datetime", "hashlib", "typing", "traitlets", "traitlets.config"}
MODULES = sorted(path for path in PACKAGE.rglob("*.py") if "labextension" not in path.parts)


def room_of(path):
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def runtime_nodes(tree):
    """Yield all nodes except those for type checking only."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and getattr(node.test, "id", "") == "TYPE_CHECKING":
            continue
        yield node
        yield from runtime_nodes(node)


def imports(path):
    """Return the imports of a module at run time: external names, and our files relative to the package."""
    outside, ours = set(), set()
    for node in runtime_nodes(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            outside |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            outside.add(node.module)
        elif isinstance(node, ast.ImportFrom):
            base = path.parents[node.level - 1]
            target = base.joinpath(*node.module.split(".")) if node.module else base
            ours |= {str((target / alias.name if not node.module else target).relative_to(PACKAGE)) for alias in node.names}
    return outside, ours


def tree_paths():
    """Return the indented lines of the tree as paths."""
    found, above = [], []
    for line in TREE.splitlines():
        depth = (len(line) - len(line.lstrip())) // 2
        names = [word.strip() for word in line.strip().split("  ")[0].split(",")]
        above[depth:] = [names[0]]
        found += ["/".join([*above[:depth], name]).replace("//", "/") for name in names]
    return found


def test_everything_in_the_tree_exists():
    assert len(tree_paths()) > 40
    assert [path for path in tree_paths() if not (ROOT / path).exists()] == []


def test_every_module_of_the_package_is_in_the_tree():
    named = set(tree_paths())
    missing = [str(path.relative_to(ROOT)) for path in MODULES if path.name != "__init__.py"]
    assert [path for path in missing if path not in named] == []


@pytest.mark.parametrize("path", [path for path in MODULES if path != PACKAGE / "__init__.py"], ids=room_of)
def test_imports_run_one_way(path):
    room = room_of(path)
    for target in imports(path)[1]:
        other = target.split("/")[0]
        if other not in (".", room):
            lower = FLOOR[other] < FLOOR[room]
            assert lower or {room, other} <= TOP, f"{path.relative_to(PACKAGE)} imports {other}"


def test_the_product_knows_nothing_of_the_sandbox():
    users = {str(path.relative_to(PACKAGE)) for path in MODULES for target in imports(path)[1] if target.startswith("sandbox")}
    assert {user for user in users if not user.startswith("sandbox")} == {"cli/demo.py", "pytest_plugin.py"}


@pytest.mark.parametrize("path", [*PACKAGE.glob("advice/**/*.py"), PACKAGE / "restart/machine.py"], ids=lambda path: path.name)
def test_decisions_import_nothing_that_does_io(path):
    outside, ours = imports(path)
    assert outside <= PURE
    assert {target for target in ours if target.split("/")[0] not in {"advice", "restart"}} <= {
        "util/clock",
        "util/request_error",
        "util/text",
    }
    assert "utcnow" not in path.read_text("utf-8")


def test_each_law_is_kept_in_a_file_that_exists_and_by_a_test_that_exists():
    rows = re.findall(r"^\| (\d+)\. [^|]+\|([^|]+)\|([^|]+)\|$", TEXT, re.MULTILINE)
    assert [int(number) for number, *_ in rows] == list(range(1, 11))
    for number, files, tests in rows:
        places, kept = re.findall(r"`([^`]+)`", files), re.findall(r"`([^`]+)`", tests)
        assert places, f"law {number} is kept nowhere"
        assert kept, f"law {number} has no test"
        for place in places:
            assert (ROOT / place).exists() or (PACKAGE / place).exists(), place
        for test in kept:
            path, _, name = test.partition("::")
            assert name, test
            assert name in (ROOT / path).read_text("utf-8"), test
