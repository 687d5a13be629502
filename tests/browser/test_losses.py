"""What is lost is named before the click, what is busy must be confirmed, and "When idle" waits for all of it."""

import re

import pytest
from playwright.sync_api import expect

from jupyter_nb_updater.sandbox import Sandbox

from .pages import (
    BUTTON,
    SHEET,
    ask,
    banner,
    change,
    eventually,
    losses,
    notebook_source,
    open_terminal,
    refusal,
    state,
    type_at_the_end,
    type_in_a_terminal,
    write_notebook,
)

TRAITS = {
    "BackgroundProcesses": {"min_age_seconds": 0.5},
    "IdleWaiter": {"quiet_minutes": 0.02, "poll_seconds": 0.3},
}
KINDS = ["kernel", "process", "terminal"]
AWAY = 120_000


@pytest.fixture(scope="module")
def sandbox(wheel):
    with Sandbox(wheel=wheel, traits=TRAITS) as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def busy_page(shared_page, sandbox):
    """Start a cell, a background job and a command in a terminal that run for an hour."""
    page = shared_page
    write_notebook(sandbox.volume / "train.ipynb", "import time; time.sleep(3600)")
    (sandbox.volume / "train.py").write_text("import time\ntime.sleep(3600)\n")
    page.goto(f"{sandbox.lab_url}/tree/train.ipynb")
    expect(page.get_by_text("| Idle")).to_be_visible()
    page.get_by_role("menuitem", name="Run").click()
    page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
    expect(page.get_by_text("| Busy")).to_be_visible()
    type_in_a_terminal(page, sandbox, "cd ~/SageMaker; nohup python train.py & sleep 9999")
    eventually(page, lambda: sorted(loss["kind"] for loss in losses(page, sandbox) if loss["busy"]) == KINDS)
    return page


@pytest.fixture
def busy(busy_page, sandbox):
    yield busy_page
    change(busy_page, sandbox, "DELETE", "restart")
    busy_page.reload()  # without what a test has opened
    expect(banner(busy_page)).to_be_visible()


CELL = re.compile(r"^Kernel of train\.ipynb \(python3\) . busy for \d+ sec")
JOB = re.compile(r"^(nohup )?python train\.py . running in the background for \d+ sec")
COMMAND = re.compile(r"^sleep 9999 in terminal 1 . running for \d+ s")


def end(page, sandbox, kind, name):
    """End a job like a user: interrupt the cell, close the terminal, kill the process."""
    # By its name: for a moment, what ran in a closed terminal runs in the background.
    (loss,) = [loss for loss in losses(page, sandbox) if loss["busy"] and name in f"{loss['name']} {loss['detail']}"]
    key = loss["id"].split(":")[1]
    if kind == "kernel":
        change(page, sandbox, "POST", f"../api/kernels/{key}/interrupt")
    elif kind == "terminal":
        change(page, sandbox, "DELETE", f"../api/terminals/{key}")
    else:
        assert sandbox.run("kill", key).returncode == 0


def test_the_question_follows_what_begins_and_what_ends_while_it_is_open(busy, sandbox):
    sheet = ask(busy)
    name = open_terminal(busy, sandbox)
    expect(sheet.get_by_role("listitem").filter(has_text=f"Terminal {name}")).to_be_visible()
    change(busy, sandbox, "DELETE", f"../api/terminals/{name}")
    expect(sheet.get_by_role("listitem").filter(has_text=f"Terminal {name}")).to_be_hidden()


def test_each_is_listed_by_name_and_duration_and_blocks_until_it_is_confirmed(busy, sandbox):
    sheet = ask(busy)
    restart = sheet.get_by_role("button", name=BUTTON)
    for name in (CELL, JOB, COMMAND):
        expect(restart).to_be_disabled()
        sheet.get_by_role("checkbox", name=name).check()
    expect(restart).to_be_enabled()
    sheet.get_by_role("checkbox", name=JOB).uncheck()
    expect(restart).to_be_disabled()


@pytest.mark.parametrize("kind", KINDS)
def test_the_server_does_not_take_silence_for_a_word(busy, sandbox, kind):
    known = losses(busy, sandbox)
    confirmed = [loss["id"] for loss in known if loss["kind"] != kind]
    change(busy, sandbox, "POST", "restart", {"losses": [loss["id"] for loss in known], "confirmed": confirmed})
    eventually(busy, lambda: state(busy, sandbox)["restart"]["phase"] == "refused")
    busy.get_by_title(re.compile(r"^\d+ notifications?$")).click()  # the bell in the status bar: no page asked for it
    busy.get_by_role("button", name="Details").click()
    expect(refusal(busy)).to_contain_text("is busy and would be interrupted")
    assert sandbox.status == "InService"


def test_what_waits_can_be_called_off_and_a_hold_is_seen_by_everyone(busy, sandbox, chromium):
    ask(busy).get_by_role("button", name="When idle").click()
    banner(busy).get_by_role("button", name="Cancel").click()
    expect(banner(busy).get_by_role("button", name="Remind me later")).to_be_visible()

    sheet = ask(busy)
    sheet.get_by_text("Not now…").click()
    sheet.get_by_label("Reason").fill("training until the evening")
    sheet.get_by_role("button", name="Place hold").click()
    other = chromium.new_context().new_page()
    other.goto(sandbox.notebook_url)
    expect(banner(other).get_by_role("status")).to_contain_text("training until the evening")
    expect(banner(other).get_by_role("status")).to_contain_text("On hold until")
    other.reload()
    banner(other).get_by_role("button", name="End the hold").click()
    expect(banner(busy).get_by_role("button", name="Remind me later")).to_be_visible()
    other.context.close()
    assert busy.get_by_role("dialog", name=SHEET).count() == 0


def test_when_idle_waits_for_all_three_and_then_restarts_by_itself(busy_page, sandbox):
    busy = busy_page
    type_at_the_end(busy, "  # not saved")
    ask(busy).get_by_role("button", name="When idle").click()
    status = banner(busy).get_by_role("status")
    for kind, name in (("kernel", "train.ipynb"), ("terminal", "sleep 9999"), ("process", "python train.py")):
        eventually(busy, lambda name=name: name in str(state(busy, sandbox)["restart"]["waiting_for"]))
        expect(status).to_contain_text("Restart when idle.")
        assert sandbox.status == "InService"
        busy.reload()  # it survives that
        expect(status).to_contain_text("Restart when idle.")
        end(busy, sandbox, kind, name)
    told = busy.get_by_role("dialog", name="Restarted")
    expect(told).to_be_visible(timeout=AWAY)
    assert notebook_source(sandbox.volume / "train.ipynb").startswith("import time")
