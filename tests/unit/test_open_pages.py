"""A server that was killed leaves a list of open pages, and the next one waits for them."""

import asyncio
import json

import pytest

from jupyter_nb_updater.saving.open_pages import OpenPages
from jupyter_nb_updater.saving.tabs import Tabs


@pytest.fixture
def path(tmp_path):
    return tmp_path / ".nb-updater" / "pages.json"


async def server(path):
    tabs = Tabs()
    pages = OpenPages(tabs, path)
    await pages.load()
    return tabs, pages


def open_page(tabs, key, *, dirty=False):
    tab = tabs.join(lambda message: None)
    tabs.hello(tab, {"tab": key, "page": "lab", "documents": [{"path": "secret.txt", "dirty": dirty}]})
    return tab


async def answers(tabs):
    return [(answer.tab.id, answer.outcome) for answer in await tabs.collect_reports("r-1", 0.01)]


async def test_the_pages_of_a_server_that_was_killed_are_waited_for_by_the_next(path):
    tabs, pages = await server(path)
    open_page(tabs, "a")
    await pages.close()
    later, _ = await server(path)
    assert await answers(later) == [("a", "silent")]
    running = asyncio.create_task(later.collect_reports("r-2", 5))
    await asyncio.sleep(0)
    tab = open_page(later, "a")
    later.report(tab, {"restart": "r-2", "documents": []})
    assert [answer.outcome for answer in await running] == ["answered"]


async def test_a_page_that_lost_its_connection_before_the_server_was_killed_is_waited_for_too(path):
    tabs, pages = await server(path)
    tabs.leave(open_page(tabs, "clean"))
    tabs.leave(open_page(tabs, "dirty", dirty=True))
    await pages.close()
    assert sorted(await answers((await server(path))[0])) == [("clean", "silent"), ("dirty", "silent")]


async def test_a_page_that_was_closed_is_waited_for_by_nobody(path):
    tabs, pages = await server(path)
    tab = open_page(tabs, "a")
    tabs.bye(tab, {})
    tabs.leave(tab)
    await pages.close()
    assert await answers((await server(path))[0]) == []


async def test_no_path_and_no_content_is_kept(path):
    tabs, pages = await server(path)
    open_page(tabs, "a", dirty=True)
    await pages.close()
    assert json.loads(path.read_text("utf-8")) == {"format": 1, "pages": [{"id": "a", "page": "lab"}]}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "7",
        '["a"]',
        '[{"id": "a", "page": "lab"}]',
        '{"format": 1}',
        '{"format": 1, "pages": [{"id": 1}]}',
        '{"format": 2}',
    ],
)
async def test_a_file_that_makes_no_sense_names_nobody(path, text):
    path.parent.mkdir()
    path.write_text(text, "utf-8")
    assert await answers((await server(path))[0]) == []


async def test_a_volume_that_cannot_be_written_is_no_obstacle(path, caplog):
    path.parent.write_text("not a folder", "utf-8")
    tabs, pages = await server(path)
    open_page(tabs, "a")
    await pages.close()
    assert "Could not save the list of open pages" in caplog.text
    assert tabs.open_pages() == {"a": "lab"}
