"""Generate the reference of the command line and of the configuration from the code."""

import importlib
import inspect
import json
import pkgutil
from textwrap import fill

from traitlets import List
from traitlets.config import Configurable
from traitlets.utils.importstring import import_item

import jupyter_nb_updater
from jupyter_nb_updater.assumptions.registry import load_assumptions
from jupyter_nb_updater.cli.app import GROUPS, NbUpdaterCli
from jupyter_nb_updater.cli.base import Command, CommandGroup, ExitCode

NOT_CONFIGURED = ("jupyter_nb_updater.cli.", "jupyter_nb_updater.sandbox", "jupyter_nb_updater.app")
# A default that depends on the machine, as a reader of any machine should see it.
SHOWN = {
    "Journal.directory": "~/SageMaker/.nb-updater",
    "OsReleaseSource.cache_directory": "~/.cache/jupyter-nb-updater/dnf",
    "ChangedFiles.folders": '["~", "/tmp"]',
    "ScheduleReturnPath.role": "arn:aws:iam::ACCOUNT:role/nb-updater-schedule-REGION",
}
MAX_CELL_CHARACTERS = 70
"""Maximum length of a default in the table; a longer one is shown below it."""

ASSUMPTIONS = load_assumptions()
DEVELOPERS = "developers"
SET_BY = {
    "data scientists": {
        "BackgroundProcesses.ignored",
        "ChangedFiles.folders",
        "ChangedFiles.ignored",
        "ChangedFiles.max_listed",
        "Environments.folders",
        "IdleWaiter.quiet_minutes",
        "SessionRestore.max_terminals",
    },
    "platform engineers": {
        "AdviceSource.enabled",
        "AdviceSource.interval_seconds",
        "Arming.expiry_seconds",
        "Aws.connect_timeout_seconds",
        "Aws.max_attempts",
        "Aws.read_timeout_seconds",
        "Dotfiles.max_bytes",
        "Dotfiles.max_files",
        "Dotfiles.max_total_bytes",
        "Environments.max_environments",
        "FleetSource.location",
        "Journal.max_bytes",
        "LayoutFiles.max_bytes",
        "LayoutFiles.max_files",
        "LayoutFiles.max_total_bytes",
        "OsReleaseSource.arguments",
        "OsReleaseSource.dnf",
        "OsReleaseSource.interval_seconds",
        "OsReleaseSource.releasever",
        "OsReleaseSource.repositories",
        "OsReleaseSource.timeout_seconds",
        "PlatformTable.moves_amazon_linux_2",
        "Pip.package_seconds",
        "Pip.run_seconds",
        "RestartRunner.return_path_class",
        "RiskMonitor.cooldown_minutes",
        "RiskMonitor.nearly_full_bytes",
        "RiskMonitor.slow_start_seconds",
        "ScheduleReturnPath.delay_seconds",
        "ScheduleReturnPath.role",
        "Software.packages",
        "StackReturnPath.rule",
        "StateMonitor.poll_seconds",
    },
    "security engineers": {
        "Adviser.advised_days",
        "Adviser.interval_days",
        "Adviser.notice_days",
        "Dotfiles.available",
        "HealthSource.enabled",
        "HealthSource.interval_seconds",
        "Holds.max_days",
        "PolicyEnforcer.retry_minutes",
        "PolicyManager.interval_seconds",
        "PolicyManager.keys",
        "PolicyManager.max_bytes",
        "PolicyManager.timeout_seconds",
        "PolicyManager.url",
    },
}
"""Traits by the group of people who set them. All others are for developers: tests, demonstrations, unusual machines."""


def configurables():
    """Return every class of the server extension with its own configurable traits."""
    found = {}
    for module in pkgutil.walk_packages(jupyter_nb_updater.__path__, "jupyter_nb_updater."):
        if module.name.startswith(NOT_CONFIGURED):
            continue
        members = inspect.getmembers(importlib.import_module(module.name), inspect.isclass)
        found |= {name: cls for name, cls in members if issubclass(cls, Configurable) and cls.__module__ == module.name}
    return found


def traits():
    """Return every configurable trait by its full name, sorted by class."""
    return {
        f"{name}.{trait.name}": trait
        for name, cls in sorted(configurables().items())
        for trait in cls.class_own_traits(config=True).values()
    }


def traits_of(group):
    """Return the table of a group's traits: name, default, help. Long defaults follow the table."""
    names = SET_BY.get(group) or traits().keys() - set().union(*SET_BY.values())
    found = {name: trait for name, trait in traits().items() if name in names}
    rows, long = ["| trait | default | meaning |", "|---|---|---|"], []
    for name, trait in found.items():
        default = _default(name, trait)
        if len(default) > MAX_CELL_CHARACTERS:
            long += ["", f"By default, `{name}` is:", "", "```", _folded(trait), "```"]
            default = "a list, see below"
        else:
            default = f"`{default}`" if default else "empty"
        rows.append(f"| `{name}` | {default} | {_cell(trait.help)} |")
    return "\n".join([*rows, *long])


def _folded(trait):
    """Return a long list, broken only between its items."""
    items = " ".join(json.dumps(item).replace(" ", "\0") + "," for item in trait.default())
    return f"[{fill(items, 118, break_on_hyphens=False, break_long_words=False)[:-1]}]".replace("\0", " ")


def _default(name, trait):
    default = SHOWN.get(name) or (json.dumps(trait.default()) if isinstance(trait, List) else trait.default_value)
    if isinstance(default, type):  # once a class is resolved, traitlets holds it in place of its name
        default = f"{default.__module__}.{default.__qualname__}"
    return str(default)


def modeled(part):
    """Return the table of what the sandbox models in one part, with the source of each."""
    found = [one for one in ASSUMPTIONS.values() if one.part == part]
    rows = [f"| {_cell(one.statement)} | {one.basis} | {_cell(one.source)} |" for one in found]
    return "\n".join(["| behavior | basis | source |", "|---|---|---|", *rows])


def unproven():
    """Return the table of what the product assumes, when it was last seen on an instance, and how an instance shows it."""
    rows = ["| assumption | basis | relied on in | last seen on an instance | `doctor` compares |", "|---|---|---|---|---|"]
    for one in ASSUMPTIONS.values():
        files = ", ".join(f"`{path}`" for path in one.relied_on if not path.startswith("sandbox/"))
        if files:
            rows.append(f"| {_cell(one.statement)} | {one.basis} | {files} | {one.seen or 'never'} | {_cell(one.check)} |")
    return "\n".join(rows)


def exit_codes():
    """Return the table of exit codes."""
    texts = inspect.getsource(ExitCode).split('"""')[3::2]
    rows = [f"| {code:d} | {text} |" for code, text in zip(ExitCode, texts, strict=True)]
    return "\n".join(["| exit code | meaning |", "|---|---|", *rows])


def commands():
    """Return every command with its description and options, grouped as in the help."""
    parts = []
    for title, names in GROUPS.items():
        parts.append(f"### {title}")
        parts += [_command(words, app) for words, app in _leaves("jupyter nb-updater", NbUpdaterCli, names)]
    return "\n\n".join(parts)


def _leaves(words, app, names):
    for name in names:
        target = app.subcommands[name][0]
        command = import_item(target) if isinstance(target, str) else target
        if issubclass(command, CommandGroup):
            yield from _leaves(f"{words} {name}", command, command.subcommands)
        else:
            yield f"{words} {name}", command


def _command(words, app):
    usage = f"{words} {app.argument}".rstrip()
    lines = [f"#### {words.removeprefix('jupyter nb-updater ')}", "", f"`{usage}`: {_cell(app.description)}"]
    lines += ["", f"Exit codes: {_cell(app.exit_codes)}"] if app.exit_codes else []
    options = {**_flags(app), **_aliases(app)}
    if options:
        lines += ["", "| option | meaning |", "|---|---|"]
        lines += [f"| `--{option}` | {meaning} |" for option, meaning in options.items()]
    return "\n".join(lines)


def _flags(app):
    return {flag: _cell(help_text) for flag, (_, help_text) in app.flags.items() if flag not in JUPYTER_FLAGS}


def _aliases(app):
    """Return each option with a value, and the help of its trait."""
    classes = {cls.__name__: cls for cls in (*app.mro(), *app.classes) if issubclass(cls, Configurable)}
    found = {}
    for option, target in app.aliases.items():
        owner, _, name = target.partition(".")
        if option not in Command.aliases:
            trait = getattr(classes[owner], name)
            default = _default("", trait)
            shown = "" if default in ("", "[]", "None") or "Default:" in trait.help else f" Default: `{default}`."
            found[f"{option} …"] = f"{_cell(trait.help)}{shown}"
    return found


JUPYTER_FLAGS = {"debug", "show-config", "show-config-json", "generate-config", "y"}
"""Flags of every command of Jupyter."""


def _cell(text):
    return " ".join(text.split()).replace("|", "\\|")
