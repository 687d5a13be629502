"""Rooms of an unknown version, and rooms that do not respond. Real ones: ``tests/browser/test_collaboration.py``."""

import asyncio
from types import SimpleNamespace

import pytest
from tornado.web import HTTPError

from jupyter_nb_updater.saving.collaboration import EXTENSION_NAME, CollaborativeRoom, CollaborativeRooms

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


def raising(error):
    async def save(model):
        raise error

    return save


def room_of(file):
    one = room()
    one._file = file
    return one


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


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (HTTPError(500, "Unexpected error while saving file: a.txt [Errno 28] No space left on device"), "no-space"),
        (OSError(122, "Quota überschritten"), "no-space"),
        (HTTPError(403, "Permission denied: a.txt"), "permission"),
        (UnicodeEncodeError("utf-8", "\ud800", 0, 1, "surrogates not allowed"), "encoding"),
        (HTTPError(400, "No outputs in this repository"), "hook"),
    ],
    ids=["full volume", "full quota", "permission", "encoding", "hook"],
)
def test_why_a_room_is_not_saved_is_a_code_before_the_message(error, code):
    saved = SimpleNamespace(path="shared.txt", last_modified=0)
    saved.maybe_save_content = raising(error)
    reason = asyncio.run(CollaborativeRoom(ROOM, room_of(saved), Silent()).save())
    assert reason == f"failed: {code}: {error}"


def test_a_cause_that_is_not_known_has_no_code():
    saved = SimpleNamespace(path="shared.txt", last_modified=0, maybe_save_content=raising(OSError("out of luck")))
    assert asyncio.run(CollaborativeRoom(ROOM, room_of(saved), Silent()).save()) == "failed: out of luck"
