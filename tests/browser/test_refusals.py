"""Every refusal as a user reads it: what blocks the restart, and that nothing was stopped."""

import json
import os
import re
import signal
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from jupyter_nb_updater.sandbox import Sandbox
from jupyter_nb_updater.util.clock import to_text, utcnow
from tests.mutants import mutant

from .pages import (
    BUTTON,
    SHEET,
    ask,
    ask_once,
    banner,
    change,
    click_through,
    eventually,
    leave,
    losses,
    open_terminal,
    refusal,
)

RUNNER = "jupyter_nb_updater/restart/runner.py"
QUICK = {
    "RestartRunner": {"poll_seconds": 0.3, "settle_seconds": 1.0},
    "Arming": {"retry_seconds": 0.3},
    "Aws": {"max_attempts": 1, "read_timeout_seconds": 60.0},
}


@pytest.fixture(scope="module")
def sandbox(wheel):
    with Sandbox(wheel=wheel, traits=QUICK) as sandbox:
        yield sandbox


@pytest.fixture
def lab(shared_page, sandbox):
    """Open JupyterLab with the banner; check at the end that nothing was stopped."""
    page = shared_page
    page.goto(sandbox.lab_url)
    expect(banner(page)).to_be_visible()
    yield page
    sandbox.faults.clear()
    assert sandbox.status == "InService"
    page.unroute_all(behavior="ignoreErrors")
    change(page, sandbox, "DELETE", "restart")
    page.goto("about:blank")  # it says `bye`: a page that is closed has half a second for that, and the next restart would wait


def test_an_instance_that_is_not_in_service(lab, sandbox):
    sandbox.aws.settle(sandbox.name, "Updating")
    click_through(lab)
    expect(refusal(lab)).to_contain_text("The status of the instance is Updating")
    sandbox.aws.settle(sandbox.name, "InService")


def test_maintenance_in_which_aws_refuses_the_stop(lab, sandbox):
    sandbox.aws.settle(sandbox.name, "PendingMaintenance")
    click_through(lab)
    expect(refusal(lab)).to_contain_text("AWS refused StopNotebookInstance")
    eventually(lab, lambda: "nb-updater:restart" not in sandbox.tags())
    sandbox.aws.settle(sandbox.name, "InService")


def test_a_page_that_is_loaded_again_says_it_as_soon_as_it_has_started(lab, sandbox):
    sandbox.aws.settle(sandbox.name, "Updating")
    click_through(lab)
    expect(refusal(lab)).to_be_visible()
    waiting, is_open = [], False

    def keep_waiting(request):  # JupyterLab starts no plugin that shows words before it has these
        if is_open:
            request.continue_()
        else:
            waiting.append(request)

    lab.route("**/lab/api/translations/*", keep_waiting)
    with lab.expect_websocket(lambda channel: "nb-updater" in channel.url):  # it has asked for the state by then
        lab.reload()
    is_open = True  # in some runs before the page asks for its translations
    for request in waiting:
        request.continue_()
    expect(refusal(lab)).to_be_visible()
    sandbox.aws.settle(sandbox.name, "InService")


def test_another_page_opens_no_dialog_and_leads_to_the_reasons(lab, sandbox):
    other = lab.context.new_page()
    other.goto(sandbox.lab_url)
    expect(banner(other)).to_be_visible()
    lab.bring_to_front()
    sandbox.aws.settle(sandbox.name, "Updating")
    click_through(lab)
    expect(refusal(lab)).to_be_visible()
    other.bring_to_front()
    expect(refusal(other)).to_be_hidden()
    other.get_by_title(re.compile(r"^\d+ notifications?$")).click()  # the bell in the status bar
    other.get_by_role("button", name="Details").click()
    expect(refusal(other)).to_contain_text("The status of the instance is Updating")
    refusal(other).get_by_role("button", name="Close").click()
    expect(refusal(other)).to_be_hidden()
    lab.bring_to_front()
    expect(refusal(lab)).to_be_visible()
    leave(other)
    sandbox.aws.settle(sandbox.name, "InService")


def test_a_return_path_that_is_gone_after_the_question(lab, sandbox):
    events = sandbox.aws.client("events")
    sheet = ask_once(lab)
    events.disable_rule(Name="nb-updater-return")
    sheet.get_by_role("button", name=BUTTON).click()
    expect(refusal(lab)).to_contain_text("Nothing is set up to start the instance again")
    events.enable_rule(Name="nb-updater-return")


def test_a_terminal_that_is_opened_after_the_question(lab, sandbox):
    sheet = ask_once(lab)
    name = open_terminal(lab, sandbox)
    sheet.get_by_role("button", name=BUTTON).click()
    expect(refusal(lab)).to_contain_text(f"{name} started after you were asked")
    change(lab, sandbox, "DELETE", f"../api/terminals/{name}")


def test_a_terminal_in_which_something_begins_after_the_question(lab, sandbox):
    name = open_terminal(lab, sandbox)
    sheet = ask_once(lab)
    expect(sheet).to_contain_text(f"Terminal {name}")
    lab.evaluate("line => window.ourTerminal.send(JSON.stringify(['stdin', line]))", "sleep 9999\r")
    eventually(lab, lambda: "sleep 9999" in [loss["detail"] for loss in losses(lab, sandbox)])
    sheet.get_by_role("button", name=BUTTON).click()
    expect(refusal(lab)).to_contain_text("sleep 9999 is busy and would be interrupted")
    change(lab, sandbox, "DELETE", f"../api/terminals/{name}")


def test_a_hold_that_begins_after_the_question(lab, sandbox):
    sheet = ask_once(lab)
    until = to_text(utcnow() + timedelta(hours=4))
    change(lab, sandbox, "PUT", "hold", {"until": until, "reason": "training until the evening"})
    sheet.get_by_role("button", name=BUTTON).click()
    expect(refusal(lab)).to_contain_text("placed a hold on this instance")
    expect(refusal(lab)).to_contain_text("training until the evening")
    change(lab, sandbox, "DELETE", "hold")


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        ({"code": "ValidationException", "message": "Status (Updating) not in ([InService])."}, "was in another state"),
        ({"code": "ThrottlingException", "message": "Rate exceeded"}, "too many requests"),
        ({"code": "InternalFailure", "message": "try later", "status": 500}, "AWS reported an error for StopNotebookInstance"),
        ({"drop": True}, "AWS did not answer StopNotebookInstance"),
        ({"answer": {}}, "AWS accepted the stop, but the instance is still InService"),
    ],
    ids=["wrong-state", "throttled", "aws-error", "unreachable", "stop-not-carried-out"],
)
def test_a_stop_that_aws_does_not_take(lab, sandbox, fault, told):
    sandbox.faults.add("StopNotebookInstance", **fault)
    click_through(lab)
    expect(refusal(lab)).to_contain_text(told)


def test_an_aws_that_is_too_slow(lab, sandbox):
    sandbox.faults.add("DescribeNotebookInstance", delay_seconds=50.0)
    click_through(lab)
    expect(refusal(lab)).to_contain_text("Checking the instance took too long", timeout=60_000)


def test_a_journal_that_cannot_be_written(lab, sandbox):
    journal = sandbox.volume / ".nb-updater" / "journal.jsonl"
    journal.unlink(missing_ok=True)
    journal.mkdir()
    click_through(lab)
    expect(refusal(lab)).to_contain_text("journal.jsonl could not be written")
    journal.rmdir()


def test_a_server_that_is_started_again_in_between(lab, sandbox):
    sandbox.faults.add("DescribeNotebookInstance", delay_seconds=20.0)
    click_through(lab)
    expect(lab.get_by_role("alertdialog", name="Restarting")).to_contain_text("Checking")
    (running,) = json.loads(sandbox.run("jupyter", "server", "list", "--jsonlist").stdout)
    os.kill(running["pid"], signal.SIGKILL)
    expect(refusal(lab)).to_contain_text("The Jupyter server itself restarted before it was done", timeout=60_000)


def test_a_platform_that_aws_no_longer_starts(page, wheel):
    with Sandbox(wheel=wheel, platform="notebook-al1-v1") as sandbox:
        page.goto(sandbox.lab_url)
        expect(page.get_by_role("button", name="No restart possible")).to_be_visible()  # in place of a banner
        page.get_by_role("menuitem", name="File", exact=True).click()
        page.get_by_role("menuitem", name=re.compile("Notebook Instance")).click()
        page.get_by_role("dialog", name=SHEET).get_by_role("button", name=BUTTON).click()
        expect(refusal(page)).to_contain_text("AWS no longer starts an instance of the platform notebook-al1-v1")
        assert sandbox.status == "InService"


def test_a_disk_that_does_not_confirm_what_was_written(page, wheel):
    with Sandbox(wheel=wheel, disk_megabytes=64) as sandbox:
        page.goto(sandbox.lab_url)
        sheet = ask(page)
        expect(sheet.get_by_role("button", name=BUTTON)).to_be_enabled()
        sandbox.machine.disk.fail()
        sheet.get_by_role("button", name=BUTTON).click()
        expect(refusal(page)).to_contain_text(re.compile(r"The disk did not confirm the write \(.*\)"))
        assert sandbox.status == "InService"


def test_a_bug_of_ours(page, tmp_path, wheel):
    broken = {RUNNER: ("        now = self._clock.now()\n", "        now = self._clock.now() / 0\n")}
    with Sandbox(wheel=mutant(tmp_path, broken, wheel)) as sandbox:
        page.goto(sandbox.lab_url)
        click_through(page)
        expect(refusal(page)).to_contain_text("Something went wrong in this extension")
        refusal(page).get_by_role("button", name="Close").click()
        expect(refusal(page)).to_be_hidden()
        assert sandbox.status == "InService"


def test_try_again_asks_anew(lab, sandbox):
    sandbox.faults.add("StopNotebookInstance", code="ThrottlingException", message="Rate exceeded", times=1)
    click_through(lab)
    refusal(lab).get_by_role("button", name="Try again").click()
    expect(lab.get_by_role("dialog", name=SHEET)).to_be_visible()
    lab.get_by_role("dialog", name=SHEET).get_by_role("button", name="Cancel").click()
