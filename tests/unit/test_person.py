"""Who sends a request: a login that says it, or a name that somebody gave."""

import json
import uuid

import pytest
from jupyter_server.auth.identity import IdentityProvider, LegacyIdentityProvider, PasswordIdentityProvider, User

from jupyter_nb_updater.advice.hold import Person
from jupyter_nb_updater.service.person import GivenName, login_of
from jupyter_nb_updater.state import StateDocument
from jupyter_nb_updater.util.clock import SystemClock
from jupyter_nb_updater.util.request_error import MalformedRequest


class Hub(IdentityProvider):
    """A provider with real logins, such as that of JupyterHub."""


ANONYMOUS = User(uuid.uuid4().hex, "Anonymous Elara", "Anonymous Elara", "AE")
ANA = User("ana", "Ana", "Ana B.", "AB")


@pytest.mark.parametrize(
    ("user", "provider", "login"),
    [
        (ANA, Hub(), "ana"),
        (ANA, LegacyIdentityProvider(), "ana"),
        (ANONYMOUS, Hub(), ""),
        (ANONYMOUS, LegacyIdentityProvider(), ""),
        (User(str(uuid.uuid4())), Hub(), ""),
        (User("anonymous"), Hub(), ""),
        (User("Anonymous"), Hub(), ""),
        (ANA, PasswordIdentityProvider(), ""),  # its password is shared: everybody can say to be Ana
        (ANA, IdentityProvider(), ""),
        (None, Hub(), ""),
        (User("beef"), Hub(), "beef"),
    ],
)
def test_a_login_says_who_it_is_or_nothing(user, provider, login):
    assert login_of(user, provider) == login


@pytest.fixture
def path(tmp_path):
    return tmp_path / ".nb-updater" / "name.json"


@pytest.fixture
def given(path):
    return GivenName(path, StateDocument(SystemClock()))


async def test_a_name_is_given_once_and_kept_on_the_volume(given, path):
    assert await given.identify(ANONYMOUS, Hub()) == Person("")
    assert await given.identify(ANONYMOUS, Hub(), " Ana\nB. ") == Person("Ana B.")
    assert await given.identify(ANONYMOUS, Hub()) == Person("Ana B.")
    again = GivenName(path, state := StateDocument(SystemClock()))
    await again.load()
    assert (await again.identify(ANONYMOUS, Hub()), state["given_name"]) == (Person("Ana B."), "Ana B.")


async def test_a_login_that_says_who_it_is_needs_no_name(given, path):
    assert await given.identify(ANA, Hub(), "somebody else") == Person("Ana B.", "ana")
    assert not path.exists()


@pytest.mark.parametrize("name", [7, ["Ana"], {}, True])
async def test_a_name_is_text(given, name):
    with pytest.raises(MalformedRequest):
        await given.identify(ANONYMOUS, Hub(), name)


async def test_a_long_name_is_cut(given):
    assert len((await given.identify(ANONYMOUS, Hub(), "x" * 999)).name) == 100


@pytest.mark.parametrize("content", ["", "{", json.dumps({"format": 99, "name": "Ana"}), "[]"])
async def test_a_file_that_cannot_be_used_names_nobody(given, path, content):
    path.parent.mkdir()
    path.write_text(content)
    await given.load()
    assert await given.identify(ANONYMOUS, Hub()) == Person("")


async def test_a_full_volume_forgets_the_name_only_with_the_server(given, path):
    path.parent.write_text("no folder")
    assert await given.identify(ANONYMOUS, Hub(), "Ana") == Person("Ana")
    assert await given.identify(ANONYMOUS, Hub()) == Person("Ana")
