"""Conditional reads and writes in S3, and the shared report of a fleet, against moto's S3."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from jupyter_nb_updater.advice.signal import Signal
from jupyter_nb_updater.instance.aws import Aws, AwsError
from jupyter_nb_updater.instance.metadata import Identity
from jupyter_nb_updater.instance.s3 import S3Object, S3Objects, S3Prefix
from jupyter_nb_updater.sandbox.aws.client import EmulatedAws
from jupyter_nb_updater.signals.fleet import FleetSource
from jupyter_nb_updater.util.clock import utcnow

from ..signal_sources import source_context

BUCKET = "fleet-tests"
PLATFORM = "notebook-al2023-v1"
OLD, NEW = {"kernel": "6.1.155", "jupyterlab": "4.5.11"}, {"kernel": "6.1.158", "jupyterlab": "4.6.0"}
DAY = timedelta(days=1)
_numbers = itertools.count(1)


@pytest.fixture(scope="module")
def bucket(running_emulated_aws: EmulatedAws) -> str:
    running_emulated_aws.client("s3").create_bucket(
        Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": running_emulated_aws.region}
    )
    return BUCKET


@pytest.fixture
def folder(bucket: str) -> str:
    """Return a new location for each test."""
    return f"s3://{bucket}/test-{next(_numbers)}"


@pytest.fixture
def way(aws: EmulatedAws, monkeypatch: pytest.MonkeyPatch) -> Iterator[Aws]:
    """Return AWS clients of an instance."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", aws.url)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "id")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "key")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    made = Aws(aws.region, max_attempts=1)
    yield made
    made.close()


@pytest.fixture
def objects(way: Aws, folder: str) -> S3Objects:
    return S3Objects(way, S3Prefix.parse(folder, named("research-1")))


def named(name: str) -> Identity:
    return Identity(name, "eu-west-1", "123456789012", "aws")


class Instance:
    """An instance of a fleet, and its requests to S3."""

    def __init__(self, way: Aws, folder: str, name: str, software: dict[str, str], days: float, **more: Any) -> None:
        self.requests: list[str] = []
        self.context = source_context(
            identity=named(name), aws=way, platform=PLATFORM, booted=utcnow() - days * DAY, software=software, **more
        )
        self.source = FleetSource(self.context, location=folder)
        self._events = way._client("s3").meta.events

    def look(self, now: datetime | None = None) -> Signal:
        def note(request: Any, **_: Any) -> None:
            self.requests.append(request.method)

        self._events.register("before-send.s3", note, unique_id="note")
        try:
            return asyncio.run(self.source.poll(now or utcnow()))
        finally:
            self._events.unregister("before-send.s3", unique_id="note")


def stored(aws: EmulatedAws, folder: str) -> dict[str, Any]:
    bucket, _, prefix = folder.removeprefix("s3://").partition("/")
    answer = aws.client("s3").get_object(Bucket=bucket, Key=f"{prefix}/{PLATFORM}.json")
    return dict(json.load(answer["Body"]))


def put(aws: EmulatedAws, folder: str, content: bytes) -> None:
    bucket, _, prefix = folder.removeprefix("s3://").partition("/")
    aws.client("s3").put_object(Bucket=bucket, Key=f"{prefix}/{PLATFORM}.json", Body=content)


def test_of_two_that_write_what_was_not_there_only_the_first_is_taken(objects: S3Objects) -> None:
    asyncio.run(objects.write("x.json", b"first", None))
    with pytest.raises(AwsError) as refused:
        asyncio.run(objects.write("x.json", b"second", None))
    assert refused.value.code == "conflict"
    assert asyncio.run(objects.read("x.json", 100)).content == b"first"


def test_of_two_that_have_read_the_same_only_the_first_writes(objects: S3Objects) -> None:
    seen = asyncio.run(objects.write("x.json", b"0", None))
    asyncio.run(objects.write("x.json", b"first", seen))
    with pytest.raises(AwsError) as refused:
        asyncio.run(objects.write("x.json", b"second", seen))
    assert refused.value.code == "conflict"
    assert asyncio.run(objects.read("x.json", 100)).content == b"first"


def test_what_has_not_changed_is_not_sent_again_and_what_is_not_there_is_told(objects: S3Objects) -> None:
    etag = asyncio.run(objects.write("x.json", b"0", None))
    for name, code in (("x.json", "not-modified"), ("y.json", "not-found")):
        with pytest.raises(AwsError) as told:
            asyncio.run(objects.read(name, 100, etag))
        assert told.value.code == code


def test_of_a_long_object_no_more_is_read_than_shows_that_it_is_too_long(objects: S3Objects) -> None:
    asyncio.run(objects.write("x.json", b"x" * 1_000_000, None))
    assert len(asyncio.run(objects.read("x.json", 1000)).content) == 1001


@pytest.mark.parametrize("unknown", [(), ("IfMatch", "IfNoneMatch")])
def test_the_condition_is_sent_and_signed_also_by_a_botocore_that_does_not_know_it(
    way: Aws, objects: S3Objects, monkeypatch: pytest.MonkeyPatch, unknown: tuple[str, ...]
) -> None:
    client = way._client("s3")
    members = client.meta.service_model.operation_model("PutObject").input_shape.members
    for name in unknown:
        monkeypatch.delitem(members, name)
    sent: list[dict[str, Any]] = []
    client.meta.events.register("before-send.s3.PutObject", lambda request, **_: sent.append(dict(request.headers)))
    etag = asyncio.run(objects.write("x.json", b"0", None))
    asyncio.run(objects.write("x.json", b"1", etag))
    text = [{name.lower(): value for name, value in headers.items()} for headers in sent]
    assert [(headers.get("if-none-match"), headers.get("if-match")) for headers in text] == [
        (b"*", None),
        (None, etag.encode()),
    ]
    for headers, signed in zip(text, ("if-none-match", "if-match"), strict=True):
        assert signed in headers["authorization"].decode().partition("SignedHeaders=")[2].partition(",")[0].split(";")


def test_it_tells_once_after_a_boot_and_then_asks_with_what_it_knows(aws: EmulatedAws, way: Aws, folder: str) -> None:
    one, other = Instance(way, folder, "research-1", OLD, 10), Instance(way, folder, "research-2", NEW, 1)
    assert (one.look().code, one.requests) == ("fleet-alone", ["GET", "PUT"])
    assert (other.look().code, other.requests) == ("fleet-newest", ["GET", "PUT"])
    written = stored(aws, folder)
    assert (one.look().code, other.look().code) == ("fleet-newer", "fleet-newest")
    assert (one.requests[2:], other.requests[2:], one.context.instance.descriptions.asked, stored(aws, folder)) == (
        ["GET"],
        ["GET"],
        1,
        written,
    )


def test_it_tells_again_what_nobody_has_told(aws: EmulatedAws, way: Aws, folder: str) -> None:
    one = Instance(way, folder, "research-1", OLD, 10)
    one.look()
    one.context.instance.state["software"] = {**OLD, "jupyterlab": "4.5.12"}
    one.look()
    assert (one.requests, stored(aws, folder)["software"]["jupyterlab"]["version"]) == (["GET", "PUT"] * 2, "4.5.12")


class Rival(S3Objects):
    """Another client writes between our read and our write, a number of times."""

    others: list[Instance]

    async def read(self, name: str, limit: int, etag: str | None = None) -> S3Object:
        try:
            return await super().read(name, limit, etag)
        finally:
            if self.others:
                await self.others.pop().source.poll(utcnow())


@pytest.mark.parametrize("ours", [NEW, OLD])
def test_two_that_tell_at_once_lose_nothing_and_the_newer_one_stays(
    aws: EmulatedAws, way: Aws, folder: str, monkeypatch: pytest.MonkeyPatch, ours: dict[str, str]
) -> None:
    theirs = OLD if ours is NEW else NEW
    one, other = Instance(way, folder, "research-1", ours, 5), Instance(way, folder, "research-2", theirs, 1)
    Rival.others = [other]
    monkeypatch.setattr("jupyter_nb_updater.signals.fleet.S3Objects", Rival)
    signal = one.look()
    content = stored(aws, folder)
    assert {name: seen["version"] for name, seen in content["software"].items()} == NEW
    assert [*content["reporters"]] == ["research-1", "research-2"]
    assert signal.code == ("fleet-newest" if ours is NEW else "fleet-newer")


def test_when_others_are_faster_each_time_it_says_what_it_has_read_and_waits_for_its_next_look(
    aws: EmulatedAws, way: Aws, folder: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    faster = [Instance(way, folder, f"research-{n}", {"jupyterlab": f"4.6.{9 - n}"}, 1) for n in range(2, 5)]
    one = Instance(way, folder, "research-1", OLD, 10)
    Rival.others = faster
    monkeypatch.setattr("jupyter_nb_updater.signals.fleet.S3Objects", Rival)
    assert one.look().code == "fleet-newer"
    assert "research-1" not in stored(aws, folder)["reporters"]


@pytest.mark.parametrize("content", [b"<html>", b"x" * 100_000, b'{"format": 1, "reporters": [], "software": 7}'])
def test_what_nobody_understands_is_replaced_and_asks_for_nothing(
    aws: EmulatedAws, way: Aws, folder: str, content: bytes
) -> None:
    put(aws, folder, content)
    assert Instance(way, folder, "research-1", OLD, 10).look().code == "fleet-alone"
    assert stored(aws, folder)["software"]["kernel"]["version"] == OLD["kernel"]


def test_a_status_that_only_asks_writes_nothing(aws: EmulatedAws, way: Aws, folder: str) -> None:
    one = Instance(way, folder, "research-1", OLD, 10, publish=False)
    assert (one.look().code, one.requests) == ("fleet-alone", ["GET"])


def denied(action: str) -> dict[str, Any]:
    return {"code": "AccessDenied", "message": f"User: x is not authorized to perform: {action}", "status": 403}


def test_a_role_that_may_not_list_writes_what_is_not_there(aws: EmulatedAws, way: Aws, folder: str) -> None:
    """S3 refuses the read whether or not the object exists."""
    aws.faults.add("GetObject", **denied("s3:ListBucket"), times=1)
    assert Instance(way, folder, "research-1", OLD, 10).look().code == "fleet-alone"
    assert [*stored(aws, folder)["reporters"]] == ["research-1"]


def test_a_role_that_may_not_read_what_is_there_leaves_it_and_says_why(aws: EmulatedAws, way: Aws, folder: str) -> None:
    Instance(way, folder, "research-2", NEW, 1).look()
    written = stored(aws, folder)
    aws.faults.add("GetObject", **denied("s3:GetObject"), times=1)
    with pytest.raises(AwsError, match="not authorized to perform: s3:GetObject"):
        Instance(way, folder, "research-1", OLD, 10).look()
    assert stored(aws, folder) == written


def test_a_role_that_may_only_read_is_told_what_is_newer_and_tries_to_write_once(
    aws: EmulatedAws, way: Aws, folder: str
) -> None:
    Instance(way, folder, "research-2", NEW, 1).look()
    aws.faults.add("PutObject", **denied("s3:PutObject"))
    one = Instance(way, folder, "research-1", {**OLD, "boto3": "1.0"}, 10)
    assert [one.look().code, one.look().code] == ["fleet-newer", "fleet-newer"]
    assert one.requests == ["GET", "PUT", "GET"]


def test_a_bucket_that_is_not_there_is_told(way: Aws) -> None:
    with pytest.raises(AwsError, match="bucket does not exist"):
        Instance(way, "s3://no-such-bucket/x", "research-1", OLD, 10).look()


def test_without_a_place_it_is_not_asked() -> None:
    source = FleetSource(source_context(), location="")
    assert not source.enabled
