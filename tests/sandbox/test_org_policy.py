"""The policy document in S3, and signatures by KMS keys, against the emulated AWS."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from traitlets.config import Config

from jupyter_nb_updater.instance.platforms import can_start_again, known, moves_to
from jupyter_nb_updater.journal import Journal
from jupyter_nb_updater.org_policy.document import PolicyRejected
from jupyter_nb_updater.org_policy.manager import PolicyManager
from jupyter_nb_updater.sandbox.aws.client import EmulatedAws
from jupyter_nb_updater.util.clock import to_text

NOW = datetime.now(timezone.utc).replace(microsecond=0)
SPECS = {"ECC_NIST_P256": "ECDSA_SHA_256", "RSA_2048": "RSASSA_PKCS1_V1_5_SHA_256"}
V1, V2 = "notebook-al2023-v1", "notebook-al2023-v2"
PLACE = "s3://example-policies/research/organization.json"

Make = Callable[..., PolicyManager]


def write(serial: int, **fields: Any) -> bytes:
    times = {"issued": to_text(NOW - timedelta(days=1)), "expires": to_text(NOW + timedelta(days=30))}
    return json.dumps({"version": 1, "serial": serial, "organization": "Example Bank", **times, **fields}).encode()


@pytest.fixture
def bucket(aws: EmulatedAws) -> Iterator[Any]:
    """Return a function that uploads an object next to the document."""
    s3 = aws.client("s3")
    s3.create_bucket(Bucket="example-policies", CreateBucketConfiguration={"LocationConstraint": aws.region})

    def put(content: bytes, ending: str = "", **fields: Any) -> None:
        s3.put_object(Bucket="example-policies", Key=f"research/organization.json{ending}", Body=content, **fields)

    yield put
    aws.faults.clear()
    for item in s3.list_objects_v2(Bucket="example-policies").get("Contents", []):
        s3.delete_object(Bucket="example-policies", Key=item["Key"])
    s3.delete_bucket(Bucket="example-policies")


@pytest.fixture
def organization(aws: EmulatedAws, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Make]:
    for name, value in {"AWS_ENDPOINT_URL": aws.url, "AWS_ACCESS_KEY_ID": "id", "AWS_SECRET_ACCESS_KEY": "key"}.items():
        monkeypatch.setenv(name, value)
    made: list[PolicyManager] = []

    def make(url: str = PLACE, **traits: Any) -> PolicyManager:
        parent = Journal(directory=str(tmp_path), config=Config({"Aws": {"max_attempts": 1}}))
        made.append(PolicyManager(parent, aws.region, parent=parent, url=url, **traits))
        return made[-1]

    yield make
    for one in made:
        one.close()


def look(organization: PolicyManager, hours: int = 0) -> None:
    asyncio.run(organization.refresh_now(NOW + timedelta(hours=hours)))


def key(aws: EmulatedAws, spec: str) -> tuple[str, Callable[[bytes], bytes]]:
    """Create an asymmetric KMS key; return its ARN and a function that signs as in the guide."""
    kms = aws.client("kms")
    arn = kms.create_key(KeySpec=spec, KeyUsage="SIGN_VERIFY")["KeyMetadata"]["Arn"]

    def sign(content: bytes) -> bytes:
        answer = kms.sign(KeyId=arn, Message=sha256(content).digest(), MessageType="DIGEST", SigningAlgorithm=SPECS[spec])
        return base64.b64encode(answer["Signature"])

    return arn, sign


def origin(organization: PolicyManager) -> Any:
    assert organization.policy is not None
    return organization.policy.origin


@pytest.mark.parametrize("kind", ["application/json", "binary/octet-stream"])
def test_a_document_in_s3_is_in_force_and_asked_for_only_when_it_has_changed(
    bucket: Any, organization: Make, kind: str
) -> None:
    bucket(write(7), ContentType=kind)
    one = organization()
    look(one)
    look(one, hours=1)
    assert (origin(one).serial, origin(one).fetched, origin(one).problem) == (7, NOW + timedelta(hours=1), None)
    bucket(write(8))
    look(one, hours=2)
    assert origin(one).serial == 8


def test_an_object_that_is_not_there_and_a_network_that_is_not_are_told(
    bucket: Any, organization: Make, aws: EmulatedAws
) -> None:
    one = organization()
    look(one)
    assert (one.policy, (one.advisory_list.evidence or {})["problem"]) == (None, "not-found")
    bucket(write(7))
    look(one)
    aws.faults.add("*", drop=True)
    look(one)
    assert (origin(one).serial, origin(one).problem) == (7, "unreachable")


@pytest.mark.parametrize(
    ("content", "fields", "problem"),
    [(b"x" * 5000, {}, "too-large"), (b"<html>", {"ContentType": "text/html"}, "wrong-type"), (b"{", {}, "not-json")],
)
def test_a_bad_object_leaves_the_good_one_in_force(
    bucket: Any, organization: Make, content: bytes, fields: dict[str, str], problem: str
) -> None:
    bucket(write(7))
    one = organization(max_bytes=1000)
    look(one)
    bucket(content, **fields)
    look(one)
    assert (origin(one).serial, origin(one).problem) == (7, problem)


@pytest.mark.parametrize("spec", SPECS)
def test_a_key_of_kms_that_is_pinned_has_to_have_signed_it(
    bucket: Any, organization: Make, aws: EmulatedAws, spec: str
) -> None:
    (pinned, sign), (other, sign_otherwise) = key(aws, spec), key(aws, "ECC_NIST_P256")
    content = write(7)
    bucket(content)
    bucket(sign(content) + b"\n", ".sig")
    one = organization(keys=[pinned])
    look(one)
    assert (origin(one).serial, origin(one).signed) == (7, True)
    for serial, signature, problem in [
        (8, sign_otherwise(write(8)), "bad-signature"),  # by a key that is not pinned
        (9, sign(write(8)), "bad-signature"),  # of something else
    ]:
        bucket(write(serial))
        bucket(signature, ".sig")
        look(one)
        assert (origin(one).serial, origin(one).problem) == (7, problem)
    rotated = organization(keys=[pinned, other])
    bucket(write(8))
    bucket(sign_otherwise(write(8)), ".sig")
    look(rotated)
    assert (origin(rotated).serial, origin(rotated).problem) == (8, None)


def test_a_restart_moves_an_instance_only_where_a_signed_document_says(
    bucket: Any, organization: Make, aws: EmulatedAws
) -> None:
    pinned, sign = key(aws, "ECC_NIST_P256")
    content = write(7, platforms=[{"id": V1, "last_start": to_text(NOW - timedelta(days=1)), "successor": V2}])
    bucket(content)
    bucket(sign(content), ".sig")
    for keys, target in (([], None), ([pinned], V2)):
        one = organization(keys=keys)
        look(one)
        table = known(one.platforms)
        assert (can_start_again(V1, NOW, table), moves_to(V1, "ml.t3.medium", NOW, table)) == (False, target)


def test_who_may_not_ask_kms_is_told_the_permission(bucket: Any, organization: Make, aws: EmulatedAws) -> None:
    pinned, sign = key(aws, "ECC_NIST_P256")
    content = write(7)
    bucket(content)
    bucket(sign(content), ".sig")
    aws.faults.add("Verify", code="AccessDeniedException", message="not authorized to perform: kms:Verify")
    with pytest.raises(PolicyRejected) as refused:
        look(organization(keys=[pinned]))
    assert (refused.value.code, refused.value.action) == ("key-unusable", "kms:Verify")
