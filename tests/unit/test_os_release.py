"""Parsing dnf's output, and the signal `os_release`. With the real dnf: `tests/sandbox/test_dnf.py`."""

from datetime import datetime, timedelta, timezone

import pytest

from jupyter_nb_updater.advice.signal import SEVERITIES, Advisory
from jupyter_nb_updater.signals.dnf import DnfResult
from jupyter_nb_updater.signals.os_release import MAX_LISTED_ADVISORIES, foremost, os_release
from jupyter_nb_updater.signals.updateinfo import NotUnderstood, advisories, issued, link, moment, severity

NOW = datetime(2026, 11, 23, 14, 0, tzinfo=timezone.utc)
DAY = timedelta(days=1)
LINE = "=" * 79

TOLD = f"""\
{LINE}
  Amazon Linux 2023 - ALAS2023-2025-1201: Important priority package update for kernel
{LINE}
  Update ID: ALAS2023-2025-1201
       Type: security
    Updated: 2025-10-07 20:31:00
       CVEs: CVE-2025-38500
           : CVE-2025-38501
Description: Package updates are available:
           : Update ID: nobody's
           :\x20
           : {LINE}
   Severity: Important

{LINE}
  bugfix python3
{LINE}
  Update ID: ALAS2023BUGFIX-2025-001
       Type: bugfix
    Updated: 2025-05-01 20:31:00
Description: b
   Severity: none

{LINE}
  medium curl
{LINE}
  Update ID: ALAS2023-2025-860
       Type: security
    Updated: 1970-01-01 00:00:00
   Severity: Moderate
"""


def test_security_advisories_are_read_and_nothing_else():
    first, second = advisories(TOLD, {}, NOW)
    assert (first.id, first.severity, first.text) == ("ALAS2023-2025-1201", "important", "kernel")
    assert first.cves == ("CVE-2025-38500", "CVE-2025-38501")
    assert (second.id, second.severity, second.cves, second.text) == ("ALAS2023-2025-860", None, (), "")


def test_it_is_published_when_it_was_issued_else_when_it_was_changed_and_never_in_1970():
    when = [one.published for one in advisories(TOLD, {}, NOW)]
    assert when == [datetime(2025, 10, 7, 20, 31, tzinfo=timezone.utc), NOW]
    assert advisories(TOLD, {"ALAS2023-2025-1201": NOW - DAY}, NOW)[0].published == NOW - DAY


@pytest.mark.parametrize("text", ["", "\n"])
def test_no_advisory_is_no_text(text):
    assert advisories(text, {}, NOW) == []


@pytest.mark.parametrize(
    "text", ["something new\n", "note\n" + TOLD, TOLD.replace("Update ID", "Name"), TOLD.replace("Type", "Kind")]
)
def test_what_is_not_understood_is_an_error_and_not_nothing(text):
    with pytest.raises(NotUnderstood):
        advisories(text, {}, NOW)


XML = b"""<updates><update type="security"><id>A-1</id><title>t</title><issued date="2025-09-29 20:31:00" /><updated date="x"/>
</update><update><id> A-2 </id><issued  date='2025-09-30'/></update><update><id>A-3</id><issued date="nonsense"/></update>
<update><id>A-1</id><issued date="2025-10-29 20:31:00"/></update></updates>"""


@pytest.mark.parametrize("size", [1, 7, 64, 400, 10000])
def test_the_dates_of_issue_are_found_wherever_the_pieces_are_cut(size):
    pieces = (XML[start : start + size] for start in range(0, len(XML), size))
    assert issued(pieces) == {
        "A-1": datetime(2025, 9, 29, 20, 31, tzinfo=timezone.utc),
        "A-2": datetime(2025, 9, 30, tzinfo=timezone.utc),
    }


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("2025-09-29 20:31:00", datetime(2025, 9, 29, 20, 31, tzinfo=timezone.utc)),
        ("2025-09-29 20:31", datetime(2025, 9, 29, 20, 31, tzinfo=timezone.utc)),
        ("2025-09-29T20:31:00Z", datetime(2025, 9, 29, 20, 31, tzinfo=timezone.utc)),
        ("2025-09-29", datetime(2025, 9, 29, tzinfo=timezone.utc)),
        ("1759177860", datetime(2025, 9, 29, 20, 31, tzinfo=timezone.utc)),
        ("1970-01-01 00:00:00", None),
        ("0", None),
        ("", None),
        ("soon", None),
        ("9" * 40, None),
    ],
)
def test_times_as_repositories_write_them(text, found):
    assert moment(text) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [*((known.title(), known) for known in SEVERITIES), ("MEDIUM", "medium"), ("Moderate", None), ("none", None), ("", None)],
)
def test_severities_as_amazon_linux_names_them(text, found):
    assert severity(text) == found


@pytest.mark.parametrize(
    ("identifier", "page"),
    [
        ("ALAS2023-2026-1835", "ALAS2023-2026-1835"),
        ("ALAS2023-2025-1054", "ALAS2023-2025-1054"),
        ("ALAS2023-2025-1000", None),
        ("ALAS2023-2025-969", "ALAS-2025-969"),
        ("ALAS2023-2023-030", "ALAS-2023-030"),
        ("ALAS2023LIVEPATCH-2025-045", None),
        ("ALAS2-2025-2955", None),
        ("../ALAS2023-2025-1201", None),
        ("", None),
    ],
)
def test_a_link_is_given_only_where_its_form_is_certain(identifier, page):
    assert link(identifier) == (f"https://alas.aws.amazon.com/AL2023/{page}.html" if page else None)


def advisory(name, days, rank):
    return Advisory(name, NOW - days * DAY, rank)


@pytest.mark.parametrize(
    ("found", "state", "code"),
    [
        (None, "unknown", "os-no-dnf"),
        (DnfResult("2023.9.1", "2023.9.1", 0), "current", "os-newest"),
        (DnfResult("2023.9.1", "2023.9.2", 3), "due", "os-newer"),
        (DnfResult("2023.9.1", "2023.9.1", 3), "due", "os-newer"),
        (DnfResult("2023.9.1", "2023.9.2", 3, (advisory("A", 1, "low"),)), "due", "os-advisories"),
        (DnfResult("2023.9.1", "2023.9.1", 0, (advisory("A", 1, None),)), "due", "os-advisories"),
    ],
)
def test_the_signal_of_the_operating_system(found, state, code):
    signal = os_release(found, NOW)
    assert (signal.state, signal.code) == (state, code)
    assert signal.due_by is None  # what service levels there are, the policy says


def test_the_worst_and_oldest_come_first_and_the_number_is_bounded():
    many = [advisory(f"{rank}-{days}", days, rank) for rank in (*SEVERITIES, None) for days in range(1, 101)]
    told = foremost(many)
    assert len(told) == MAX_LISTED_ADVISORIES
    assert told[0].id == "critical-100"
    assert [one.severity for one in told] == ["critical"] * 12 + ["important"] * 2 + ["medium"] * 2 + ["low"] * 2 + [None] * 2
    signal = os_release(DnfResult("a", "b", 1, tuple(many)), NOW)
    assert signal.evidence["advisories_total"] == 500
    assert signal.evidence["severities"] == {**dict.fromkeys(SEVERITIES, 100), "other": 100}
    assert len(signal.advisories) == MAX_LISTED_ADVISORIES


@pytest.mark.parametrize("rank", SEVERITIES)
def test_the_oldest_and_the_newest_of_each_severity_are_always_told(rank):
    many = [advisory(f"{other}-{days}", days, other) for other in SEVERITIES for days in range(1, 101)]
    many.remove(advisory(f"{rank}-50", 50, rank))
    told = {one.id for one in foremost(many)}
    assert {f"{rank}-100", f"{rank}-1"} <= told


def test_a_few_are_told_all():
    few = [advisory(str(days), days, "low") for days in range(MAX_LISTED_ADVISORIES)]
    assert set(foremost(few)) == set(few)
    assert foremost(()) == ()
