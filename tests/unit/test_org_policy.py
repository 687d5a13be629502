"""Which instances an advisory affects, and how a document changes the advice over time. Pure."""

import json
from datetime import datetime, timedelta, timezone

import pytest

from jupyter_nb_updater.advice.signal import Advisory
from jupyter_nb_updater.cli.policy_simulate import simulate
from jupyter_nb_updater.instance.aws import classify
from jupyter_nb_updater.instance.metadata import Identity
from jupyter_nb_updater.org_policy.document import AdvisoryList, OrgAdvisory, PolicyRejected
from jupyter_nb_updater.org_policy.parse import parse_document
from jupyter_nb_updater.org_policy.signature import decode
from jupyter_nb_updater.permissions.statements import policy_document_permissions
from jupyter_nb_updater.signals.org_advisories import org_advisories

NOW = datetime(2026, 11, 23, 14, 0, tzinfo=timezone.utc)
DAY = timedelta(days=1)
HERE = Identity("research-1", "eu-west-1", "123456789012", "aws")


def listed(published=NOW - DAY, before=None, platforms=()):
    return OrgAdvisory(Advisory("A-1", published, "critical"), before or published, frozenset(platforms))


@pytest.mark.parametrize(
    ("advisory", "booted", "platform", "expected"),
    [
        (listed(), NOW - 2 * DAY, "al2023", ("due", "organization-advisories")),
        (listed(), NOW - DAY, "al2023", ("current", "organization-nothing")),  # started when it was published: it has it
        (listed(), NOW - DAY / 2, "al2023", ("current", "organization-nothing")),
        (listed(before=NOW), NOW - DAY / 2, "al2023", ("due", "organization-advisories")),
        (listed(platforms=["al2"]), NOW - 2 * DAY, "al2023", ("current", "organization-nothing")),
        (listed(platforms=["al2", "al2023"]), NOW - 2 * DAY, "al2023", ("due", "organization-advisories")),
        (listed(platforms=["al2"]), NOW - 2 * DAY, None, ("unknown", "organization-undecided")),
        (listed(platforms=["al2"]), NOW - DAY / 2, None, ("current", "organization-nothing")),
        (listed(), None, "al2023", ("unknown", "organization-undecided")),
        (listed(platforms=["al2"]), None, "al2023", ("current", "organization-nothing")),
        (listed(published=NOW + DAY), NOW - 2 * DAY, "al2023", ("current", "organization-nothing")),  # not yet
    ],
)
def test_an_advisory_affects_what_was_started_before_it_on_its_platforms(advisory, booted, platform, expected):
    signal = org_advisories(AdvisoryList((advisory,)), booted, platform, NOW)
    assert (signal.state, signal.code) == expected
    assert bool(signal.advisories) == (expected[0] == "due")


def test_without_a_document_nothing_is_known():
    signal = org_advisories(AdvisoryList(in_force=False, evidence={"problem": "not-json"}), NOW, "al2023", NOW)
    assert (signal.state, signal.code, signal.evidence) == ("unknown", "organization-no-document", {"problem": "not-json"})


def document(**fields):
    times = {"issued": "2026-11-20T09:00:00Z", "expires": "2027-02-18T09:00:00Z"}
    return parse_document(json.dumps({"version": 1, "serial": 1, "organization": "Example Bank", **times, **fields}).encode())


def test_a_document_can_be_tried_out_over_time():
    window = {"timezone": "Europe/Berlin", "days": ["tue"], "from": "22:00", "to": "04:00"}
    tried = document(age={"advised_days": 30, "max_days": 45}, mode="require", window=window)
    rows = dict(simulate(tried, NOW, [NOW + number * DAY for number in (0, 29, 30, 44, 51)]))
    levels = [advice.level for advice in rows.values()]
    assert levels == ["current", "current", "advised", "due", "overdue"]
    assert {advice.deadline for advice in rows.values()} == {datetime(2027, 1, 12, 21, 0, tzinfo=timezone.utc)}
    in_window = datetime(2027, 1, 19, 22, 0, tzinfo=timezone.utc)
    ((_, advice),) = simulate(tried, NOW, [in_window])
    assert advice.required
    ((_, advice),) = simulate(tried, NOW, [in_window + timedelta(days=35)])  # it has expired
    assert not advice.required


def test_what_is_shown_has_its_grace_from_then_on():
    advisories = [{"id": "A-1", "published": "2026-11-01T00:00:00Z", "severity": "critical"}]
    tried = document(advisories=advisories, service_levels={"critical": 2}, grace_hours=48)
    published, booted = datetime(2026, 11, 1, tzinfo=timezone.utc), datetime(2026, 10, 20, 12, tzinfo=timezone.utc)
    rows = dict(simulate(tried, booted, [published + timedelta(days=days) for days in (2, 2.4, 2.6)]))
    assert [advice.level for advice in rows.values()] == ["due", "due", "overdue"]


@pytest.mark.parametrize("text", [b"", b"\n \n", b"<html>", b"a\xffb", b"abc"])
def test_what_is_no_signature_is_refused(text):
    with pytest.raises(PolicyRejected) as refused:
        decode(text)
    assert refused.value.code == "bad-signature"


def test_a_signature_is_a_line_of_base64():
    assert decode(b" aGVs \n\nbG8=\n") == [b"hel", b"lo"]
    assert len(decode(b"aGVs\n" * 1000)) == 8


def test_it_takes_permissions_only_where_aws_is_asked():
    assert policy_document_permissions("", []) == ()
    assert policy_document_permissions("https://example.com/x", ["/etc/key.pem"]) == ()
    key = "arn:aws:kms:eu-west-1:123456789012:key/1234"
    statements = [need.statement(HERE) for need in policy_document_permissions("s3://policies/a.json", [key, "/etc/key.pem"])]
    assert [(statement["Action"], statement["Resource"]) for statement in statements] == [
        (["s3:GetObject"], "arn:aws:s3:::policies/a.json*"),
        (["kms:Verify"], key),
    ]


@pytest.mark.parametrize(
    ("aws_code", "service", "code"),
    [
        ("304", "s3", "not-modified"),
        ("NoSuchKey", "s3", "not-found"),
        ("AccessDenied", "s3", "access-denied"),
        ("KMSInvalidSignatureException", "kms", "invalid-signature"),
        ("InvalidKeyUsageException", "kms", "wrong-key"),
        ("ValidationException", "sagemaker", "wrong-state"),
        ("ValidationException", "iam", "aws-error"),
    ],
)
def test_what_aws_says_is_told_apart(aws_code, service, code):
    assert classify(aws_code, service) == code
