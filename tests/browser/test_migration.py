"""An instance on Amazon Linux 2, which AWS no longer starts once it is stopped, is moved or never stopped."""

import pytest
from playwright.sync_api import expect

from jupyter_nb_updater.sandbox import Sandbox

from .pages import BUTTON, ask, banner, state, type_at_the_end

AWAY = 120_000
ALLOWED = {"PlatformTable": {"moves_amazon_linux_2": True}}


def platform(sandbox):
    return sandbox.aws.client("sagemaker").describe_notebook_instance(NotebookInstanceName=sandbox.name)["PlatformIdentifier"]


def test_it_comes_back_on_amazon_linux_2023_with_its_volume_once_the_person_has_confirmed_the_move(page, wheel):
    with Sandbox(wheel=wheel, platform="notebook-al2-v3", traits=ALLOWED) as sandbox:
        (sandbox.volume / "notes.txt").write_text("before\n")
        page.goto(f"{sandbox.lab_url}/tree/notes.txt")
        expect(banner(page)).to_be_visible()
        type_at_the_end(page, "after\n")

        sheet = ask(page)
        move = sheet.get_by_role("list", name="Confirm before you restart").get_by_role("checkbox")
        expect(move).to_be_visible()
        expect(sheet.get_by_role("button", name=BUTTON)).to_be_disabled()
        move.check()
        sheet.get_by_role("button", name=BUTTON).click()

        told = page.get_by_role("dialog", name="Restarted")
        expect(told).to_contain_text("Amazon Linux 2 → Amazon Linux 2023", timeout=AWAY)
        assert platform(sandbox) == "notebook-al2023-v1"
        assert (sandbox.volume / "notes.txt").read_text() == "before\nafter\n"
        assert state(page, sandbox)["instance"]["moves_to"] is None


@pytest.mark.parametrize(
    ("size", "traits", "reason"),
    [
        ("ml.p3.2xlarge", ALLOWED, "which does not run on ml.p3.2xlarge"),
        ("ml.t3.medium", {}, "or to allow restarts to do so"),
    ],
)
def test_an_instance_that_cannot_move_or_may_not_is_not_stopped_and_no_banner_asks_for_it(page, wheel, size, traits, reason):
    with Sandbox(wheel=wheel, platform="notebook-al2-v3", instance_type=size, traits=traits) as sandbox:
        page.goto(sandbox.lab_url)
        expect(page.get_by_role("button", name="No restart possible")).to_be_visible()
        expect(banner(page)).to_be_hidden()
        told = sandbox.run("jupyter", "nb-updater", "restart", "--accept-losses")
        assert (told.returncode, reason in told.stdout) == (4, True), told.stdout
        assert (sandbox.status, platform(sandbox)) == ("InService", "notebook-al2-v3")
