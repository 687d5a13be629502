"""Announcements of AWS Health: a real boto3 queries a server that speaks Health's protocol."""

import asyncio
import json
from datetime import datetime, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from jupyter_nb_updater.instance.aws import Aws, AwsError
from jupyter_nb_updater.instance.metadata import Identity
from jupyter_nb_updater.signals.health import HealthSource, health, is_about
from jupyter_nb_updater.signals.poller import SourcePoller

from ..signal_sources import source_context

NOW = datetime(2026, 11, 23, 14, 0, tzinfo=timezone.utc)
HERE = Identity("Research-1", "eu-west-1", "123456789012", "aws")
BEGINS = datetime(2026, 12, 1, 2, 0, tzinfo=timezone.utc)
MAINTENANCE = "AWS_SAGEMAKER_SCHEDULED_MAINTENANCE"


def event(number, begins=BEGINS):
    arn = f"arn:aws:health:eu-west-1::event/SAGEMAKER/{MAINTENANCE}/{number}"
    return {"arn": arn, "eventTypeCode": MAINTENANCE, "startTime": begins.timestamp() if begins else None}


def entity(number, value=HERE.arn, status="PENDING"):
    return {"eventArn": event(number)["arn"], "entityValue": value, "statusCode": status}


class Health:
    """Responds by operation and page; records the requests."""

    def __init__(self):
        self.pages, self.asked, self.refusal = {}, [], None

    def answer(self, operation, body):
        self.asked.append((operation, body))
        if self.refusal:
            return 400, {"__type": self.refusal, "message": "AWS Premium Support Subscription is required to use this service."}
        pages = self.pages.get(operation, [{}])
        number = int(body.get("nextToken", "page0")[4:])
        more = {"nextToken": f"page{number + 1}"} if number + 1 < len(pages) else {}
        return 200, {**pages[number], **more}


@pytest.fixture
def service(monkeypatch):
    told = Health()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            status, content = told.answer(self.headers["X-Amz-Target"].rpartition(".")[2], body)
            data = json.dumps(content).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/x-amz-json-1.1")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{server.server_port}")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    yield told
    server.shutdown()
    server.server_close()


def look(**traits):
    async def ask():
        aws = Aws(HERE.region, max_attempts=1)
        try:
            (signal,) = await SourcePoller([HealthSource(source_context(identity=HERE, aws=aws), enabled=True, **traits)]).poll(
                NOW
            )
        finally:
            aws.close()
        return signal

    return asyncio.run(ask())


def test_it_is_off_until_it_is_turned_on():
    assert not HealthSource(source_context(identity=HERE)).enabled


def test_what_is_planned_for_this_instance_is_due_before_it_begins(service):
    service.pages = {"DescribeEvents": [{"events": [event(1)]}], "DescribeAffectedEntities": [{"entities": [entity(1)]}]}
    signal = look()
    assert (signal.state, signal.code, signal.subject, signal.due_by) == ("due", "health-scheduled", "1", BEGINS)
    assert signal.evidence == {"event": MAINTENANCE, "begins": "2026-12-01T02:00:00Z", "events": 1}


def test_it_asks_for_what_is_planned_for_sagemaker_in_its_region(service):
    look()
    assert service.asked == [
        (
            "DescribeEvents",
            {
                "filter": {
                    "services": ["SAGEMAKER"],
                    "regions": ["eu-west-1"],
                    "eventStatusCodes": ["open", "upcoming"],
                    "eventTypeCategories": ["scheduledChange"],
                },
                "maxResults": 100,
            },
        )
    ]


def test_nothing_is_planned(service):
    signal = look()
    assert (signal.state, signal.code) == ("current", "health-nothing")


def test_what_is_planned_for_others_is_not_about_us(service):
    others = [entity(1, HERE.arn[:-1] + "2"), entity(1, "AWS_ACCOUNT"), entity(1, HERE.arn, "RESOLVED")]
    service.pages = {"DescribeEvents": [{"events": [event(1)]}], "DescribeAffectedEntities": [{"entities": others}]}
    assert look().code == "health-nothing"


def test_all_pages_and_all_events_are_read_ten_at_a_time(service):
    service.pages = {
        "DescribeEvents": [{"events": [event(number) for number in range(12)]}, {"events": [event(12)]}],
        "DescribeAffectedEntities": [{"entities": []}, {"entities": [entity(12)]}],
    }
    assert look().subject == "12"
    asked = [body["filter"]["eventArns"] for operation, body in service.asked if operation == "DescribeAffectedEntities"]
    assert {len(arns) for arns in asked} == {10, 3}


def test_the_pages_have_a_bound(service):
    service.pages = {"DescribeEvents": [{"events": []}] * 50}
    signal = look()
    assert (signal.state, signal.code) == ("unknown", "health-unreachable")
    assert len(service.asked) == 10


def test_an_account_without_the_support_plan_is_unknown_and_no_error(service):
    service.refusal = "SubscriptionRequiredException"
    signal = look()
    assert (signal.state, signal.code, signal.evidence) == ("unknown", "health-no-plan", {})


def test_a_denied_permission_is_unknown_and_says_what_was_denied(service):
    service.refusal = "AccessDeniedException"
    signal = look()
    assert (signal.state, signal.code) == ("unknown", "health-unreachable")
    assert "DescribeEvents" in signal.evidence["problem"]


@pytest.mark.parametrize(
    ("value", "is_ours"),
    [
        (HERE.arn, True),
        (HERE.arn.replace("research-1", "Research-1"), True),
        ("Research-1", True),
        ("research-1", True),
        (HERE.arn + "0", False),
        (HERE.arn.replace("eu-west-1", "eu-west-2"), False),
        ("UNKNOWN", False),
        ("", False),
    ],
)
def test_an_instance_is_known_by_its_arn_in_any_case_or_by_its_name(value, is_ours):
    assert is_about({"entityValue": value}, HERE) is is_ours


def test_the_earliest_is_told_and_one_without_a_time_has_no_deadline():
    at = {"startTime": BEGINS, "eventTypeCode": MAINTENANCE}
    later = {**at, "startTime": BEGINS.replace(year=2027)}
    assert health([{**later, "arn": "e/2"}, {**at, "arn": "e/1"}], NOW).subject == "1"
    assert health([{"arn": "e/1", "eventTypeCode": MAINTENANCE}], NOW).due_by is None


@pytest.mark.parametrize(
    ("region", "endpoint"),
    [
        ("eu-west-1", "https://global.health.amazonaws.com"),
        ("us-east-1", "https://global.health.amazonaws.com"),
        ("cn-north-1", "https://global.health.amazonaws.com.cn"),
        ("us-gov-west-1", "https://health.us-gov-west-1.amazonaws.com"),
    ],
)
def test_botocore_knows_the_one_endpoint_of_each_partition(region, endpoint, monkeypatch):
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    assert Aws(region)._client("health").meta.endpoint_url == endpoint


def test_an_error_of_its_own_keeps_its_code(service):
    service.refusal = "SubscriptionRequiredException"

    async def ask():
        aws = Aws(HERE.region, max_attempts=1)
        try:
            await aws.call("health", "DescribeEvents")
        finally:
            aws.close()

    with pytest.raises(AwsError) as raised:
        asyncio.run(ask())
    assert raised.value.code == "no-plan"
