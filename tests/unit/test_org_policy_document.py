"""What a policy document may contain, and what not. Pure."""

import json
import sys
from datetime import datetime, time, timedelta, timezone
from unicodedata import category

import pytest
from hypothesis import given, settings, strategies as st

from jupyter_nb_updater.advice.advise import advise
from jupyter_nb_updater.advice.model import AdviceContext
from jupyter_nb_updater.advice.policy import Policy
from jupyter_nb_updater.org_policy.document import MinSerial, PolicyRejected, check_admissible, check_applicable
from jupyter_nb_updater.org_policy.fetch import signature_url, url_error
from jupyter_nb_updater.org_policy.parse import SCHEMA, parse_document
from jupyter_nb_updater.util.text import is_hidden, one_line

NOW = datetime(2026, 11, 23, 14, 0, tzinfo=timezone.utc)
LEAST = {
    "version": 1,
    "serial": 7,
    "issued": "2026-11-20T09:00:00Z",
    "expires": "2027-02-18T09:00:00Z",
    "organization": "Example Bank",
}
WINDOW = {"timezone": "Europe/Berlin", "days": ["tue", "thu"], "from": "22:00", "to": "04:00"}
REQUIRED = {"mode": "require", "window": WINDOW}
ADVISORY = {"id": "ALAS2023-2026-1", "published": "2026-11-21T00:00:00Z", "severity": "critical"}
WAVES = [{"percent": 10, "delay_days": 0}, {"percent": 100, "delay_days": 3}]


HIDDEN = [
    *("\u200e", "\u200f", "\u061c", "\u200b", "\u200c", "\u200d", "\ufeff", "\u00ad", "\u2060", "\u202e", "\u2066"),
    *("\U000e0041", "\U000e007f", "\U000e0100", "\u3164", "\u115f", "\u034f"),
]


def written(**fields):
    return json.dumps({**LEAST, **fields}).encode()


def refusal(content):
    with pytest.raises(PolicyRejected) as refused:
        parse_document(content)
    return refused.value


def attempt(content):
    """Return the document, or the rejection."""
    try:
        return parse_document(content)
    except PolicyRejected as refused:
        return refused


def test_what_it_leaves_open_is_as_aws_advises():
    document = parse_document(written())
    assert document.policy.limits == Policy().limits
    assert (document.policy.holders, document.policy.hold_days) == (("*",), 14)
    assert (document.serial, document.origin.organization, document.origin.kind) == (7, "Example Bank", "organization")


def test_everything_that_it_can_say_is_understood():
    document = parse_document(
        written(
            message="Bitte neu starten.\u00a0Danke \u2764\ufe0f",
            contact="security@example.com",
            link="https://example.com/policy?id=1",
            age={"advised_days": 20, "max_days": 40.5},
            notice_days=5,
            grace_hours=8,
            mode="require",
            service_levels={"critical": 7, "low": 90},
            window=WINDOW,
            holds={"by": ["ana", "ben"], "max_days": 60},
            platforms=[{"id": "notebook-al2023-v1", "available": "2025-01-01T00:00:00Z", "ends": "2028-06-30T00:00:00Z"}],
            advisories=[{**ADVISORY, "exploited": True, "cves": ["CVE-2026-12345"], "affects": {"platforms": ["x"]}}],
            waves=WAVES,
        )
    )
    policy = document.policy
    assert (policy.advised_days, policy.interval_days, policy.notice_days, policy.grace_hours) == (20, 40.5, 5, 8)
    assert (policy.mode, policy.service_levels, policy.holders, policy.hold_days) == (
        "require",
        {"critical": 7, "low": 90},
        ("ana", "ben"),
        60,
    )
    assert (policy.window.days, policy.window.opens, policy.window.closes) == ({1, 3}, time(22), time(4))
    assert [(wave.upto, wave.delay.days) for wave in policy.waves] == [(0.1, 0), (1, 3)]
    (listed,) = document.advisories
    assert (listed.advisory.exploited, listed.platforms, listed.started_before) == (True, {"x"}, listed.advisory.published)
    assert document.platforms[0].ends.year == 2028


@pytest.mark.parametrize(
    ("fields", "place"),
    [
        ({"serial": 0}, "serial"),
        ({"serial": True}, "serial"),
        ({"serial": 10**30}, "serial"),
        ({"issued": "2026-11-20"}, "issued"),
        ({"issued": "2026-11-20T09:00:00+01:00"}, "issued"),
        ({"organization": ""}, "organization"),
        ({"message": "x" * 501}, "message"),
        ({"message": ["x"]}, "message"),
        ({"link": "http://example.com"}, "link"),
        ({"link": "https://user@example.com/"}, "link"),
        ({"link": "https:\\\\example.com"}, "link"),
        ({"link": "//example.com"}, "link"),
        ({"link": "data:text/html,x"}, "link"),
        ({"age": {"advised_days": 0}}, "age.advised_days"),
        ({"age": {"days": 3}}, "age"),
        ({"notice_days": -1}, "notice_days"),
        ({"grace_hours": 1e9}, "grace_hours"),
        ({"mode": "force"}, "mode"),
        ({"service_levels": {"severe": 1}}, "service_levels"),
        ({"service_levels": {"low": "1"}}, "service_levels.low"),
        ({"window": {**WINDOW, "days": []}}, "window.days"),
        ({"window": {**WINDOW, "days": ["mon", "mon"]}}, "window.days"),
        ({"window": {**WINDOW, "from": "24:00"}}, "window.from"),
        ({"window": {**WINDOW, "from": "22:00\n"}}, "window.from"),
        ({"holds": {"by": "ana"}}, "holds.by"),
        ({"advisories": [{**ADVISORY, "severity": "grave"}]}, "advisories[0].severity"),
        ({"advisories": [{**ADVISORY, "cves": ["1234"]}]}, "advisories[0].cves[0]"),
        ({"advisories": [{**ADVISORY, "link": "javascript:alert(1)"}]}, "advisories[0].link"),
        ({"advisories": [{**ADVISORY, "run": "reboot"}]}, "advisories[0]"),
        ({"advisories": [ADVISORY] * 501}, "advisories"),
        ({"waves": []}, "waves"),
        ({"script": "rm -rf /"}, "the document"),
    ],
    ids=str,
)
def test_what_the_schema_does_not_know_is_refused_with_its_place(fields, place):
    refused = refusal(written(**fields))
    assert refused.code == "schema"
    assert refused.problems[0].startswith(f"{place}: ")


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"issued": "2026-02-30T00:00:00Z"}, "issued: 2026-02-30T00:00:00Z is not a valid time"),
        ({"expires": "2026-11-20T09:00:00Z"}, "expires: must be after issued"),
        ({"age": {"max_days": 20}}, "age: advised_days (30) is more than max_days (20)"),
        ({"mode": "require"}, "mode: require needs a window"),
        ({**REQUIRED, "age": {"advised_days": 1, "max_days": 6.9}}, "mode: require needs an age.max_days of at least 7"),
        ({**REQUIRED, "grace_hours": 0.9}, "mode: require needs grace_hours of at least 1"),
        ({**REQUIRED, "service_levels": {"critical": 0.5}}, "mode: require needs at least 1 day in each of the service_levels"),
        ({**REQUIRED, "holds": {"by": []}}, "mode: require needs holds"),
        ({**REQUIRED, "holds": {"max_days": 0}}, "mode: require needs holds"),
        ({"window": {**WINDOW, "timezone": "Europe/Atlantis"}}, "window.timezone: "),
        ({"window": {**WINDOW, "timezone": "Europe"}}, "window.timezone: "),
        ({"window": {**WINDOW, "timezone": "../../etc/passwd"}}, "window.timezone: "),
        ({"advisories": [ADVISORY, ADVISORY]}, "advisories[1].id: ALAS2023-2026-1 appears twice"),
        (
            {"advisories": [{**ADVISORY, "published": "2026-13-01T00:00:00Z"}]},
            "advisories[0].published: 2026-13-01T00:00:00Z is not a valid time",
        ),
        ({"link": "https://example.com:99999/"}, "link: "),
        ({"waves": WAVES[:1]}, "waves: the last wave must reach 100"),
        ({"waves": WAVES[::-1]}, "waves[1].percent: must be greater"),
        ({"waves": [{"percent": 10, "delay_days": 5}, WAVES[1]]}, "waves[1].delay_days: must not be less"),
        ({"platforms": [{"id": "a", "successor": "a"}]}, "platforms[0].successor: "),
        (
            {"platforms": [{"id": "a", "available": "2027-01-01T00:00:00Z", "ends": "2026-01-01T00:00:00Z"}]},
            "platforms[0].ends",
        ),
    ],
    ids=str,
)
def test_what_makes_no_sense_is_refused_with_its_place(fields, problem):
    refused = refusal(written(**fields))
    assert refused.code == "contradiction"
    assert any(told.startswith(problem) for told in refused.problems), refused.problems


@pytest.mark.parametrize(
    "text", ["<b>", "</b>", "<!-- x", "<?xml", "a<script", "\x00", "\x1b[0m", "a\nb", "\u202e", "\u2028", "\ud800"]
)
@pytest.mark.parametrize("name", ["message", "contact", "organization"])
def test_a_text_that_is_not_plain_is_refused(name, text):
    refused = refusal(written(**{name: text}))
    assert refused.code == "markup"
    assert str(refused).isprintable()


@pytest.mark.parametrize("text", HIDDEN, ids=ascii)
def test_a_text_with_a_character_that_nobody_sees_is_refused_and_says_which(text):
    refused = refusal(written(advisories=[{**ADVISORY, "text": f"Restart{text} today"}]))
    assert (refused.code, refused.problems) == (
        "markup",
        (f"advisories[0].text: contains a hidden character, U+{ord(text):04X}",),
    )
    assert one_line(f"Restart{text} today") == "Restart? today"


def test_every_format_character_of_unicode_is_hidden():
    assert all(is_hidden(chr(point)) for point in range(sys.maxunicode + 1) if category(chr(point)) == "Cf")
    assert not any(map(is_hidden, "Größe 日本語 العربية עברית \u00a0 ❤\ufe0f 👍🏽 e\u0301 ₿"))


@pytest.mark.parametrize(
    ("audience", "ours", "code"),
    [
        ([], "", None),
        (["dev"], "dev", None),
        (["dev", "prod"], "prod", None),
        (["dev"], "prod", "audience"),
        (["dev"], "", "audience"),
        ([], "prod", "audience"),
        (["production"], "prod", "audience"),
        (["PROD"], "prod", "audience"),
    ],
)
def test_a_document_is_for_its_audience_alone(audience, ours, code):
    document = parse_document(written(**{"audience": audience} if audience else {}))
    if code is None:
        check_applicable(document, ours, is_signed=True)
    else:
        with pytest.raises(PolicyRejected, match="but this instance is") as refused:
            check_applicable(document, ours, is_signed=True)
        assert refused.value.code == code


def test_only_a_signed_document_may_require_a_restart():
    document = parse_document(written(**REQUIRED))
    check_applicable(document, "", is_signed=True)
    with pytest.raises(PolicyRejected) as refused:
        check_applicable(document, "", is_signed=False)
    assert refused.value.code == "require-unsigned"
    check_applicable(parse_document(written(window=WINDOW)), "", is_signed=False)


def test_so_is_one_deep_inside():
    refused = refusal(written(advisories=[{**ADVISORY, "text": "see <a href=x>"}], holds={"by": ["ok", "<img"]}))
    assert [problem.partition(":")[0] for problem in refused.problems] == ["advisories[0].text", "holds.by[1]"] or [
        problem.partition(":")[0] for problem in refused.problems
    ] == ["holds.by[1]", "advisories[0].text"]


def test_a_smaller_sign_is_no_markup():
    assert parse_document(written(message="age < 30 days, a <3 for patches")).origin.message.startswith("age < 30")


def test_all_problems_are_told_and_not_more_than_a_person_reads():
    fields = {f"field{number}": number for number in range(100)}
    assert len(refusal(written(serial=0, mode="x", link="y", **fields)).problems) == 4
    advisories = [{**ADVISORY, "severity": "x"} for _ in range(100)]
    refused = refusal(written(advisories=advisories))
    assert len(refused.problems) == 20
    assert len(str(refused)) <= 300


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"nonsense",
        b"{",
        b'{"a": NaN}',
        b'{"a": Infinity}',
        b'{"serial": 1, "serial": 2}',
        b"\x80",
        b"[" * 99999,
        b'{"a": 1}}',
    ],
)
def test_what_is_no_json_is_told_as_such(content):
    assert refusal(content).code == "not-json"


@pytest.mark.parametrize("content", [b"[]", b"7", b"null", b'"text"', b"{}"])
def test_other_json_is_no_document(content):
    assert refusal(content).code == "schema"


def test_deep_json_in_a_field_is_refused_too():
    deep = b"[" * 900 + b"]" * 900
    content = written(window="X").replace(b'"X"', b'{"days": [' + deep + b", " + deep + b"]}")
    assert refusal(content).code in {"schema", "not-json"}


def test_a_mark_of_the_byte_order_is_no_trouble():
    assert parse_document(b"\xef\xbb\xbf" + written()).serial == 7


def test_a_later_version_is_told_before_anything_else():
    refused = refusal(json.dumps({"version": 2, "everything": "else"}).encode())
    assert (refused.code, "only version 1 is supported" in str(refused)) == ("version", True)


@pytest.mark.parametrize(
    ("now", "floor", "code"),
    [
        (NOW, None, None),
        (NOW, MinSerial(6, "other"), None),
        (NOW, MinSerial(8, "other"), "serial"),
        (NOW, MinSerial(7, "other"), "serial"),
        (datetime(2026, 11, 20, 8, 30, tzinfo=timezone.utc), None, None),  # a clock that is half an hour behind
        (datetime(2026, 11, 20, 7, 59, tzinfo=timezone.utc), None, "not-yet-issued"),
        (datetime(2027, 2, 18, 8, 59, 59, tzinfo=timezone.utc), None, None),
        (datetime(2027, 2, 18, 9, 0, tzinfo=timezone.utc), None, "expired"),
    ],
)
def test_it_comes_into_force_only_in_its_time_and_in_its_order(now, floor, code):
    document = parse_document(written())
    if code is None:
        check_admissible(document, now, floor)
    else:
        with pytest.raises(PolicyRejected) as refused:
            check_admissible(document, now, floor)
        assert refused.value.code == code


def test_the_very_same_document_is_no_step_back():
    document = parse_document(written())
    check_admissible(document, NOW, MinSerial(document.serial, document.digest))


def test_one_that_has_expired_requires_nothing():
    policy = parse_document(written(mode="require", window=WINDOW)).policy
    assert (policy.at(NOW).mode, policy.at(NOW + timedelta(days=100)).mode) == ("require", "advise")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=10,
)


@settings(max_examples=300)
@given(st.dictionaries(st.sampled_from(sorted(json.loads(SCHEMA.read_text())["properties"])), JSON, max_size=6), st.datetimes())
def test_whatever_is_written_there_is_either_refused_or_can_be_judged_by(fields, moment):
    document = attempt(json.dumps({**LEAST, **fields}).encode())
    if isinstance(document, PolicyRejected):
        assert document.code in {"schema", "version", "markup", "contradiction", "not-json"}
        assert str(document).isprintable()
        return
    now = moment.replace(tzinfo=timezone.utc, year=min(max(moment.year, 2000), 2100))
    advise([], AdviceContext(booted=now), document.policy, now)
    json.dumps(document.policy.to_json(), allow_nan=False)


@settings(max_examples=200)
@given(st.binary(max_size=300))
def test_no_bytes_are_more_than_refused(content):
    assert refusal(content).code in {"not-json", "schema", "version"}


@pytest.mark.parametrize(
    "url", ["https://example.com/a.json", "s3://bucket/a/b.json", "file:///a%20b.json", "https://h:8443/x?y"]
)
def test_a_place_is_https_s3_or_a_file(url):
    assert url_error(url) == ""


@pytest.mark.parametrize(
    "url",
    [
        *("http://example.com/a.json", "ftp://x/y", "a.json", "", "https://", "https://[::1", "https://a:b@h/"),
        *("s3://bucket", "s3:///key", "file://host/x"),
    ],
)
def test_nothing_else_is(url):
    assert url_error(url)


def test_the_signature_lies_beside_it():
    assert signature_url("https://example.com/a.json?v=1", ".sig") == "https://example.com/a.json.sig?v=1"
    assert signature_url("s3://bucket/a b.json", ".sig") == "s3://bucket/a b.json.sig"
