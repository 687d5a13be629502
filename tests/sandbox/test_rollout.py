"""The commands for lifecycle configurations against the emulated API: what is changed, refused and printed."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import os
import subprocess
import sys
import urllib.request
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from jupyter_nb_updater.instance.aws import Aws, AwsError
from jupyter_nb_updater.lifecycle.client import ConfigChanged, LifecycleClient
from jupyter_nb_updater.lifecycle.merge import find
from jupyter_nb_updater.sandbox.aws.client import EmulatedAws

from .support import Instance

WHEEL = "s3://wheels/jupyter_nb_updater-0.0.1-py3-none-any.whl"
THEIRS = b"#!/bin/bash\nset -e\necho theirs\nexit 0"
BUCKET = "wheels"


class Done(NamedTuple):
    """How a command ended, and its report."""

    code: int
    out: str
    err: str

    @property
    def report(self) -> dict[str, Any]:
        return dict(json.loads(self.out))

    def of(self, kind: str, name: str) -> dict[str, Any]:
        return next(dict(one) for one in self.report[kind] if one["name"] == name)


@pytest.fixture(scope="module")
def running() -> Iterator[EmulatedAws]:
    api = EmulatedAws(start_seconds=0.1, stop_seconds=0.1)
    api.start()
    yield api
    api.stop()


@pytest.fixture
def api(running: EmulatedAws) -> EmulatedAws:
    """Return an empty account for each test, because these commands affect the whole account."""
    running.faults.clear()
    urllib.request.urlopen(urllib.request.Request(f"{running.url}/moto-api/reset", method="POST"), timeout=10).close()
    running.client("s3").create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": running.region})
    return running


class Desk:
    """The administrator's machine, with access to the account."""

    def __init__(self, api: EmulatedAws, folder: Path) -> None:
        self.api, self.sagemaker = api, api.client("sagemaker")

        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("AWS_")},
            "NO_PROXY": "127.0.0.1",
            "JUPYTER_CONFIG_DIR": str(folder),
            "AWS_ENDPOINT_URL": api.url,
            "AWS_DEFAULT_REGION": api.region,
            "AWS_ACCESS_KEY_ID": "x",
            "AWS_SECRET_ACCESS_KEY": "x",
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    def command(self, *words: str) -> Done:
        command = [sys.executable, "-m", "jupyter_nb_updater.cli.app", "lifecycle", *words]
        done = subprocess.run(command, env=self.environment, capture_output=True, text=True, timeout=60, check=False)
        return Done(done.returncode, done.stdout, done.stderr)

    def attach(self, *words: str) -> Done:
        return self.command("attach", "--wheel", WHEEL, "--sha256", "0" * 64, "--json", *words)

    def configuration(self, name: str, script: bytes | None = THEIRS, on_create: bytes | None = None) -> None:
        hooks = {"OnStart": script, "OnCreate": on_create}
        told = {hook: [{"Content": base64.b64encode(text).decode()}] for hook, text in hooks.items() if text is not None}
        self.sagemaker.create_notebook_instance_lifecycle_config(NotebookInstanceLifecycleConfigName=name, **told)

    def script(self, name: str, hook: str = "OnStart") -> bytes | None:
        answer = self.sagemaker.describe_notebook_instance_lifecycle_config(NotebookInstanceLifecycleConfigName=name)
        return next((base64.b64decode(one["Content"]) for one in answer.get(hook) or ()), None)

    def instance(self, name: str, configuration: str | None = None, status: str = "InService", **more: Any) -> Instance:
        given = {"LifecycleConfigName": configuration} if configuration else {}
        made = Instance(self.api, name, **given, **more)
        made.wait_for("InService")
        if status == "Stopped":
            made.stop()
        made.wait_for(status)
        return made

    def configuration_of(self, name: str) -> str | None:
        answer = self.sagemaker.describe_notebook_instance(NotebookInstanceName=name)
        return answer.get("NotebookInstanceLifecycleConfigName")


@pytest.fixture
def desk(api: EmulatedAws, tmp_path: Path) -> Desk:
    return Desk(api, tmp_path)


def test_everyone_gets_it_and_the_running_one_without_a_configuration_is_told_what_to_do(desk: Desk) -> None:
    desk.configuration("team", THEIRS, on_create=b"#!/bin/bash\necho once\n")
    desk.instance("one", "team")
    desk.instance("two", "team", "Stopped")
    desk.instance("three", None, "Stopped")
    four = desk.instance("four")
    done = desk.attach("--all")
    assert done.code == 1, done
    assert {one["name"]: one["action"] for one in done.report["instances"]} == {
        "one": "next-start",
        "two": "next-start",
        "three": "associate",
        "four": "stop-first",
    }
    merged = desk.script("team") or b""
    found = find(merged)
    assert found
    assert found.without_block == THEIRS
    assert found.is_restored
    assert desk.script("team", "OnCreate") == b"#!/bin/bash\necho once\n"
    assert desk.configuration_of("three") == "nb-updater"
    assert (desk.configuration_of("four"), four.status) == (None, "InService")
    three = desk.sagemaker.describe_notebook_instance(NotebookInstanceName="three")
    assert three["NotebookInstanceStatus"] == "Stopped"  # it can be started at once
    four.stop()
    four.wait_for("Stopped")
    assert desk.attach("--all").code == 0
    assert desk.configuration_of("four") == "nb-updater"
    assert desk.script("team") == merged


def test_what_is_told_to_a_person_names_each_instance_and_its_way(desk: Desk) -> None:
    desk.configuration("team")
    desk.instance("one", "team")
    desk.instance("two")
    done = desk.command("attach", "--wheel", WHEEL, "--all")
    assert (
        f"team: extension added; your script is unchanged; SHA-256 of your script {hashlib.sha256(THEIRS).hexdigest()}"
        in done.out
    )
    assert "  one  InService  takes effect at its next start" in done.out
    assert "  two  InService  must be stopped first." in done.out


def test_instances_that_were_not_chosen_are_named_and_reached_only_when_that_is_said(desk: Desk) -> None:
    desk.configuration("team")
    desk.instance("one", "team")
    desk.instance("two", "team")
    refused = desk.attach("--instance", "one")
    assert refused.code == 4
    assert refused.of("configurations", "team")["action"] == "shared"
    assert refused.of("configurations", "team")["not_selected"] == ["two"]
    assert desk.script("team") == THEIRS
    assert desk.attach("--instance", "one", "--shared").code == 0
    assert desk.attach("--instance", "t*").code == 0  # it is so already
    assert desk.command("detach", "--instance", "t*").code == 4


def test_instances_are_chosen_by_their_tag(desk: Desk) -> None:
    desk.configuration("team")
    desk.configuration("other")
    desk.instance("one", "team").tag("stage", "canary")
    desk.instance("two", "other").tag("stage", "all")
    assert desk.attach("--tag", "stage=canary").code == 0
    assert desk.script("team") != THEIRS
    assert desk.script("other") == THEIRS
    nobody = desk.attach("--tag", "stage=none")
    assert nobody.code == 4
    assert "No notebook instance in eu-west-1 matches stage=none" in nobody.err


def test_a_rehearsal_shows_the_difference_and_changes_nothing(desk: Desk) -> None:
    desk.configuration("team")
    desk.instance("one", "team")
    desk.instance("two", None, "Stopped")
    done = desk.command("attach", "--wheel", WHEEL, "--all", "--dry-run")
    assert done.code == 0
    assert "    --- team now" in done.out
    assert "    +# >>> jupyter-nb-updater" in done.out
    assert "     exit 0 (no newline at the end)" in done.out
    assert "nb-updater: would be created" in done.out
    assert desk.script("team") == THEIRS
    assert desk.configuration_of("two") is None
    listed = desk.sagemaker.list_notebook_instance_lifecycle_configs()["NotebookInstanceLifecycleConfigs"]
    assert len(listed) == 1


def test_detach_gives_back_what_was_there_and_proves_it(desk: Desk) -> None:
    desk.configuration("team")
    desk.instance("one", "team")
    desk.instance("two", None, "Stopped")
    three = desk.instance("three", None, "Stopped")
    assert desk.attach("--all").code == 0
    three.start()
    three.wait_for("InService")
    done = desk.command("detach", "--all", "--json")
    assert done.code == 1, done
    assert desk.script("team") == THEIRS
    assert done.of("configurations", "team")["restored"] is True
    assert done.of("configurations", "team")["sha256_after"] == hashlib.sha256(THEIRS).hexdigest()
    assert desk.configuration_of("two") is None
    assert done.of("instances", "three")["action"] == "stop-first"
    assert desk.configuration_of("three") == "nb-updater"


def test_detach_says_when_somebody_has_changed_their_part_meanwhile_and_keeps_the_change(desk: Desk) -> None:
    desk.configuration("team")
    desk.instance("one", "team")
    desk.attach("--all")
    changed = (desk.script("team") or b"").replace(b"echo theirs", b"echo other")
    desk.sagemaker.update_notebook_instance_lifecycle_config(
        NotebookInstanceLifecycleConfigName="team", OnStart=[{"Content": base64.b64encode(changed).decode()}]
    )
    done = desk.command("detach", "--all")
    assert done.code == 0
    assert "your script has changed since the extension was added" in done.out
    assert desk.script("team") == THEIRS.replace(b"theirs", b"other")


def test_an_update_puts_the_new_wheel_into_every_configuration_that_has_ours(desk: Desk) -> None:
    desk.configuration("team")
    desk.configuration("other")
    desk.instance("one", "team")
    desk.instance("two", None, "Stopped")
    assert desk.attach("--all").code == 0
    newer = WHEEL.replace("0.0.1", "0.0.2")
    done = desk.command("update", "--wheel", newer, "--json")
    assert done.code == 0, done
    assert {one["name"]: one["action"] for one in done.report["configurations"]} == {"nb-updater": "update", "team": "update"}
    assert newer.encode() in (desk.script("team") or b"")
    assert newer.encode() in (desk.script("nb-updater") or b"")
    assert desk.script("other") == THEIRS
    found = find(desk.script("team") or b"")
    assert found
    assert found.is_restored
    assert desk.command("update", "--wheel", newer, "--configuration", "other").code == 4
    unknown = desk.command("update", "--wheel", newer, "--configuration", "nowhere")
    assert (unknown.code, "Lifecycle configuration not found in eu-west-1: nowhere" in unknown.err) == (4, True)


def test_the_policy_of_a_configuration_stays_with_another_wheel_until_it_is_to_be_forgotten(desk: Desk) -> None:
    desk.configuration("team")
    desk.instance("one", "team")
    policy, newer = b'"url":"s3://wheels/policy.json"', WHEEL.replace("0.0.1", "0.0.2")
    assert desk.attach("--all", "--policy", "s3://wheels/policy.json").code == 0
    assert policy in (desk.script("team") or b"")
    assert desk.command("update", "--wheel", newer).code == 0
    assert newer.encode() in (desk.script("team") or b"")
    assert policy in (desk.script("team") or b"")
    assert desk.command("attach", "--all", "--wheel", WHEEL, "--set", "Adviser.advised_days=14").code == 0
    assert policy in (desk.script("team") or b"")
    assert b'"Adviser":{"advised_days":14}' in (desk.script("team") or b"")
    assert desk.command("update", "--wheel", newer, "--forget").code == 0
    assert b"configuration" not in (desk.script("team") or b"").partition(b"set -- ")[2].partition(b"\n")[0]


def test_a_list_says_of_each_what_it_has_and_who_has_it(desk: Desk) -> None:
    desk.configuration("team")
    desk.configuration("other")
    desk.configuration("broken", b"# >>> jupyter-nb-updater 0.1.0 >>>\n")
    desk.instance("one", "team")
    desk.instance("two", None, "Stopped")
    desk.instance("three")
    assert desk.command("list").code == 1
    desk.attach("--instance", "one")
    desk.attach("--instance", "two")
    listed = desk.command("list", "--json")
    assert listed.code == 1
    states = {one["name"]: (one["state"], one["will_have_it"]) for one in listed.report["configurations"]}
    assert states == {
        "broken": ("damaged", None),
        "nb-updater": ("whole", True),
        "other": ("none", False),
        "team": ("block", True),
    }
    assert listed.of("configurations", "team")["instances"] == [{"name": "one", "status": "InService"}]
    assert listed.report["without"] == [{"name": "three", "status": "InService", "configuration": None}]
    said = desk.command("list").out
    assert "broken: has a damaged block of the extension" in said
    assert "  three  InService" in said.partition("Without a lifecycle configuration:")[2]


def test_create_makes_one_for_instances_to_come_and_none_over_another(desk: Desk) -> None:
    words = ("create", "--wheel", WHEEL, "--json")
    assert desk.command(*words).of("configurations", "nb-updater")["action"] == "create"
    assert desk.command(*words).of("configurations", "nb-updater")["action"] == "none"
    desk.configuration("mine")
    refused = desk.command(*words, "--name", "mine")
    assert refused.code == 4
    assert desk.script("mine") == THEIRS


def test_a_wheel_of_this_machine_is_put_onto_s3_and_pinned(desk: Desk, bare_wheel: Path) -> None:
    desk.instance("one", None, "Stopped")
    words = ("attach", "--all", "--wheel", str(bare_wheel), "--bucket", BUCKET)
    assert desk.command(*words, "--dry-run").code == 0
    assert "Contents" not in desk.api.client("s3").list_objects_v2(Bucket=BUCKET)
    assert desk.command(*words).code == 0
    digest = hashlib.sha256(bare_wheel.read_bytes()).hexdigest()
    (stored,) = desk.api.client("s3").list_objects_v2(Bucket=BUCKET)["Contents"]
    assert stored["Key"] == f"nb-updater/{digest[:8]}/{bare_wheel.name}"
    script = desk.script("nb-updater") or b""
    assert f"s3://{BUCKET}/{stored['Key']}".encode() in script
    assert digest.encode() in script
    assert desk.command(*words).code == 0  # the object is there already


def test_what_aws_refuses_is_told_of_that_configuration_and_the_others_are_done(desk: Desk) -> None:
    desk.configuration("a")
    desk.configuration("b")
    desk.instance("one", "a")
    desk.instance("two", "b")
    denied = "User: x is not authorized to perform: sagemaker:UpdateNotebookInstanceLifecycleConfig"
    desk.api.faults.add("UpdateNotebookInstanceLifecycleConfig", code="AccessDeniedException", message=denied, times=1)
    done = desk.attach("--all")
    assert done.code == 4
    told = {one["name"]: one["done"] for one in done.report["configurations"]}
    assert sorted(told.values()) == [False, True]
    refused = next(name for name, yes in told.items() if not yes)
    assert "not authorized" in done.of("configurations", refused)["message"]
    assert [desk.script(name) == THEIRS for name in ("a", "b")] == [name == refused for name in ("a", "b")]
    assert desk.attach("--all").code == 0


def test_what_aws_accepts_and_does_not_do_is_noticed(desk: Desk) -> None:
    desk.configuration("a")
    desk.instance("one", "a")
    desk.instance("two", None, "Stopped")
    desk.api.faults.add("UpdateNotebookInstanceLifecycleConfig", answer={}, times=1)
    desk.api.faults.add("UpdateNotebookInstance", answer={}, times=1)
    done = desk.attach("--all")
    assert done.code == 4
    assert "AWS accepted the change, but has another script now" in done.of("configurations", "a")["message"]
    assert "AWS accepted the update, but did not make it. Status: Stopped" in done.of("instances", "two")["message"]


class Lossy(Aws):
    """A network that delivers every request, but loses the response to one of them."""

    async def call(self, service: str, operation: str, **parameters: Any) -> dict[str, Any]:
        answer = await super().call(service, operation, **parameters)
        if operation == "UpdateNotebookInstanceLifecycleConfig":
            raise AwsError("unreachable", operation, "Connection reset")
        return answer


def in_process(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, act: Callable[[LifecycleClient], Awaitable[None]], kind: type[Aws]
) -> None:
    for name, value in desk.environment.items():
        if name.startswith("AWS_") or name == "NO_PROXY":
            monkeypatch.setenv(name, value)
    aws = kind(desk.api.region)

    async def run() -> None:
        try:
            await act(LifecycleClient(aws))
        finally:
            aws.close()

    asyncio.run(run())


def test_a_change_of_somebody_else_after_it_was_read_is_not_written_over(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.configuration("team")

    async def act(account: LifecycleClient) -> None:
        (before,) = await account.configurations()
        theirs = base64.b64encode(b"#!/bin/bash\necho changed meanwhile\n").decode()
        desk.sagemaker.update_notebook_instance_lifecycle_config(
            NotebookInstanceLifecycleConfigName="team", OnStart=[{"Content": theirs}]
        )
        with pytest.raises(ConfigChanged, match="somebody else changed it"):
            await account.update(before, b"#!/bin/bash\n")

    in_process(desk, monkeypatch, act, Aws)
    assert desk.script("team") == b"#!/bin/bash\necho changed meanwhile\n"


def test_an_answer_that_was_lost_is_no_failure_when_it_was_done(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.configuration("team")

    async def act(account: LifecycleClient) -> None:
        (before,) = await account.configurations()
        await account.update(before, b"#!/bin/bash\n")

    in_process(desk, monkeypatch, act, Lossy)
    assert desk.script("team") == b"#!/bin/bash\n"


def test_a_configuration_that_may_not_be_read_is_named_and_left_alone(desk: Desk) -> None:
    desk.configuration("team")
    desk.instance("one", "team")
    denied = "User: x is not authorized to perform: sagemaker:DescribeNotebookInstanceLifecycleConfig"
    desk.api.faults.add("DescribeNotebookInstanceLifecycleConfig", code="AccessDeniedException", message=denied, times=2)
    refused = desk.attach("--all")
    assert refused.code == 4
    assert "not authorized" in refused.of("configurations", "team")["message"]
    listed = desk.command("list")
    assert listed.code == 3
    assert "team: cannot be read" in listed.out


def test_an_instance_whose_configuration_is_gone_is_told_that_it_would_not_start(desk: Desk) -> None:
    desk.configuration("team")
    desk.instance("one", "team", "Stopped")
    desk.sagemaker.delete_notebook_instance_lifecycle_config(NotebookInstanceLifecycleConfigName="team")
    done = desk.command("attach", "--wheel", WHEEL, "--all")
    assert done.code == 4
    assert "lifecycle configuration team does not exist: the next start fails" in done.out


@pytest.mark.parametrize(
    ("script", "why"),
    [
        (b"#!/usr/bin/env python3\nprint()\n", "not-bash"),
        (b"#!/bin/bash\n# <<< jupyter-nb-updater <<<\n", "damaged"),
        (b"#!/bin/bash\n" + b"#" * 16_350, "too-long"),
    ],
)
def test_a_script_that_cannot_take_it_is_left_alone(desk: Desk, script: bytes, why: str) -> None:
    desk.configuration("team", script)
    desk.instance("one", "team")
    done = desk.attach("--all")
    assert done.code == 4
    assert done.of("configurations", "team")["code"] == why
    assert done.of("instances", "one")["action"] == "skipped"
    assert desk.script("team") == script


def test_an_instance_whose_platform_aws_does_not_start_again_is_not_asked_to_stop(desk: Desk) -> None:
    desk.instance("old", PlatformIdentifier="notebook-al2-v3")
    desk.instance("oldest", PlatformIdentifier="notebook-al1-v1")
    done = desk.command("attach", "--wheel", WHEEL, "--all")
    assert done.code == 1
    assert "AWS no longer starts notebook-al2-v3: migrate the instance to notebook-al2023-v1" in done.out
    assert "do not stop it: AWS no longer starts notebook-al1-v1" in done.out


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("attach", "--wheel", WHEEL), "No instances selected"),
        (("attach", "--wheel", WHEEL, "--all", "--tag", "a=b"), "No instances selected"),
        (("attach", "--wheel", WHEEL, "--tag", "a"), "KEY=VALUE"),
        (("attach", "--all"), "--wheel: give"),
        (("attach", "--all", "--wheel", "dist/other.whl", "--bucket", BUCKET), "cannot read"),
        (("update", "--wheel", "http://x/y.whl"), "absolute path"),
        (("detach",), "No instances selected"),
    ],
)
def test_what_cannot_be_meant_is_said_before_aws_is_asked(desk: Desk, words: tuple[str, ...], why: str) -> None:
    done = desk.command(*words)
    assert done.code == 2, done
    assert why in done.err
