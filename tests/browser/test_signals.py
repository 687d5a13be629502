"""What a user reads about packages of the operating system, other instances, and the organization's policy."""

import json
from datetime import datetime, timedelta, timezone

import pytest
from playwright.sync_api import expect

from jupyter_nb_updater.sandbox import Sandbox
from tests.amazon_linux import NEW, NOTICES, AmazonLinux

from .pages import banner, unfold

WHY = "Why restart this notebook instance?"
UPTIME = timedelta(days=2)  # the age asks for nothing
QUICK = {"StateMonitor": {"watched_seconds": 1.0}, "FleetSource": {"interval_seconds": 1.0}}


def policy(folder, **content):
    path = folder / "policy.json"
    head = {"version": 1, "serial": 1, "issued": "2025-01-01T00:00:00Z", "expires": "2099-01-01T00:00:00Z"}
    path.write_text(json.dumps({**head, "organization": "Example Ltd", **content}))
    return path


def why(page):
    banner(page).get_by_role("button", name="Why?").click()
    return page.get_by_role("dialog", name=WHY)


def test_why_tells_the_advisories_of_the_operating_system_from_the_real_dnf(wheel, page, tmp_path):
    levels = {"critical": 3000, "important": 3000, "medium": 3000}
    document = policy(tmp_path, service_levels=levels, message="Please restart soon & often.", contact="sec@example.com")
    traits = {"OsReleaseSource": AmazonLinux(tmp_path).traits}
    with Sandbox(wheel=wheel, uptime=UPTIME, policy=document, traits=traits) as sandbox:
        page.goto(sandbox.lab_url)
        expect(banner(page).get_by_role("status")).to_contain_text("Please restart soon & often.")
        dialog = why(page)
        expect(dialog.get_by_role("region", name="Message from Example Ltd")).to_contain_text("Please restart soon & often.")
        packages = unfold(dialog, "Operating system packages")
        security = [notice for notice in NOTICES if notice.kind == "security"]
        assert len(security) == 3
        for notice in security:
            line = packages.get_by_role("listitem").filter(has_text=notice.id)
            expect(line).to_contain_text(notice.severity.lower())
            for cve in notice.cves:
                expect(line).to_contain_text(cve)
        expect(packages).to_contain_text(NEW)
        expect(packages).not_to_contain_text("BUGFIX")
        expect(dialog).not_to_contain_text("image")
        in_force = unfold(dialog, "Example Ltd")
        expect(in_force.get_by_text("sec@example.com")).to_be_visible()
        expect(dialog.get_by_role("region", name="Policy")).to_contain_text("Example Ltd")


def test_where_there_is_no_dnf_that_is_not_known_and_no_error(wheel, page):
    with Sandbox(wheel=wheel, traits={"OsReleaseSource": {"dnf": "no-such-program"}}) as sandbox:
        page.goto(sandbox.lab_url)
        expect(banner(page)).to_be_visible()
        packages = unfold(why(page), "Operating system packages")
        expect(packages).to_contain_text("Unknown")


@pytest.fixture
def two(wheel):
    """Start two instances of one account with the same image."""
    with (
        Sandbox(wheel=wheel, uptime=UPTIME, traits=QUICK) as first,
        Sandbox(wheel=wheel, uptime=UPTIME, traits=QUICK, name="research-2", aws=first.aws) as second,
    ):
        yield first, second


def test_the_banner_says_what_another_instance_has_that_was_restarted_and_since_when(page, two):
    first, second = two
    page.goto(first.lab_url)
    expect(page.get_by_role("menuitem", name="File")).to_be_visible()
    expect(banner(page)).to_be_hidden()
    sagemaker = second.aws.client("sagemaker")
    sagemaker.stop_notebook_instance(NotebookInstanceName=second.name)
    second.wait_for("Stopped")
    sagemaker.start_notebook_instance(NotebookInstanceName=second.name)
    second.wait_for("InService", 120)
    status = banner(page).get_by_role("status")
    expect(status).to_contain_text("another instance has had JupyterLab 4.6")
    expect(status).to_contain_text("This one has 4.5")
    today = datetime.now(timezone.utc)
    expect(status).to_contain_text(f"{today:%b} {today.day}")
    dialog = why(page)
    expect(dialog).to_contain_text("4.6")
    expect(dialog.get_by_role("list", name="Reasons")).to_be_visible()
