"""Rooms of an unknown version, and rooms that do not respond. Real ones: ``tests/browser/test_collaboration.py``."""

import asyncio
from types import SimpleNamespace

from jupyter_nb_updater.saving.collaboration import EXTENSION_NAME, CollaborativeRooms

ROOM = "text:file:1"


class Silent:
    """A contents manager on a volume that does not respond."""

    async def get(self, path, **_):
        await asyncio.Event().wait()


def extension(**rooms):
    return {EXTENSION_NAME: [SimpleNamespace(ywebsocket_server=SimpleNamespace(rooms=rooms))]}


def room(path="shared.txt"):
    document, file = SimpleNamespace(source="", dirty=False), SimpleNamespace(path=path, last_modified=0)
    return SimpleNamespace(_document=document, _file=file, _update_lock=asyncio.Lock(), ready=True, clients=set())


def unsaved(apps):
    rooms = CollaborativeRooms(SimpleNamespace(extension_apps=apps), Silent())
    return asyncio.run(asyncio.wait_for(rooms.unsaved(0.1), 5))


def test_without_collaboration_there_is_nothing_to_prove():
    assert unsaved({}) == []


def test_a_version_whose_rooms_cannot_be_listed_is_told():
    ((subject, why),) = unsaved({EXTENSION_NAME: [SimpleNamespace()]})
    assert subject == EXTENSION_NAME
    assert "cannot be listed" in why


def test_a_room_of_a_version_that_is_not_known_is_told():
    ((subject, why),) = unsaved(extension(**{ROOM: SimpleNamespace()}))
    assert subject == ROOM
    assert why.startswith("failed: ")


def test_rooms_without_a_file_hold_no_document():
    assert unsaved(extension(**{"JupyterLab:globalAwareness": SimpleNamespace()})) == []


def test_a_room_that_is_not_read_back_in_time_is_named_by_its_path():
    assert unsaved(extension(**{ROOM: room()})) == [("shared.txt", "timeout: it was not read back in time")]
