"""The page about the configuration has every trait once, and the help of a trait names commands and flags that exist."""

import re

import pytest
from traitlets.utils.importstring import import_item

from jupyter_nb_updater.cli.app import NbUpdaterCli

from .reference import DEVELOPERS, SET_BY, configurables, traits, traits_of

COMMAND = re.compile(r"`((?:[a-z]+ )+)--([a-z-]+)`")


def named_commands():
    """Return trait, command and flag for each command in the help of a trait."""
    return [
        (f"{owner.__name__}.{name}", *found)
        for owner in configurables().values()
        for name, trait in owner.class_own_traits(config=True).items()
        for found in COMMAND.findall(trait.help)
    ]


def options(words):
    """Return the flags and aliases of a command."""
    app = NbUpdaterCli
    for word in words.split():
        app = app.subcommands[word][0]
        app = import_item(app) if isinstance(app, str) else app
    return {*app.flags, *app.aliases}


def test_the_help_of_some_trait_names_a_command():
    assert named_commands() != []


@pytest.mark.parametrize(("trait", "command", "flag"), named_commands())
def test_a_flag_that_the_help_of_a_trait_names_exists(trait, command, flag):
    assert flag in options(command), f"{trait}: there is no {command}--{flag}"


def test_whoever_sets_a_trait_sets_one_that_exists_and_nobody_else_does():
    grouped = [name for names in SET_BY.values() for name in names]
    assert sorted(set(grouped)) == sorted(grouped)
    assert set(grouped) <= traits().keys()


def test_the_groups_together_have_every_trait_once():
    tables = "\n".join(traits_of(group) for group in (*SET_BY, DEVELOPERS))
    assert sorted(re.findall(r"^\| `([\w.]+)` \|", tables, re.MULTILINE)) == sorted(traits())
