"""Who may pass the sandbox's front door, and what reaches Jupyter."""

import os
import socket

import pytest
from yarl import URL

from jupyter_nb_updater.sandbox.front.proxy import _without_cookie, _without_token
from jupyter_nb_updater.sandbox.front.sessions import LINK_SECONDS, FrontSessions, presigned_token
from jupyter_nb_updater.sandbox.machine.network import is_of_this_user, owner

NOW, HOUR = 1_000_000.0, 3600.0


@pytest.fixture
def sessions():
    return FrontSessions("key", survive_restart=True)


def test_a_link_begins_a_session_that_ends_in_time(sessions):
    session = sessions.redeem(presigned_token("key", HOUR, NOW), NOW + LINK_SECONDS, boot=1)
    assert session
    assert sessions.seconds_left(session, NOW + LINK_SECONDS + HOUR - 1, boot=2) == 1
    assert sessions.seconds_left(session, NOW + LINK_SECONDS + HOUR, boot=2) is None


def test_a_link_begins_one_session(sessions):
    token = presigned_token("key", HOUR, NOW)
    assert sessions.redeem(token, NOW, boot=1)
    assert sessions.redeem(token, NOW, boot=1) is None


def test_a_link_cannot_be_used_after_five_minutes(sessions):
    assert sessions.redeem(presigned_token("key", HOUR, NOW), NOW + LINK_SECONDS + 1, boot=1) is None


@pytest.mark.parametrize("token", ["", "e30=", "e30=.", "nonsense.ä", presigned_token("another key", HOUR, NOW)])
def test_a_link_that_nobody_signed_begins_nothing(sessions, token):
    assert sessions.redeem(token, NOW, boot=1) is None


def test_a_session_ends_with_the_boot_if_it_does_not_survive_a_restart():
    sessions = FrontSessions("key", survive_restart=False)
    session = sessions.begin(HOUR, NOW, boot=1)
    assert sessions.seconds_left(session, NOW, boot=1) == HOUR
    assert sessions.seconds_left(session, NOW, boot=2) is None


def test_all_sessions_can_be_ended(sessions):
    session = sessions.begin(HOUR, NOW, boot=1)
    sessions.end()
    assert sessions.seconds_left(session, NOW, boot=1) is None


def test_the_token_is_taken_out_of_the_address():
    assert _without_token(URL("/?authToken=abc")) == "/"
    assert _without_token(URL("/lab?view=1&authToken=abc")) == "/lab?view=1"


def test_jupyter_does_not_see_the_cookie_of_the_front():
    assert _without_cookie("_xsrf=2|a; sandbox-session-1=s; username=b", "sandbox-session-1") == "_xsrf=2|a; username=b"
    assert _without_cookie("sandbox-session-1=s", "sandbox-session-1") == ""
    assert _without_cookie("", "sandbox-session-1") == ""


TABLE = """\
  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:20FB 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 1001 1 0000 100 0 0 10 0
   1: 0100007F:C350 0100007F:20FB 01 00000000:00000000 00:00000000 00000000  1001        0 1002 1 0000 20 4 30 10 -1
   2: 0100007F:20FB 0100007F:C350 01 00000000:00000000 00:00000000 00000000  1000        0 1003 1 0000 20 4 30 10 -1
   3: 0100007F:C351 0100007F:20FB 04 00000000:00000000 00:00000000 00000000     0        0 0 1 0000 20 4 30 10 -1
"""
HERE = ("127.0.0.1", 8443)


@pytest.mark.parametrize(("port", "user"), [(50000, 1001), (50001, None), (50002, None)])
def test_the_user_of_a_connection_is_that_of_its_other_end_while_it_is_open(port, user):
    assert owner(TABLE, HERE, ("127.0.0.1", port)) == user


def test_a_connection_of_ours_is_ours():
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()):
        connection, peer = server.accept()
        with connection:
            assert is_of_this_user(connection.getsockname(), peer)
            if os.path.exists("/proc/net/tcp"):  # noqa: PTH110  elsewhere the kernel does not say it
                assert not is_of_this_user(connection.getsockname(), (peer[0], 1))
