"""Policy documents from a real HTTPS server: whatever it publishes, the last good one stays in force."""

import asyncio
import base64
import gzip
import json
import os
import threading
import time
from datetime import datetime, timedelta, timezone

import pytest

from jupyter_nb_updater.journal import Journal
from jupyter_nb_updater.org_policy.document import PolicyRejected
from jupyter_nb_updater.org_policy.manager import PolicyManager
from tests.wait import eventually

from .publisher import JSON, reply, write

NOW = datetime.now(timezone.utc).replace(microsecond=0)


@pytest.fixture
def journal(tmp_path):
    return Journal(directory=str(tmp_path))


@pytest.fixture
def organization(publisher, journal):
    """Return a function that creates a policy manager, as a start of the server does."""
    made = []

    def make(url=None, **traits):
        bounds = {"timeout_seconds": 5.0, "max_bytes": 1 << 20, **traits}
        one = PolicyManager(journal, "eu-west-1", url=url or f"{publisher.base}/document.json", **bounds)
        one.load_history(journal.records())
        made.append(one)
        return one

    yield make
    for one in made:
        one.close()


def look(organization, now=NOW):
    return asyncio.run(organization.refresh_now(now))


def refusals(journal):
    return [record for record in journal.records() if record["event"] == "policy-rejected"]


def good(publisher, signers, content=None):
    """Publish a valid signed document."""
    content = content or write(serial=7)
    publisher.put(content)
    publisher.put(signers["pinned"].sign(content), "/document.json.sig")
    return content


def test_a_good_document_is_in_force_and_in_the_journal(organization, publisher, journal):
    publisher.put(write(serial=7, message="Please restart.", mode="advise", service_levels={"critical": 7}))
    one = organization()
    assert look(one).in_force
    policy = one.policy
    assert (policy.advised_days, policy.interval_days, policy.service_levels) == (20, 40, {"critical": 7})
    origin = policy.origin
    assert (origin.kind, origin.serial, origin.message, origin.fetched) == ("organization", 7, "Please restart.", NOW)
    assert (origin.signed, origin.problem) == (None, None)
    (record,) = journal.records()
    assert (record["event"], record["serial"], record["location"]) == ("policy-in-force", 7, one.url)


def test_what_has_not_changed_is_not_sent_again_and_counts_as_seen(organization, publisher, journal):
    publisher.put(write())
    one = organization()
    look(one)
    later = NOW + timedelta(hours=1)
    look(one, later)
    assert "If-None-Match" in publisher.asked[1][1]
    assert one.policy.origin.fetched == later
    assert len(journal.records()) == 1


def test_the_next_server_has_it_in_force_before_it_has_asked_anybody(organization, publisher):
    publisher.put(write(serial=9))
    look(organization())
    asked = len(publisher.asked)
    again = organization()
    asyncio.run(again.load(NOW))
    assert (again.policy.origin.serial, len(publisher.asked)) == (9, asked)


def in_headers(**headers):
    return lambda publisher, plain, signers: publisher.put(write(serial=8), **headers)


def put(content, **fields):
    def publish(publisher, plain, signers):
        publisher.put(content() if callable(content) else content, **fields)

    return publish


def signed(content, by):
    def publish(publisher, plain, signers):
        made = content()
        publisher.put(made)
        publisher.put(signers[by].sign(made), "/document.json.sig")

    return publish


def tampered(publisher, plain, signers):
    made = write(serial=8)
    assert made.count(b'"max_days": 40') == 1
    publisher.put(made.replace(b'"max_days": 40', b'"max_days": 99'))
    publisher.put(signers["pinned"].sign(made), "/document.json.sig")


def unsigned(publisher, plain, signers):
    publisher.put(write(serial=8))
    del publisher.answers["/document.json.sig"]


def signature(content, **fields):
    def publish(publisher, plain, signers):
        publisher.put(write(serial=8))
        publisher.put(content, "/document.json.sig", **fields)

    return publish


def redirect_loop(publisher, plain, signers):
    publisher.redirect("/other.json")
    publisher.redirect("/document.json", "/other.json")


def redirect_to_plain(publisher, plain, signers):
    plain.put(write(serial=8))
    publisher.redirect(f"{plain.base}/document.json")


def redirect_to(target):
    return lambda publisher, plain, signers: publisher.redirect(target)


def gone(publisher, plain, signers):
    del publisher.answers["/document.json"]


def cut_off(publisher, plain, signers):
    def answer(handler):
        handler.send_response(200)
        handler.send_header("Content-Type", "application/json")
        handler.send_header("Content-Length", "5000")
        handler.end_headers()
        handler.wfile.write(b'{"version": 1')
        handler.close_connection = True

    publisher.answers["/document.json"] = answer


def bomb(publisher, plain, signers):
    """Publish a small body that is large when decompressed."""
    packed = gzip.compress(b" " * (64 << 20))
    headers = {**JSON, "Content-Encoding": "gzip"}
    publisher.answers["/document.json"] = lambda handler: reply(handler, 200, packed, headers)


HTML = {"Content-Type": "text/html"}
PAST = {"issued": "2026-01-01T00:00:00Z", "expires": "2026-02-01T00:00:00Z"}
FUTURE = {"issued": "2099-01-01T00:00:00Z", "expires": "2099-02-01T00:00:00Z"}

BAD = {
    "404": (gone, "not-found"),
    "403": (put(b"no", status=403), "access-denied"),
    "500": (put(b"trouble", status=500), "http-error"),
    "204": (put(b"", status=204), "http-error"),
    "redirect loop": (redirect_loop, "redirect"),
    "redirect of another host to plain http": (redirect_to_plain, "redirect"),
    "redirect to a file": (redirect_to("file:///etc/passwd"), "redirect"),
    "redirect to a script": (redirect_to("javascript:alert(1)"), "redirect"),
    "redirect to nowhere": (redirect_to("https://[::1"), "unreachable"),
    "10 GB body": (lambda publisher, plain, signers: publisher.stream(), "too-large"),
    "body that says it is large": (in_headers(**{"Content-Length": "10000000000"}), "too-large"),
    "body that unpacks to something large": (bomb, "too-large"),
    "slow body": (lambda publisher, plain, signers: publisher.drip(), "too-slow"),
    "slow headers": (lambda publisher, plain, signers: publisher.drip(headers=True), "too-slow"),
    "body that is cut off": (cut_off, "unreachable"),
    "wrong type": (lambda publisher, plain, signers: publisher.put(write(serial=8), **HTML), "wrong-type"),
    "nothing": (put(b""), "not-json"),
    "bad JSON": (put(b'{"version": 1,'), "not-json"),
    "no UTF-8": (put(b"\xff\xfe{}"), "not-json"),
    "a list": (put(b"[]"), "schema"),
    "deep JSON": (put(b"[" * 100_000), "not-json"),
    "a field twice": (put(b'{"version": 1, "version": 1}'), "not-json"),
    "schema violation": (put(lambda: write(serial=8, mode="force")), "schema"),
    "a command": (put(lambda: write(serial=8, command="reboot")), "schema"),
    "unknown version": (put(lambda: write(serial=8, version=2)), "version"),
    "old serial": (signed(lambda: write(serial=6), "pinned"), "serial"),
    "the same serial with something else": (signed(lambda: write(serial=7, message="x"), "pinned"), "serial"),
    "expired": (signed(lambda: write(serial=8, **PAST), "pinned"), "expired"),
    "issued in the future": (signed(lambda: write(serial=8, **FUTURE), "pinned"), "not-yet-issued"),
    "no signature": (unsigned, "not-signed"),
    "bad signature": (tampered, "bad-signature"),
    "signature by an unpinned key": (signed(lambda: write(serial=8), "foreign"), "bad-signature"),
    "signature that is none": (signature(base64.b64encode(b"hello")), "bad-signature"),
    "signature that is no base64": (signature(b"<html>"), "bad-signature"),
    "empty signature": (signature(b"\n"), "bad-signature"),
    "large signature": (signature(b"A" * (2 << 20)), "too-large"),
    "script in the message": (put(lambda: write(serial=8, message="<script>alert(1)</script>")), "markup"),
    "comment in the contact": (put(lambda: write(serial=8, contact="a <!-- b")), "markup"),
    "control character": (put(lambda: write(serial=8, message="a\x1b[31mb")), "markup"),
    "text that turns around": (put(lambda: write(serial=8, message="a\u202eb")), "markup"),
    "half a character": (put(lambda: write(serial=8, message="\ud800")), "markup"),
    "javascript: link": (put(lambda: write(serial=8, link="javascript:alert(1)")), "schema"),
    "http: link": (put(lambda: write(serial=8, link="http://example.com/")), "schema"),
    "mark that turns text around": (put(lambda: write(serial=8, message="a\u200fb")), "markup"),
    "require without a window": (put(lambda: write(serial=8, mode="require")), "contradiction"),
    "for others": (signed(lambda: write(serial=8, audience=["dev"]), "pinned"), "audience"),
}  # fmt: skip


@pytest.mark.parametrize("kind", BAD)
def test_a_bad_document_leaves_the_last_good_one_in_force(kind, organization, publisher, plain, journal, signers):
    publish, code = BAD[kind]
    good(publisher, signers)
    one = organization(keys=[str(signers["pinned"].public)], timeout_seconds=2.0 if "slow" in kind else 5.0)
    look(one)
    publish(publisher, plain, signers)
    began = time.monotonic()
    later = NOW + timedelta(hours=1)
    listing = look(one, later)
    assert time.monotonic() - began < 20  # the bodies that are slow, or without end, take longer than any machine
    assert listing.in_force
    origin = one.policy.origin
    assert (origin.serial, one.policy.advised_days, origin.signed) == (7, 20, True)
    assert (origin.problem, origin.fetched) == (code, NOW)  # the age is that of the last good one
    assert len(origin.detail) > 10
    assert "\n" not in origin.detail
    (record,) = refusals(journal)
    assert (record["code"], record["detail"], record["in_force"]) == (code, origin.detail, 7)
    look(one, later + timedelta(hours=1))
    assert len(refusals(journal)) == 1, "the same trouble is told once"
    good(publisher, signers, write(serial=9))
    look(one)
    assert (one.policy.origin.serial, one.policy.origin.problem) == (9, None)


@pytest.mark.parametrize("kind", ["404", "500", "bad JSON", "bad signature", "wrong type"])
def test_a_bad_document_alone_puts_nothing_into_force(kind, organization, publisher, plain, signers):
    good(publisher, signers)
    BAD[kind][0](publisher, plain, signers)
    one = organization(keys=[str(signers["pinned"].public)])
    listing = look(one)
    assert (one.policy, listing.in_force, listing.evidence["problem"]) == (None, False, BAD[kind][1])


def test_of_an_endless_body_no_more_is_read_than_allowed(organization, publisher):
    publisher.stream()
    look(organization())
    assert publisher.sent < 32 << 20  # what the sockets on the way hold comes on top of the mebibyte


@pytest.mark.parametrize("headers", [False, True])
def test_no_thread_stays_behind_for_a_server_that_drips(organization, publisher, headers):
    publisher.drip(headers=headers)
    before = threading.active_count()
    with pytest.raises(PolicyRejected, match="too long"):
        look(organization(timeout_seconds=0.5))
    sent = publisher.sent
    eventually(lambda: threading.active_count() <= before)
    time.sleep(0.3)
    assert publisher.sent <= sent + 3  # its connection is gone


def test_a_place_that_cannot_be_reached_is_worth_asking_again(organization, publisher):
    publisher.close()
    with pytest.raises(PolicyRejected) as refused:
        look(organization())
    assert refused.value.code == "unreachable"
    assert "0x" not in str(refused.value)


def test_a_server_with_another_certificate_is_not_believed(organization, publisher, monkeypatch):
    monkeypatch.delenv("REQUESTS_CA_BUNDLE")
    publisher.put(write())
    with pytest.raises(PolicyRejected, match="CERTIFICATE"):
        look(organization())


def test_a_redirect_to_https_is_followed(organization, publisher):
    publisher.put(write(), "/new.json")
    publisher.redirect(f"{publisher.base}/new.json")
    assert look(organization()).in_force


def test_a_password_or_plain_http_in_the_configuration_is_told(organization, plain):
    for url in (f"{plain.base}/document.json", "https://ana:secret@example.com/x", "ftp://example.com/x", "document.json"):
        one = organization(url)
        look(one)
        assert one.advisory_list.evidence["problem"] == "bad-url"
        assert "secret" not in one.advisory_list.evidence["detail"]
    assert plain.asked == []


def test_a_query_is_not_in_the_journal(organization, publisher, journal):
    publisher.close()
    with pytest.raises(PolicyRejected):
        look(organization(f"{publisher.base}/document.json?token=secret"))
    publisher_text = json.dumps(journal.records())
    assert "secret" not in publisher_text


@pytest.mark.parametrize("key", ["pinned", "next"])
def test_any_pinned_key_will_do_so_that_keys_can_change(organization, publisher, signers, key):
    content = write()
    publisher.put(content)
    publisher.put(signers["foreign"].sign(content) + signers[key].sign(content), "/document.json.sig")
    one = organization(keys=[str(signers[name].public) for name in ("pinned", "next")])
    look(one)
    assert one.policy.origin.signed is True


@pytest.mark.parametrize(
    ("traits", "words"),
    [
        ({"openssl": "no-such-program"}, "no-such-program is not installed"),
        ({"keys": ["/no/such/key.pem"]}, "No such file"),
        ({"keys": ["/etc/hostname"]}, "could not be used"),
    ],
)
def test_a_key_that_cannot_be_used_is_told_and_proves_nothing(organization, publisher, signers, traits, words):
    good(publisher, signers)
    with pytest.raises(PolicyRejected, match=words) as refused:
        look(organization(**{"keys": [str(signers["pinned"].public)], **traits}))
    assert refused.value.code == "key-unusable"


def test_who_edits_what_is_kept_on_the_volume_changes_nothing(organization, publisher, signers, tmp_path, journal):
    good(publisher, signers)
    keys = [str(signers["pinned"].public)]
    look(organization(keys=keys))
    path = tmp_path / "org_policy" / "document.json"
    kept = json.loads(path.read_text())
    assert kept["content"].count('"max_days": 40') == 1
    path.write_text(json.dumps({**kept, "content": kept["content"].replace('"max_days": 40', '"max_days": 999')}))
    again = organization(keys=keys)
    asyncio.run(again.load(NOW))
    assert again.policy is None
    assert refusals(journal)[0]["code"] == "bad-signature"
    look(again)
    assert again.policy.interval_days == 40


def test_without_keys_it_is_the_serial_that_tells_an_edit(organization, publisher, tmp_path):
    publisher.put(write())
    look(organization())
    path = tmp_path / "org_policy" / "document.json"
    kept = json.loads(path.read_text())
    assert kept["content"].count('"max_days": 40') == 1
    path.write_text(json.dumps({**kept, "content": kept["content"].replace('"max_days": 40', '"max_days": 999')}))
    again = organization()
    asyncio.run(again.load(NOW))
    assert again.policy is None


def test_the_serial_does_not_go_back_although_the_document_is_lost(organization, publisher, signers, tmp_path):
    keys = [str(signers["pinned"].public)]
    good(publisher, signers, write(serial=7))
    look(organization(keys=keys))
    (tmp_path / "org_policy" / "document.json").unlink()
    good(publisher, signers, write(serial=6))
    one = organization(keys=keys)
    look(one)
    assert (one.policy, one.advisory_list.evidence["problem"]) == (None, "serial")
    one.serial_file.unlink()  # the way out that `doctor` names
    again = organization(keys=keys)
    look(again)
    assert again.policy.origin.serial == 6


HIGHEST = 9007199254740991


def test_one_moment_at_the_place_of_an_unsigned_document_locks_nobody_out(organization, publisher):
    publisher.put(write(serial=7))
    one = organization()
    look(one)
    publisher.put(write(serial=HIGHEST, organization="Somebody else"))
    look(one, NOW + timedelta(hours=1))
    publisher.put(write(serial=8))
    look(one, NOW + timedelta(hours=2))
    assert (one.policy.origin.organization, one.policy.origin.serial, one.policy.origin.problem) == ("Example Bank", 8, None)
    again = organization()
    asyncio.run(again.load(NOW))
    assert again.policy.origin.serial == 8


def test_what_was_published_before_a_key_was_pinned_does_not_bind_the_owner_of_the_key(organization, publisher, signers):
    publisher.put(write(serial=HIGHEST))
    look(organization())
    good(publisher, signers, write(serial=8))
    one = organization(keys=[str(signers["pinned"].public)])
    look(one)
    assert (one.policy.origin.serial, one.policy.origin.signed) == (8, True)


def test_a_restart_is_required_by_a_pinned_key_alone(organization, publisher, signers, journal):
    window = {"timezone": "Europe/Berlin", "days": ["mon"], "from": "22:00", "to": "04:00"}
    good(publisher, signers, write(serial=7, mode="require", window=window))
    one = organization()
    look(one)
    assert (one.policy, refusals(journal)[0]["code"]) == (None, "require-unsigned")
    signed = organization(keys=[str(signers["pinned"].public)])
    look(signed)
    assert signed.policy.mode == "require"
    without_key = organization()
    asyncio.run(without_key.load(NOW))
    assert without_key.policy is None  # what lies on the volume is no better


def test_a_document_that_was_signed_for_a_test_does_not_pass_in_production(organization, publisher, signers, journal):
    keys = [str(signers["pinned"].public)]
    good(publisher, signers, write(serial=7, audience=["dev", "test"]))
    testing, production, unnamed = (organization(keys=keys, audience=name) for name in ("test", "prod", ""))
    for one in (testing, production, unnamed):
        look(one)
    assert testing.policy.origin.serial == 7
    assert (production.policy, unnamed.policy) == (None, None)
    assert {record["code"] for record in refusals(journal)} == {"audience"}


@pytest.mark.parametrize(
    "damage", [b"", b"[]", b'{"format": 1, "url": 1}', b"\xff", b'{"format": 1, "url": "x", "content": 7}', b'{"format": 2}']
)
def test_a_damaged_store_is_no_trouble(organization, publisher, tmp_path, damage):
    publisher.put(write())
    look(organization())
    for path in (tmp_path / "org_policy").iterdir():
        path.write_bytes(damage)
    one = organization()
    look(one)
    assert (one.policy.origin.serial, one.policy.origin.problem) == (7, None)


def test_one_that_expires_while_it_is_in_force_stays_requires_nothing_and_is_marked(organization, publisher, signers, journal):
    window = {"timezone": "Europe/Berlin", "days": ["mon"], "from": "22:00", "to": "04:00"}
    good(publisher, signers, write(mode="require", window=window))
    one = organization(keys=[str(signers["pinned"].public)])
    look(one)
    assert one.policy.at(NOW).mode == "require"
    later = NOW + timedelta(days=91)
    for hour in range(3):
        look(one, later + timedelta(hours=hour))
    assert (one.policy.at(later).mode, one.policy.advised_days, one.policy.origin.problem) == ("advise", 20, "expired")
    assert [record["code"] for record in refusals(journal)] == ["expired"]
    again = organization(keys=[str(signers["pinned"].public)])
    asyncio.run(again.load(later))
    assert (again.policy.origin.serial, again.policy.origin.problem) == (7, "expired")
    assert len(refusals(journal)) == 1


def test_without_a_volume_it_is_in_force_all_the_same(organization, publisher, tmp_path):
    (tmp_path / "org_policy").write_text("in the way")
    publisher.put(write())
    assert look(organization()).in_force


def test_a_document_of_another_place_is_not_taken_for_this_one(organization, publisher):
    publisher.put(write(serial=50))
    look(organization())
    publisher.put(write(serial=1), "/other.json")
    one = organization(f"{publisher.base}/other.json")
    asyncio.run(one.load(NOW))
    assert one.policy is None
    look(one)
    assert one.policy.origin.serial == 1


def test_a_file_is_a_place_too(organization, tmp_path, signers):
    content = write()
    (tmp_path / "a b.json").write_bytes(content)
    (tmp_path / "a b.json.sig").write_bytes(signers["pinned"].sign(content))
    one = organization((tmp_path / "a b.json").as_uri(), keys=[str(signers["pinned"].public)])
    look(one)
    assert one.policy.origin.signed is True
    look(one)
    assert one.policy.origin.problem is None


def test_what_is_no_file_is_not_waited_for(organization, tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    for path, code in {pipe: "wrong-type", tmp_path: "wrong-type", "/dev/zero": "wrong-type", "/no": "not-found"}.items():
        one = organization(f"file://{path}")
        look(one)
        assert one.advisory_list.evidence["problem"] == code, path
