"""The package as syntax trees: modules, classes, constructors, aliases, and imports."""

import ast
import re
from functools import cache
from pathlib import Path
from typing import NamedTuple

from .pages import ROOT

PACKAGE = ROOT / "jupyter_nb_updater"
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


class Definition(NamedTuple):
    """A class or type alias, and the module that defines it."""

    name: str
    module: str


class Parameter(NamedTuple):
    """A parameter of a constructor or a field of a dataclass: ``Class.parameter``, and its annotation."""

    name: str
    module: str
    annotation: str


def modules():
    """Return every Python file of the package, by relative path."""
    paths = (path for path in PACKAGE.rglob("*.py") if "labextension" not in path.parts)
    return sorted(str(path.relative_to(PACKAGE)) for path in paths)


@cache
def syntax_tree(module):
    """Return the syntax tree of a module."""
    return ast.parse((PACKAGE / module).read_text("utf-8"))


def line_counts():
    """Return the number of lines of each module."""
    return {module: len((PACKAGE / module).read_text("utf-8").splitlines()) for module in modules()}


def classes():
    """Return all classes of the package, including nested ones."""
    return [
        Definition(node.name, module)
        for module in modules()
        for node in ast.walk(syntax_tree(module))
        if isinstance(node, ast.ClassDef)
    ]


def aliases():
    """Return all type aliases with their values."""
    found = {}
    for module in modules():
        for node in syntax_tree(module).body:
            target = _single_target(node)
            if target and re.fullmatch(r"_?[A-Z]\w*[a-z]\w*", target) and node.value is not None:
                found[Definition(target, module)] = ast.unparse(node.value)
    return found


def constructor_parameters():
    """Return the parameters of ``__init__`` by class and module, without ``self`` and ``**kwargs``."""
    found = {}
    for module in modules():
        for node in ast.walk(syntax_tree(module)):
            if isinstance(node, ast.ClassDef):
                for method in node.body:
                    if isinstance(method, FUNCTIONS) and method.name == "__init__":
                        arguments = method.args
                        given = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs][1:]
                        found[Definition(node.name, module)] = [
                            Parameter(f"{node.name}.{one.arg}", module, ast.unparse(one.annotation) if one.annotation else "")
                            for one in given
                        ]
    return found


def dataclass_fields():
    """Return the fields of all dataclasses and named tuples."""
    return [
        Parameter(f"{node.name}.{field.target.id}", module, ast.unparse(field.annotation))
        for module in modules()
        for node in ast.walk(syntax_tree(module))
        if isinstance(node, ast.ClassDef) and _has_generated_constructor(node)
        for field in node.body
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name)
    ]


def callable_parameters():
    """Return constructor parameters that are callables, also through an alias."""
    spelled = {"Callable"} | {alias.name for alias, value in aliases().items() if re.search(r"\bCallable\b", value)}
    parameters = [one for given in constructor_parameters().values() for one in given] + dataclass_fields()
    return [one for one in parameters if spelled & set(re.findall(r"\w+", one.annotation))]


def module_imports():
    """Return the modules of the package that each module imports: at the top, in functions, and for type checking."""
    return {module: _imported(module) - {module} for module in modules()}


def import_circles():
    """Return sorted groups of modules that import each other."""
    graph = module_imports()
    reach = {module: _reachable(graph, module) for module in graph}
    circles = {tuple(sorted({module, *(other for other in reach[module] if module in reach[other])})) for module in graph}
    return sorted(circle for circle in circles if len(circle) > 1)


def room_imports():
    """Return the imports between packages (a folder or a file at the top) as pairs."""
    pairs = {(room_of(module), room_of(target)) for module, targets in module_imports().items() for target in targets}
    return sorted((room, target) for room, target in pairs if room != target)


def room_arrows():
    """Return the imports between packages for a diagram: the entry as one package, without transitive arrows."""
    entry = {"app", "base", "handlers", "websocket", "__init__"}
    merged = [tuple("entry" if room in entry else room for room in pair) for pair in room_imports()]
    graph = {room: {target for source, target in merged if source == room} - {room} for room, _ in merged}
    return sorted(
        (room, target)
        for room, targets in graph.items()
        for target in targets - {"_version"}
        if not any(target in _reachable(graph, other) for other in targets - {target})
    )


def _reachable(graph, room):
    found, left = set(), [room]
    while left:
        for target in graph.get(left.pop(), set()) - found:
            found.add(target)
            left.append(target)
    return found


def room_of(module):
    """Return the top-level folder or file of a module."""
    return Path(module).parts[0].removesuffix(".py")


def identifiers():
    """Return all identifiers that each module defines: classes, functions, parameters, variables, attributes, its path."""
    found = {}
    for module in modules():
        names = {part.removesuffix(".py") for part in Path(module).parts}
        for node in ast.walk(syntax_tree(module)):
            if isinstance(node, (ast.ClassDef, *FUNCTIONS)):
                names.add(node.name)
            elif isinstance(node, ast.arg):
                names.add(node.arg)
            elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                names.add(node.id)
            elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
                names.add(node.attr)
        found[module] = {name.lstrip("_") for name in names}
    return found


def unused_definitions():
    """Return top-level classes and functions that the package never uses in an import, a call or a dotted name."""
    used = set()
    for module in modules():
        for node in ast.walk(syntax_tree(module)):
            if isinstance(node, ast.Name):
                used.add(node.id)
            elif isinstance(node, ast.Attribute):
                used.add(node.attr)
            elif isinstance(node, ast.alias):
                used.add(node.name)
            elif isinstance(node, ast.Constant) and isinstance(node.value, str) and " " not in node.value:
                used.update(re.findall(r"\w+", node.value))
    return [
        Definition(node.name, module)
        for module in modules()
        for node in syntax_tree(module).body
        if isinstance(node, (ast.ClassDef, *FUNCTIONS)) and node.name not in used
    ]


def _single_target(node):
    if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
        return node.targets[0].id
    return node.target.id if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) else None


def _has_generated_constructor(node):
    return any("dataclass" in ast.unparse(decorator) for decorator in node.decorator_list) or any(
        ast.unparse(base) == "NamedTuple" for base in node.bases
    )


def _imported(module):
    path, found = PACKAGE / module, set()
    for node in ast.walk(syntax_tree(module)):
        if isinstance(node, ast.ImportFrom) and node.level:
            base = path.parents[node.level - 1]
            base = base.joinpath(*node.module.split(".")) if node.module else base
        elif isinstance(node, ast.ImportFrom) and node.module.split(".")[0] == PACKAGE.name:
            base = ROOT.joinpath(*node.module.split("."))
        else:
            continue
        for alias in node.names:
            for candidate in (base / f"{alias.name}.py", base / alias.name / "__init__.py", base.with_suffix(".py")):
                if candidate.exists():
                    found.add(str(candidate.relative_to(PACKAGE)))
                    break
            else:
                found.add(str((base / "__init__.py").relative_to(PACKAGE)))
    return found
