"""The registry of assumptions: every entry is complete, and every file that it names exists."""

import re
import sys
from pathlib import Path

import pytest

import jupyter_nb_updater
from jupyter_nb_updater.assumptions.registry import REGISTRY, load_assumptions, parse_registry

PACKAGE = Path(jupyter_nb_updater.__file__).parent
ASSUMPTIONS = load_assumptions()
NAMED = pytest.mark.parametrize("one", ASSUMPTIONS.values(), ids=lambda one: one.id)


@NAMED
def test_an_assumption_has_a_basis_and_a_sentence_and_says_where_it_is_relied_on(one):
    assert one.basis in {"documented", "seen", "inferred", "assumed"}
    assert one.part in {"api", "front", "machine", "product"}
    assert one.statement.endswith((".", '."')), one.statement
    assert one.source
    assert [path for path in one.relied_on if not (PACKAGE / path).exists()] == []
    assert one.relied_on


@NAMED
def test_a_sighting_has_a_date(one):
    assert re.fullmatch(r"(\d{4}-\d\d(-\d\d)?)?", one.seen_date)
    assert one.seen_date or not (one.seen_region or one.seen_platform)


@NAMED
def test_a_difference_that_is_compared_has_a_meaning(one):
    assert bool(one.check) == bool(one.meaning)
    assert one.check or not one.todo


@NAMED
def test_what_the_sandbox_models_is_a_file_of_the_sandbox(one):
    assert one.part != "product" or not any(path.startswith("sandbox/") for path in one.relied_on)


@pytest.mark.skipif(sys.version_info < (3, 11), reason="the standard library reads TOML since Python 3.11")
def test_the_registry_is_toml():
    import tomllib

    text = REGISTRY.read_text("utf-8")
    assert tomllib.loads(text) == parse_registry(text)


@pytest.mark.parametrize(
    "text",
    [
        'key = "before any table"',
        "[one]\n[one]",
        '[one]\nkey = "a"\nkey = "b"',
        "[one]\nkey = 'TOML only'",
        "[one]\nnonsense",
    ],
)
def test_a_malformed_registry_is_an_error(text):
    with pytest.raises(ValueError, match=r"line \d|Expecting"):
        parse_registry(text)
