"""The package as its syntax trees show it: modules, classes, constructors, aliases, and who imports whom."""

import ast
import re
from functools import cache
from pathlib import Path
from typing import NamedTuple

from .pages import ROOT

PACKAGE = ROOT / "jupyter_nb_updater"
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


class Definition(NamedTuple):
    """A class, or an alias of a type, and the module that defines it."""

    name: str
    module: str


class Parameter(NamedTuple):
    """A parameter of a constructor, or a field of a dataclass: ``Class.parameter``, and its annotation."""

    name: str
    module: str
    annotation: str


def modules():
    """Every Python file of the package, relative to it. The folder of the built frontend has none of ours."""
    paths = (path for path in PACKAGE.rglob("*.py") if "labextension" not in path.parts)
    return sorted(str(path.relative_to(PACKAGE)) for path in paths)


@cache
def syntax_tree(module):
    """The syntax tree of a module."""
    return ast.parse((PACKAGE / module).read_text("utf-8"))


def line_counts():
    """Module to its number of lines."""
    return {module: len((PACKAGE / module).read_text("utf-8").splitlines()) for module in modules()}


def classes():
    """Every class of the package, nested ones too."""
    return [
        Definition(node.name, module)
        for module in modules()
        for node in ast.walk(syntax_tree(module))
        if isinstance(node, ast.ClassDef)
    ]


def aliases():
    """Every alias of a type that a module defines, with what it stands for."""
    found = {}
    for module in modules():
        for node in syntax_tree(module).body:
            target = _single_target(node)
            if target and re.fullmatch(r"_?[A-Z]\w*[a-z]\w*", target) and node.value is not None:
                found[Definition(target, module)] = ast.unparse(node.value)
    return found


def constructor_parameters():
    """Class and module to the parameters of its ``__init__``, without ``self`` and ``**kwargs``."""
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
    """The fields of each dataclass and named tuple."""
    return [
        Parameter(f"{node.name}.{field.target.id}", module, ast.unparse(field.annotation))
        for module in modules()
        for node in ast.walk(syntax_tree(module))
        if isinstance(node, ast.ClassDef) and _has_generated_constructor(node)
        for field in node.body
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name)
    ]


def callable_parameters():
    """The parameters of constructors that are anonymous functions, however an alias spells it."""
    spelled = {"Callable"} | {alias.name for alias, value in aliases().items() if re.search(r"\bCallable\b", value)}
    parameters = [one for given in constructor_parameters().values() for one in given] + dataclass_fields()
    return [one for one in parameters if spelled & set(re.findall(r"\w+", one.annotation))]


def module_imports():
    """Module to the modules of ours that it imports: at the top, inside functions, and for the type checker alone."""
    return {module: _imported(module) - {module} for module in modules()}


def import_circles():
    """Groups of modules that import each other, each one sorted."""
    graph = module_imports()
    reach = {module: _reachable(graph, module) for module in graph}
    circles = {tuple(sorted({module, *(other for other in reach[module] if module in reach[other])})) for module in graph}
    return sorted(circle for circle in circles if len(circle) > 1)


def room_imports():
    """Pairs of rooms, a folder or a file at the top of the package: who imports, and what."""
    pairs = {(room_of(module), room_of(target)) for module, targets in module_imports().items() for target in targets}
    return sorted((room, target) for room, target in pairs if room != target)


def room_arrows():
    """Pairs of rooms for a picture: the server's entry as one room, and no arrow that follows from two others."""
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
    """The folder or the file at the top of the package that a module belongs to."""
    return Path(module).parts[0].removesuffix(".py")


def identifiers():
    """Module to each identifier that it defines: classes, functions, parameters, variables, attributes, and its own path."""
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
    """Top-level classes and functions that no code of the package names, in an import, a call or a dotted string."""
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
