"""Equal serializations: the cases of ``labextension/tests/compare.test.ts``, and those of the server."""

import pytest

from jupyter_nb_updater.saving.compare import is_same


def notebook(cell=None, **over):
    only = {"cell_type": "code", "id": "a", "source": "x = 1\ny", "metadata": {}, "outputs": []} | (cell or {})
    return {"nbformat": 4, "nbformat_minor": 5, "metadata": {"kernelspec": {"name": "python3"}}, "cells": [only]} | over


def stream(text):
    return {"outputs": [{"output_type": "stream", "text": text}]}


def shown(value, mime="application/json"):
    return {"outputs": [{"output_type": "display_data", "data": {mime: value}}]}


def test_texts_that_differ_in_line_endings_only_are_the_same():
    assert is_same("a\r\nb\rc", "a\nb\nc")


def test_texts_that_differ_in_one_character_are_not():
    assert not is_same("a\nb", "a\nb\n")


@pytest.mark.parametrize(
    ("mine", "disk"),
    [
        pytest.param(notebook(), dict(reversed(notebook().items())), id="keys in another order"),
        pytest.param(notebook(stream("a\nb\n")), notebook(stream(["a\n", "b\n"])), id="an output that was split into lines"),
        pytest.param(notebook(), notebook({"source": ["x = 1\n", "y"]}), id="a source that was split into lines"),
        pytest.param(notebook(shown("<b>\n</b>", "text/html")), notebook(shown(["<b>\n", "</b>"], "text/html")), id="HTML"),
        pytest.param(
            notebook({"attachments": {"a.svg": {"image/svg+xml": "<svg>\n"}}}),
            notebook({"attachments": {"a.svg": {"image/svg+xml": ["<svg>\n"]}}}),
            id="an attachment that was split into lines",
        ),
        pytest.param(notebook(), notebook({"metadata": {"trusted": True}}), id="a cell that the server trusts"),
        pytest.param(
            notebook(metadata={"kernelspec": {"name": "python3"}, "orig_nbformat": 4}), notebook(), id="what is transient"
        ),
        pytest.param(notebook(nbformat_minor=4), notebook({"id": "b"}, nbformat_minor=4), id="an id from before ids"),
        pytest.param(notebook(nbformat_minor=4), notebook(), id="a minor version that the server raised"),
        pytest.param(notebook(nbformat=4.0, nbformat_minor=5.0), notebook(), id="numbers that have been in JavaScript"),
        pytest.param(notebook(shown({"pi": [1.0]})), notebook(shown({"pi": [1]})), id="numbers in an output, too"),
    ],
)
def test_notebooks_are_the_same_but_for(mine, disk):
    assert is_same(mine, disk)


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(notebook({"source": "x = 2\ny"}), id="a source"),
        pytest.param(notebook(stream("a")), id="an output"),
        pytest.param(notebook(metadata={"kernelspec": {"name": "ir"}}), id="the metadata"),
        pytest.param(notebook({"metadata": {"tags": ["x"]}}), id="the metadata of a cell"),
        pytest.param(notebook({"id": "b"}), id="a cell id"),
        pytest.param(notebook(cells=[]), id="the number of cells"),
        pytest.param(notebook(nbformat=3), id="the format"),
        pytest.param(notebook(cells=["not a cell"]), id="something that is no cell"),
    ],
)
def test_notebooks_differ_in(other):
    assert not is_same(notebook(), other)


def test_a_list_under_a_json_type_is_not_the_string_of_its_parts():
    assert not is_same(notebook(shown(["a", "b"])), notebook(shown("ab")))


def test_a_truth_is_no_number():
    assert not is_same(notebook(metadata={"x": True}), notebook(metadata={"x": 1}))


def test_what_is_no_json_is_never_the_same():
    with pytest.raises(TypeError):
        is_same(b"bytes", "bytes")
