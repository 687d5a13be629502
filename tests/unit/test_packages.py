"""Packages that a user installed, found by names; the list as a file; the status of each package. Nothing is run."""

import logging
import os
import sys
import time
from datetime import datetime, timedelta, timezone
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given, strategies as st

from jupyter_nb_updater.losses.inventory import package_losses
from jupyter_nb_updater.packages import added as baseline, metadata, reinstaller
from jupyter_nb_updater.packages.added import AddedPackages, Baseline, BootId
from jupyter_nb_updater.packages.candidates import (
    AddedSinceBoot,
    EnvironmentState,
    PackageStatus,
    RunProgress,
    package_status,
    phase,
)
from jupyter_nb_updater.packages.environments import Environment, Environments
from jupyter_nb_updater.packages.package import Package, added_packages as difference, is_satisfied
from jupyter_nb_updater.packages.pip import error_summary, masked, names_in
from jupyter_nb_updater.packages.requirements import PackageList, PackageLists, file_of, from_text, to_text, together
from tests.packages import install

LOG = logging.getLogger("test")
NOW = datetime(2026, 11, 23, 14, 0, tzinfo=timezone.utc)
BOOT = BootId("b-1", NOW)


class Specs:
    """A manager of kernel specifications."""

    def __init__(self, *argvs):
        self.specs = {f"k{number}": {"spec": {"argv": argv}} for number, argv in enumerate(argvs)}

    def get_all_specs(self):
        return self.specs


def packages_of(home, *argvs, specs=None, boot=BOOT, now=None, **traits):
    context = SimpleNamespace(
        boot_clock=SimpleNamespace(read_id=lambda: boot.id),
        booted=lambda: boot.at,
        system_clock=SimpleNamespace(now=lambda: now or datetime.now(timezone.utc)),
    )
    folders = ["~/anaconda3", "~/anaconda3/envs/*"]
    environments = Environments(specs or Specs(*argvs), home / "SageMaker", folders=folders)
    path = home / "SageMaker" / ".nb-updater" / "packages" / "baseline.json"
    return AddedPackages(environments, path, context, **traits)


def told(packages):
    looks = [AddedSinceBoot(scan.environment, scan.packages) for scan in packages.scan() if scan.packages]
    return {loss["name"]: loss["detail"] for loss in package_losses(looks)}


# What was added.


def test_packages_are_told_by_environment(home):
    python3, r, base = home / "anaconda3" / "envs" / "python3", home / "anaconda3" / "envs" / "R", home / "anaconda3"
    install(python3, "pip-24.0")
    install(r, "r-base-4.2", conda=True)
    install(base, "conda-23.1", conda=True)
    packages = packages_of(home)
    packages.take_baseline()
    assert told(packages) == {}
    install(python3, "numpy-2.1.0", "scikit_learn-1.5.0")
    install(r, "r-base-4.3", conda=True)
    install(base, "conda-24.1", conda=True)
    assert told(packages) == {"python3": "numpy 2.1.0, scikit-learn 1.5.0", "R": "r-base 4.3", "base": "conda 24.1"}


def test_what_lifecycle_scripts_installed_before_the_first_look_is_the_images(home):
    python3 = home / "anaconda3" / "envs" / "python3"
    install(python3, "by_the_script-1.0")
    packages = packages_of(home)
    packages.take_baseline()
    install(python3, "by_the_user-1.0")
    assert told(packages) == {"python3": "by-the-user 1.0"}


def test_a_package_that_conda_and_pip_both_know_is_told_once_and_as_condas(home):
    python3 = home / "anaconda3" / "envs" / "python3"
    install(python3, "pip-24.0")
    packages = packages_of(home)
    packages.take_baseline()
    install(python3, "numpy-2.1.0", "pytorch-2.1", conda=True)
    install(python3, "numpy-2.1.0", "torch-2.1", installer="conda")
    (scan,) = [scan for scan in packages.scan() if scan.environment.name == "python3"]
    assert scan.packages == (Package("numpy", "2.1.0", "conda"), Package("pytorch", "2.1", "conda"))


def test_what_pip_puts_over_condas_is_pips(home):
    python3 = home / "anaconda3" / "envs" / "python3"
    install(python3, "numpy-2.1.0", conda=True)
    install(python3, "numpy-2.1.0", installer="conda")
    packages = packages_of(home)
    packages.take_baseline()
    install(python3, "numpy-2.2.0")
    (scan,) = [scan for scan in packages.scan() if scan.packages]
    assert scan.packages == (Package("numpy", "2.2.0"),)


def test_we_ourselves_are_brought_by_the_next_start(home):
    system = home / "anaconda3" / "envs" / "JupyterSystemEnv"
    install(system, "pip-24.0")
    packages = packages_of(home)
    packages.take_baseline()
    install(system, "jupyter_nb_updater-0.1.0")
    assert told(packages) == {}


def test_an_environment_that_is_made_later_is_new_and_one_that_was_only_not_known_is_not(home, tmp_path):
    old = tmp_path / "old"
    install(old, "of_the_image-1.0")
    past = time.time() - 7200
    specs = Specs()
    packages = packages_of(home, specs=specs, now=datetime.now(timezone.utc) + timedelta(hours=1))
    packages.take_baseline()
    specs.specs = Specs([str(old / "bin/python")]).specs
    assert told(packages) == {}
    packages = packages_of(home, specs=specs, boot=BootId("b-2", NOW), now=datetime.fromtimestamp(past, timezone.utc))
    specs.specs = {}
    packages.take_baseline()
    install(home / "anaconda3" / "envs" / "mine", "x-1.0")
    assert told(packages) == {"mine": "x 1.0"}


def test_the_environments_of_kernels_are_looked_into(home, tmp_path):
    install(tmp_path / "venv", "pip-24.0")
    install(tmp_path / "conda env", "python-3.11", conda=True)
    argvs = (
        [str(tmp_path / "venv/bin/python"), "-m", "ipykernel"],
        ["python", "-m", "runner", "/c", str(tmp_path / "conda env")],
    )
    packages = packages_of(home, *argvs)
    packages.take_baseline()
    install(tmp_path / "venv", "x-1.0")
    install(tmp_path / "conda env", "y-2.0", conda=True)
    assert told(packages) == {str(tmp_path / "venv"): "x 1.0", str(tmp_path / "conda env"): "y 2.0"}


def test_an_environment_on_the_volume_is_not_lost(home):
    environment = home / "SageMaker" / "venv"
    install(environment, "x-1.0")
    environments = Environments(Specs([str(environment / "bin/python")]), home / "SageMaker", folders=[])
    assert [found.path for found in environments.list()] == [Path(sys.prefix).resolve()]


def test_two_environments_of_one_name_are_told_apart(home, tmp_path):
    for folder in (home / "anaconda3", tmp_path / "other"):
        install(folder / "envs" / "python3", "x-1.0")
    environments = Environments(Specs([str(tmp_path / "other/envs/python3/bin/python")]), home / "SageMaker")
    names = [found.name for found in environments.list() if found.path.name == "python3"]
    assert names == ["python3", "~/anaconda3/envs/python3"]


def test_kernels_behind_a_gateway_have_no_environment_here(home):
    class Gateway:
        async def get_all_specs(self):
            return {}

    assert told(packages_of(home, specs=Gateway())) == {}


def test_many_packages_are_told_shortly():
    many = tuple(Package(f"package{number:03}", "1.0") for number in range(100))
    (loss,) = package_losses([AddedSinceBoot(Environment(Path("/e"), "python3"), many)])
    assert (len(loss["detail"]), loss["detail"][-1], loss["size"]) == (300, "…", 100)


def test_a_look_is_bounded_and_says_so(home, caplog):
    packages = packages_of(home, scan_seconds=-1.0)
    packages.take_baseline()
    assert packages.scan() == []
    assert "Not all environments" in caplog.text


HOSTILE = [
    "--index-url=http:evil-1.0",
    "x\n--extra-index-url http:-1.0",
    "x y-1.0",
    "x;rm -1.0",
    "$(id)-1.0",
    "x-1.0\nevil==2",
    "../x-1.0",
    "é-1.0",
    "-e-1.0",
    "x-",
    "-1.0",
]


@pytest.mark.parametrize("name", [name for name in HOSTILE if "/" not in name])
def test_a_hostile_name_is_no_package(tmp_path, name):
    (tmp_path / "lib" / "python3.11" / "site-packages" / f"{name}.dist-info").mkdir(parents=True)
    (tmp_path / "conda-meta").mkdir()
    (tmp_path / "conda-meta" / f"{name}-0.json").touch()
    for entry, path in metadata.installed_entries(tmp_path).items():
        package = metadata.package(entry, path)
        assert package is None or from_text(to_text(PackageList("/e", (package,)), "e.txt")) == PackageList("/e", (package,))
        assert "evil" not in entry
        assert "url" not in entry


@given(
    before=st.sets(st.sampled_from(["a==1", "a==2", "b==1", "c=1", "c==1"])),
    now=st.sets(st.sampled_from(["a==1", "a==2", "b==1", "c=1", "c==1"])),
)
def test_the_difference_is_new_and_nothing_that_is_new_is_missed(before, now):
    found = set(difference(before, now))
    assert found <= now - before
    assert {entry.split("=")[0] for entry in now - before} == {entry.split("=")[0] for entry in found}


# Where it is from.


@pytest.mark.parametrize(
    ("direct", "requirement"),
    [
        ({"url": "file:///home/me/lib", "dir_info": {"editable": True}}, "-e /home/me/lib"),
        ({"url": "file:///home/my%20lib", "dir_info": {"editable": True}}, "-e file:///home/my%20lib"),
        ({"url": "file:///home/me/lib", "dir_info": {}}, "x @ file:///home/me/lib"),
        ({"url": "file:///tmp/x-1.0-py3-none-any.whl", "archive_info": {}}, "x @ file:///tmp/x-1.0-py3-none-any.whl"),
        (
            {"url": "https://example.com/x.git", "vcs_info": {"vcs": "git", "commit_id": "abc", "requested_revision": "main"}},
            "x @ git+https://example.com/x.git@abc",
        ),
        (
            {"url": "https://example.com/x.git", "vcs_info": {"vcs": "git", "commit_id": "abc"}, "subdirectory": "py"},
            "x @ git+https://example.com/x.git@abc#subdirectory=py",
        ),
        ({"url": "https://example.com/x y"}, "x==1.0"),
        ({"url": "https://example.com/x\n--index-url=evil"}, "x==1.0"),
        ({"url": 7}, "x==1.0"),
        ({}, "x==1.0"),
    ],
)
def test_a_package_that_came_from_no_index_is_asked_for_where_it_is_from(direct, requirement):
    package = metadata.from_direct_url("x", "1.0", direct)
    assert package.requirement == requirement
    assert from_text(to_text(PackageList("/e", (package,)), "e.txt")) == PackageList("/e", (package,))


@pytest.mark.parametrize("content", ["", "{", "[]", "7", '{"url": "\\u0000"}'])
def test_a_broken_direct_url_is_none(tmp_path, content):
    install(tmp_path, "x-1.0", direct=content)
    ((entry, path),) = metadata.installed_entries(tmp_path).items()
    assert metadata.package(entry, path) == Package("x", "1.0")


@pytest.mark.parametrize(
    ("package", "path"),
    [
        (Package("x", "1", origin="/a b", editable=True), "/a b"),
        (Package("x", "1", origin="file:///a%20b/x.whl"), "/a b/x.whl"),
        (Package("x", "1", origin="git+file:///srv/x.git@abc"), "/srv/x.git"),
        (Package("x", "1", origin="https://example.com/x.whl"), None),
        (Package("x", "1"), None),
    ],
)
def test_what_is_from_this_machine_says_where(package, path):
    assert package.path == (None if path is None else Path(path))


# The list as a file.

NAMES = st.from_regex(r"[a-z][a-z0-9]{0,8}(-[a-z0-9]{1,4})?", fullmatch=True)
VERSIONS = st.from_regex(r"[0-9]{1,3}(\.[0-9]{1,3}){0,2}(\+cu[0-9]{1,3})?", fullmatch=True)
PATHS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=12).map(lambda text: f"/p/{text}".rstrip())
PACKAGES = st.one_of(
    st.builds(Package, NAMES, VERSIONS),
    st.builds(Package, NAMES, VERSIONS, st.just("conda")),
    st.builds(lambda name, version, path: Package(name, version, origin=path, editable=True), NAMES, VERSIONS, PATHS),
    st.builds(lambda name, version: Package(name, version, origin="https://e.com/x#subdirectory=y"), NAMES, VERSIONS),
)


@given(st.lists(PACKAGES, max_size=6), st.lists(PACKAGES, max_size=3))
def test_a_list_survives_its_file(packages, dismissed):
    listed = PackageList("/home/ec2-user/anaconda3/envs/python3", tuple(packages), tuple(dismissed))
    assert from_text(to_text(listed, "python3.txt")) == listed


@given(st.text(max_size=200))
def test_no_text_breaks_it_and_whatever_is_read_can_be_written(text):
    listed = from_text(f"# environment: /e\n{text}")
    assert listed is not None
    assert from_text(to_text(listed, "e.txt")) == listed


def test_what_a_person_writes_is_understood():
    text = "# environment: /e\nTabulate==0.9\nplain\n-e /p/lib\n--index-url https://evil\n-r other.txt\nx>=1\n# y==1\n"
    listed = from_text(text)
    assert listed is not None
    assert [package.requirement for package in listed.packages] == ["tabulate==0.9", "plain", "-e /p/lib"]


@pytest.mark.parametrize("text", ["", "x==1\n", "# environment: relative\nx==1\n", "# environment: \n"])
def test_a_file_that_names_no_environment_is_not_ours(text):
    assert from_text(text) is None


def test_pip_takes_the_file_as_it_is(tmp_path):
    from pip._internal.network.session import PipSession
    from pip._internal.req.req_file import parse_requirements

    packages = (
        Package("tabulate", "0.9"),
        Package("lib", "0.1", origin="/p/a #b", editable=True),
        Package("x", "1.0", origin="https://e.com/x.whl#sha256=0"),
        Package("r-base", "4.3", "conda"),
    )
    path = tmp_path / "python3.txt"
    path.write_text(to_text(PackageList("/e", packages, (Package("dismissed", "1.0"),)), path.name))
    found = [(line.requirement, line.is_editable) for line in parse_requirements(str(path), session=PipSession())]
    assert found == [("tabulate==0.9", False), ("file:///p/a%20%23b", True), ("x @ https://e.com/x.whl#sha256=0", False)]


@pytest.mark.parametrize(("name", "file"), [("python3", "python3.txt"), ("base", "base.txt")])
def test_a_file_has_the_name_of_its_environment(name, file):
    assert file_of(name) == file


def test_no_name_of_an_environment_leads_out_of_the_folder():
    names = ["~/.local", "/opt/x", "../../x", "..", "a/b", "a b", ".hidden", "", "x" * 300, "é"]
    files = [file_of(name) for name in names]
    assert len(set(files)) == len(names)
    assert not any("/" in file or file.startswith(".") or len(file) > 110 for file in files)


def test_a_list_that_cannot_be_read_is_never_written_over(tmp_path):
    (tmp_path / "python3.txt").write_bytes(b"\xff\xfe")
    (tmp_path / "mine.txt").write_text("a person's own\n")
    lists = PackageLists(tmp_path)
    assert lists.read() == {}
    for name in ("python3", "mine"):
        lists.write(name, PackageList("/e", (Package("x", "1"),)))
    assert (tmp_path / "python3.txt").read_bytes() == b"\xff\xfe"
    assert (tmp_path / "mine.txt").read_text() == "a person's own\n"


def test_a_list_is_written_when_it_is_another_and_for_its_owner_alone(tmp_path):
    lists, path = PackageLists(tmp_path / "packages"), tmp_path / "packages" / "e.txt"
    lists.write("e", PackageList("/e"))
    assert not path.exists()
    lists.write("e", PackageList("/e", (Package("x", "1"),)))
    assert path.stat().st_mode & 0o777 == 0o600
    os.utime(path, (1, 1))
    lists.write("e", PackageList("/e", (Package("x", "1"),)))
    assert path.stat().st_mtime == 1
    assert PackageLists(tmp_path / "packages").read() == {"/e": PackageList("/e", (Package("x", "1"),))}
    lists.write("e", PackageList("/e"))
    assert list((tmp_path / "packages").iterdir()) == []


def test_of_two_packages_of_one_name_the_first_is_kept():
    assert together([Package("b", "1"), Package("a", "1")], [Package("b", "2")]) == (Package("a", "1"), Package("b", "1"))


# The baseline.


def test_a_baseline_is_found_again_in_the_same_boot_alone(tmp_path):
    path = tmp_path / "packages" / "baseline.json"
    made = Baseline(BOOT, NOW, {"/e": frozenset({"a==1", "b=2"})})
    assert baseline.save_baseline(path, made)
    assert baseline.load_baseline(path, BootId("b-1", None), LOG) == Baseline(BootId("b-1", None), NOW, made.environments)
    assert baseline.load_baseline(path, BootId("b-2", NOW), LOG) is None
    assert baseline.load_baseline(path, BootId(None, NOW + timedelta(seconds=20)), LOG) is not None
    assert baseline.load_baseline(path, BootId(None, NOW + timedelta(minutes=2)), LOG) is None
    assert baseline.load_baseline(path, BootId(None, None), LOG) is None


BROKEN = [
    "",
    "[]",
    "{}",
    '{"format": 2}',
    '{"format": 1, "boot": 7, "taken": "x"}',
    "\x00",
    '{"format":1,"boot":{"id":"b-1","at":null},"taken":"2026-11-23T14:00:00Z","environments":[1]}',
]


@pytest.mark.parametrize("content", BROKEN)
def test_a_broken_file_is_as_good_as_none(tmp_path, content):
    path = tmp_path / "x.json"
    path.write_text(content)
    assert baseline.load_baseline(path, BOOT, LOG) is None
    assert reinstaller.load_preferences(path, LOG) == reinstaller.ReinstallPreferences()


def test_a_baseline_of_a_boot_that_nobody_knows_is_not_kept(tmp_path):
    assert not baseline.save_baseline(tmp_path / "x", Baseline(BootId(None, None), NOW))
    (tmp_path / "file").write_text("")
    assert not baseline.save_baseline(tmp_path / "file" / "x", Baseline(BOOT, NOW))


def test_preferences_are_read_again_as_they_were_saved(tmp_path):
    preferences = reinstaller.ReinstallPreferences(automatic=True, last_automatic_run=BOOT)
    reinstaller.save_preferences(tmp_path / "packages" / "preferences.json", preferences)
    assert reinstaller.load_preferences(tmp_path / "packages" / "preferences.json", LOG) == preferences


# How each stands.

ENVIRONMENT = Environment(Path("/x/envs/python3"), "python3")
SYSTEM = Environment(Path("/x/envs/JupyterSystemEnv"), "JupyterSystemEnv")
FOO, KEY = Package("foo", "1.0"), ("/x/envs/python3", "foo")


@pytest.mark.parametrize(
    ("state", "progress", "expected"),
    [
        (EnvironmentState(ENVIRONMENT), RunProgress(), ("available", None)),
        (EnvironmentState(ENVIRONMENT, {"foo==1.0"}), RunProgress(), ("already-installed", None)),
        (EnvironmentState(ENVIRONMENT, {"foo==1.1"}), RunProgress(), ("already-installed", None)),
        (EnvironmentState(ENVIRONMENT, {"foo=1.1"}), RunProgress(), ("already-installed", None)),
        (EnvironmentState(ENVIRONMENT, {"foo==0.9"}), RunProgress(), ("available", None)),
        (EnvironmentState(ENVIRONMENT, {"foo==0.9"}, added={"foo"}), RunProgress(), ("already-installed", None)),
        (EnvironmentState(ENVIRONMENT, {"foo==0.9"}, added={"foo"}), RunProgress(tried={KEY}), ("available", None)),
        (EnvironmentState(ENVIRONMENT, {"foo==1.0"}), RunProgress(tried={KEY}), ("reinstalled", None)),
        (
            EnvironmentState(ENVIRONMENT),
            RunProgress(failed={KEY: PackageStatus("failed", "pip", "no")}, tried={KEY}),
            ("failed", "pip"),
        ),
        (EnvironmentState(ENVIRONMENT), RunProgress(working={KEY: "queued"}), ("queued", None)),
        (EnvironmentState(ENVIRONMENT, path_gone={"foo"}), RunProgress(), ("failed", "path-gone")),
        (EnvironmentState(ENVIRONMENT, has_python=False), RunProgress(), ("failed", "no-python")),
        (EnvironmentState(SYSTEM), RunProgress(), ("failed", "system-environment")),
        (EnvironmentState(SYSTEM, {"foo==1.0"}), RunProgress(), ("already-installed", None)),
        (EnvironmentState(), RunProgress(), ("failed", "environment-gone")),
    ],
)
def test_how_a_package_stands(state, progress, expected):
    found = package_status(FOO, KEY[0], state, progress)
    assert (found.state, found.code) == expected


@pytest.mark.parametrize(
    ("version", "than", "expected"),
    [
        ("1.10", "1.9", True),
        ("1.9", "1.10", False),
        ("2.0+cu1", "2.0", True),
        ("x", "x", True),
        ("x", "1", False),
        ("1", "", True),
    ],
)
def test_versions_are_compared_as_versions(version, than, expected):
    assert is_satisfied(Package("foo", than), {f"foo=={version}"}) is expected


@pytest.mark.parametrize(
    ("states", "is_running", "expected"),
    [
        ([], False, "none"),
        (["available", "failed"], False, "available"),
        (["failed"], False, "done"),
        (["queued"], True, "running"),
    ],
)
def test_the_phase_of_all_together(states, is_running, expected):
    assert phase([PackageStatus(state) for state in states], is_running=is_running) == expected


# What pip says.


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("Collecting Foo_bar==1.0 (from -r /dev/stdin (line 1))", ["foo-bar"]),
        ("Collecting foo>=1", ["foo"]),
        ("Installing collected packages: a, B_c", ["a", "b-c"]),
        ("  Downloading x", []),
        ("", []),
    ],
)
def test_what_pip_is_about(line, names):
    assert names_in(line) == names


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ([], ""),
        (["x", ""], "x"),
        (["ERROR: first", "ERROR: second", "Check the permissions."], "second"),
        (["\x1b[31mERROR: red\x1b[0m"], "red"),
        (["ERROR: " + "x" * 500], "x" * 299 + "…"),
        (["ERROR: no https://ana:secret@host/simple"], "no https://***@host/simple"),
    ],
)
def test_its_last_words(lines, words):
    assert error_summary(lines) == words


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("git+https://token@host/x.git@main", "git+https://***@host/x.git@main"),
        (
            "https://b.s3.amazonaws.com/x.whl?X-Amz-Signature=1&y=2#z (from x)",
            "https://b.s3.amazonaws.com/x.whl?***#z (from x)",
        ),
        ("foo@bar.com is no URL", "foo@bar.com is no URL"),
    ],
)
def test_secrets_in_urls_are_masked(text, left):
    assert masked(text) == left
