"""The front door of the sandbox: who passes it, what Jupyter sees behind it, and what it answers while the instance is down."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
import requests

from jupyter_nb_updater.sandbox import Sandbox
from tests.wait import eventually

A_PAGE = {"Accept": "text/html"}
NOBODY = 65534


@pytest.fixture(scope="module")
def sandbox(bare_wheel: Path) -> Iterator[Sandbox]:
    with Sandbox(wheel=bare_wheel) as running:
        yield running


@pytest.fixture
def browser() -> Iterator[requests.Session]:
    """A client that keeps cookies and follows redirects."""
    with requests.Session() as session:
        session.trust_env = False
        yield session


def address(sandbox: Sandbox, path: str = "") -> str:
    """The public address, without a secret."""
    assert sandbox.front is not None
    return f"http://{sandbox.front.public_name}/{path}"


def presigned(sandbox: Sandbox) -> str:
    answer = sandbox.aws.client("sagemaker").create_presigned_notebook_instance_url(NotebookInstanceName=sandbox.name)
    return str(answer["AuthorizedUrl"])


def running_server(sandbox: Sandbox) -> dict[str, object]:
    (info,) = sandbox.home.glob(".local/share/jupyter/runtime/jpserver-*.json")
    return dict(json.loads(info.read_text("utf-8")))


def test_nobody_passes_without_a_session(sandbox: Sandbox, browser: requests.Session) -> None:
    assert browser.get(address(sandbox, "lab")).status_code == 403
    assert browser.get(address(sandbox, "enter/guessed/lab"), headers=A_PAGE).status_code == 403


def test_the_address_of_the_sandbox_begins_a_session_and_does_not_stay_in_the_address_bar(
    sandbox: Sandbox, browser: requests.Session
) -> None:
    page = browser.get(f"{sandbox.lab_url}/tree/notes.txt?reset", headers=A_PAGE)
    assert page.url == address(sandbox, "lab/tree/notes.txt?reset")
    assert "jupyter-config-data" in page.text
    assert browser.get(address(sandbox, "api/status")).status_code == 200


def test_a_presigned_link_opens_jupyter_once(sandbox: Sandbox, browser: requests.Session) -> None:
    link = presigned(sandbox)
    assert "jupyter-config-data" in browser.get(link).text
    assert "authToken" not in browser.get(address(sandbox)).url
    assert requests.get(link, timeout=5).status_code == 403


def test_two_browsers_are_two_anonymous_users(sandbox: Sandbox) -> None:
    names = []
    for _ in range(2):
        with requests.Session() as session:
            session.get(sandbox.lab_url, headers=A_PAGE)
            identities = [session.get(address(sandbox, "api/me")).json()["identity"] for _ in range(2)]
            assert identities[0] == identities[1]
            names.append(identities[0]["username"])
            assert identities[0]["display_name"].startswith("Anonymous ")
    assert names[0] != names[1]


def test_the_running_server_is_at_a_name_that_does_not_resolve(sandbox: Sandbox) -> None:
    info = running_server(sandbox)
    name = sandbox.machine.host_name
    assert (info["hostname"], info["secure"], info["url"]) == ("0.0.0.0", True, f"https://{name}:{sandbox.machine.port}/")
    with pytest.raises(socket.gaierror):
        socket.getaddrinfo(name, None)


def test_jupyter_listens_on_loopback_only_although_it_says_otherwise(sandbox: Sandbox) -> None:
    jupyter = psutil.Process(int(str(running_server(sandbox)["pid"])))
    assert "--ip=0.0.0.0" in jupyter.cmdline()
    listening = {end.laddr.ip for end in jupyter.net_connections("tcp") if end.status == psutil.CONN_LISTEN}
    assert listening == {"127.0.0.1"}


@pytest.mark.skipif(os.name != "posix" or os.getuid() != 0 or not shutil.which("setpriv"), reason="root can be somebody else")
def test_another_user_of_this_computer_gets_in_nowhere(sandbox: Sandbox) -> None:
    for url in (f"{sandbox.machine.url}api/status", f"{sandbox.api_url}/sandbox/requests"):
        ask = ["curl", "--silent", "--insecure", "--noproxy", "*", "--max-time", "5", url]
        other = ["setpriv", f"--reuid={NOBODY}", "--clear-groups", *ask]
        assert subprocess.run(ask, capture_output=True, check=False).stdout
        assert not subprocess.run(other, capture_output=True, check=False).stdout


def test_aws_knows_the_instance_by_a_name_with_capitals_an_arn_without_and_an_address_without_either(sandbox: Sandbox) -> None:
    sagemaker = sandbox.aws.client("sagemaker")
    described = sagemaker.describe_notebook_instance(NotebookInstanceName="Research-1")
    assert described["NotebookInstanceName"] == "Research-1"
    assert described["NotebookInstanceArn"].endswith(":notebook-instance/research-1")
    assert f"http://{described['Url']}/" == address(sandbox)
    sagemaker.add_tags(ResourceArn=described["NotebookInstanceArn"], Tags=[{"Key": "team", "Value": "a"}])
    assert sandbox.tags()["team"] == "a"
    metadata = json.loads(sandbox.machine.metadata.read_text("utf-8"))
    assert metadata == {"ResourceArn": described["NotebookInstanceArn"], "ResourceName": "Research-1"}


def test_the_front_answers_400_while_there_is_no_machine_and_403_when_the_session_has_ended(
    sandbox: Sandbox, browser: requests.Session
) -> None:
    def status() -> int:
        return browser.get(address(sandbox, "api/status")).status_code

    browser.get(sandbox.lab_url, headers=A_PAGE)
    sandbox.machine.control.write_text("restart")
    eventually(lambda: status() == 502)
    eventually(lambda: status() == 200, 60)
    sandbox.aws.client("sagemaker").stop_notebook_instance(NotebookInstanceName=sandbox.name)
    sandbox.wait_for("Stopped")
    assert status() == 400
    sandbox.aws.client("sagemaker").start_notebook_instance(NotebookInstanceName=sandbox.name)
    sandbox.wait_for("InService")
    assert status() == 200
    assert sandbox.front is not None
    sandbox.front.end_sessions()
    assert status() == 403
