"""The source `os_release` queries the real dnf for a machine that is locked to an older release of Amazon Linux 2023."""

import asyncio
import json
import shutil
import socket
import subprocess
import sys
import urllib.request
from datetime import datetime, timezone
from pathlib import Path

import psutil
import pytest

from jupyter_nb_updater.sandbox import Sandbox
from jupyter_nb_updater.signals.os_release import OsReleaseSource
from jupyter_nb_updater.signals.poller import SourcePoller
from jupyter_nb_updater.util.subprocess import ProgramFailed
from tests.wait import eventually

from ..amazon_linux import NEW, OLD, AmazonLinux
from ..signal_sources import source_context

ROOT = Path(__file__).parent.parent.parent
SYSTEM = ("/var/cache/dnf", "/var/log/dnf.log")
NOW = datetime(2025, 11, 1, tzinfo=timezone.utc)


@pytest.fixture(scope="module")
def linux(tmp_path_factory):
    return AmazonLinux(tmp_path_factory.mktemp("linux"))


@pytest.fixture
def own(tmp_path):
    """Create a machine that the test may change."""
    return AmazonLinux(tmp_path)


def look(linux, **traits):
    """Return the signal that a server gets."""
    source = OsReleaseSource(source_context(), **{**linux.traits, **traits})
    (signal,) = asyncio.run(SourcePoller([source]).poll(NOW))
    return signal


def test_every_security_advisory_between_the_two_releases_is_found_with_what_the_repository_says_of_it(linux):
    signal = look(linux)
    assert (signal.state, signal.code, signal.subject) == ("due", "os-advisories", NEW)
    assert signal.evidence == {
        "release": OLD,
        "newest": NEW,
        "packages": 5,
        "advisories_total": 3,
        "severities": {"critical": 1, "important": 1, "medium": 1},
    }
    told = [(one["id"], one["published"], one["severity"], one["cves"], one["text"]) for one in signal.to_json()["advisories"]]
    assert told == [
        ("ALAS2023-2025-1180", "2025-09-01T20:31:00Z", "critical", ["CVE-2025-9230"], "openssl"),
        ("ALAS2023-2025-1201", "2025-09-29T20:31:00Z", "important", ["CVE-2025-38500", "CVE-2025-38501"], "kernel"),
        ("ALAS2023-2025-860", "2025-02-12T23:45:00Z", "medium", ["CVE-2025-0725"], "curl-minimal"),
    ]
    assert signal.advisories[0].link == "https://alas.aws.amazon.com/AL2023/ALAS2023-2025-1180.html"
    assert signal.advisories[2].link == "https://alas.aws.amazon.com/AL2023/ALAS-2025-860.html"


def test_without_the_metadata_that_dnf_has_fetched_the_time_of_the_last_change_counts(linux, monkeypatch):
    monkeypatch.setattr("jupyter_nb_updater.signals.dnf.OPENERS", {})
    published = {one.id: one.published for one in look(linux).advisories}
    assert published["ALAS2023-2025-860"] == datetime(2025, 2, 26, 0, 10, tzinfo=timezone.utc)


def test_a_machine_of_the_newest_release_is_current(own):
    own.update()
    signal = look(own)
    assert (signal.state, signal.code) == ("current", "os-newest")
    assert signal.evidence == {"release": NEW, "newest": NEW, "packages": 0}


def test_compared_with_its_own_release_nothing_is_newer(linux):
    signal = look(linux, releasever=OLD)
    assert (signal.state, signal.code, signal.evidence["newest"]) == ("current", "os-newest", OLD)


def test_newer_packages_without_a_security_advisory_are_told_as_such(tmp_path):
    signal = look(AmazonLinux(tmp_path, notices=()))
    assert (signal.state, signal.code, signal.evidence["packages"]) == ("due", "os-newer", 5)
    assert signal.advisories == ()


def test_nothing_is_written_outside_its_own_cache(linux, tmp_path):
    def of_the_system():
        return {path: path.stat().st_mtime_ns for path in map(Path, SYSTEM) if path.exists()}

    before = of_the_system()
    look(linux, cache_directory=str(tmp_path / "cache"))
    assert list((tmp_path / "cache").glob("amazonlinux-*/repodata/repomd.xml"))
    assert of_the_system() == before


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("file:///nowhere/$releasever/", "Failed to download metadata for repo 'amazonlinux'"),
        ("http://127.0.0.1:9/$releasever/", "Failed to download metadata for repo 'amazonlinux'"),
    ],
)
def test_a_repository_that_does_not_answer_is_unknown_and_never_current(own, url, words):
    own.baseurl(url)
    signal = look(own)
    assert (signal.state, signal.code) == ("unknown", "os_release-unreachable")
    assert words in signal.evidence["problem"]


def test_a_repository_that_was_there_and_is_gone_is_not_answered_from_the_cache(own):
    assert look(own).state == "due"
    shutil.rmtree(own.tree / NEW / "repodata")
    assert look(own).code == "os_release-unreachable"


def test_a_machine_without_the_packages_of_amazon_linux_is_unknown(linux, tmp_path):
    signal = look(linux, arguments=[f"--installroot={tmp_path}", f"--setopt=reposdir={tmp_path}"])
    assert (signal.state, signal.code) == ("unknown", "os_release-unreachable")
    assert "system-release is not installed" in signal.evidence["problem"]


@pytest.mark.parametrize("dnf", ["no-such-program", "/nowhere/dnf", ""])
def test_where_there_is_no_dnf_it_is_unknown_and_no_error(linux, dnf):
    signal = look(linux, dnf=dnf)
    assert (signal.state, signal.code, signal.evidence) == ("unknown", "os-no-dnf", {})


@pytest.fixture
def tar_pit():
    """Start a server that accepts connections and never responds, and return its port."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def running(linux):
    """Return all processes that use this machine's cache."""
    everyone = psutil.process_iter(["cmdline"])
    return [process for process in everyone if str(linux.cache) in " ".join(process.info["cmdline"] or [])]


def is_fetching(linux):
    return any("--refresh" in process.info["cmdline"] for process in running(linux))


@pytest.mark.parametrize("script", ['HOME=/ exec dnf "$@"', 'HOME=/ dnf "$@"; exit $?'], ids=["itself", "as a child"])
def test_a_dnf_that_hangs_is_killed_with_everything_that_it_has_started(own, tar_pit, script):
    own.baseurl(f"http://127.0.0.1:{tar_pit}/$releasever/")
    own.dnf.write_text(f"#!/bin/sh\n{script}\n", "utf-8")

    async def both():
        source = OsReleaseSource(source_context(), **own.traits, timeout_seconds=8.0)
        looking = asyncio.create_task(SourcePoller([source]).poll(NOW))
        while not is_fetching(own) and not looking.done():
            await asyncio.sleep(0.05)
        nice = {process.nice() for process in running(own)}
        (signal,) = await looking
        return nice, signal

    nice, signal = asyncio.run(both())
    assert nice == {19}
    assert (signal.state, signal.code) == ("unknown", "os_release-timeout")
    eventually(lambda: not running(own))


LOOK = """
import asyncio, json, sys
from datetime import datetime, timezone
from jupyter_nb_updater.signals.os_release import OsReleaseSource
from tests.signal_sources import source_context
asyncio.run(OsReleaseSource(source_context(), **json.loads(sys.argv[1])).poll(datetime.now(timezone.utc)))
"""


def test_a_dnf_whose_server_was_killed_ends_too(own, tar_pit):
    own.baseurl(f"http://127.0.0.1:{tar_pit}/$releasever/")
    traits = json.dumps({**own.traits, "timeout_seconds": 5.0})
    server = subprocess.Popen([sys.executable, "-c", LOOK, traits], cwd=ROOT)
    try:
        eventually(lambda: is_fetching(own))
    finally:
        server.kill()
        server.wait()
    assert running(own)
    eventually(lambda: not running(own))


def test_what_a_program_says_is_bounded(linux, tmp_path):
    chatty = tmp_path / "dnf"
    chatty.write_text("#!/bin/sh\nyes\n", "utf-8")
    chatty.chmod(0o755)
    with pytest.raises(ProgramFailed, match="wrote more than"):
        asyncio.run(OsReleaseSource(source_context(), **{**linux.traits, "dnf": str(chatty)}).poll(NOW))


@pytest.fixture(scope="module")
def sandbox(wheel, linux):
    with Sandbox(wheel=wheel, traits={"OsReleaseSource": linux.traits}) as running:
        yield running


def test_on_an_instance_the_advisories_are_in_the_state_that_every_page_gets(sandbox):
    def told():
        with urllib.request.urlopen(f"{sandbox.url}nb-updater/state", timeout=10) as answer:
            advice = json.load(answer)["advice"]
        return next((signal for signal in advice["signals"] if signal["name"] == "os_release"), None) if advice else None

    signal = eventually(told, 60)
    assert (signal["state"], signal["code"], signal["evidence"]["newest"]) == ("due", "os-advisories", NEW)
    assert [one["id"] for one in signal["advisories"]] == ["ALAS2023-2025-1180", "ALAS2023-2025-1201", "ALAS2023-2025-860"]


def test_the_command_line_finds_the_same(sandbox):
    told = json.loads(sandbox.run("jupyter", "nb-updater", "status", "--json").stdout)
    codes = {signal["name"]: signal["code"] for signal in told["signals"]}
    assert (codes["platform"], codes["os_release"]) == ("platform-current", "os-advisories")
    assert "health" not in codes  # it is off
