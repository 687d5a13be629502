"""The help of a trait names commands and flags that exist."""

import re

import pytest
from traitlets.utils.importstring import import_item

from jupyter_nb_updater.cli.app import NbUpdaterCli

from .generated import configurables

COMMAND = re.compile(r"`((?:[a-z]+ )+)--([a-z-]+)`")


def named_commands():
    """Class and trait to each command, a space after each of its words, and flag that the help names."""
    return [
        (f"{owner.__name__}.{name}", *found)
        for owner in configurables().values()
        for name, trait in owner.class_own_traits(config=True).items()
        for found in COMMAND.findall(trait.help)
    ]


def options(words):
    """The flags and aliases of a command."""
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
