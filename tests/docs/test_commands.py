"""The documented commands run as written: in a checkout, with an account, on an instance."""

import signal

import pytest

from tests.wait import eventually

from .admin_machine import admin_machine
from .pages import ROOT, blocks

README = ROOT / "README.md"


@pytest.fixture(scope="module")
def desk(tmp_path_factory, wheel, sandbox):
    return admin_machine(tmp_path_factory.mktemp("desk"), wheel, sandbox)


@pytest.fixture(scope="module")
def installed(desk, sandbox):
    """Install the extension as in the README, from the upload of the wheel to the start of the instance."""
    bucket = {"LocationConstraint": sandbox.aws.region}
    sandbox.aws.client("s3").create_bucket(Bucket="example-bucket", CreateBucketConfiguration=bucket)
    text = "\n".join(block.text for block in blocks("account") if block.page == README)
    answer = desk.run(text)
    assert answer.returncode == 0, answer.stdout + answer.stderr
    sandbox.wait_for("InService", timeout=120)
    eventually(lambda: "nb-updater:state" in sandbox.tags(), 30)  # it tells the fleet a moment after it is up
    return sandbox


def test_the_installation_of_the_readme_puts_the_extension_onto_the_instance(installed):
    listed = installed.run("jupyter", "server", "extension", "list")
    assert "jupyter_nb_updater" in listed.stdout + listed.stderr
    status = installed.run("jupyter", "nb-updater", "status")
    assert status.returncode == 0, status.stdout + status.stderr


@pytest.mark.parametrize("block", blocks("repo"), ids=str)
def test_a_command_in_the_checkout_works(desk, block):
    answer = desk.run(block.text)
    assert answer.returncode == 0, answer.stdout + answer.stderr


@pytest.mark.parametrize("block", blocks("instance"), ids=str)
def test_a_command_on_the_instance_works(installed, block):
    answer = installed.run("bash", "-euc", block.text)
    assert answer.returncode == 0, answer.stdout + answer.stderr


@pytest.mark.parametrize("page", sorted({block.page for block in blocks("account")} - {README}), ids=lambda page: page.name)
def test_the_commands_of_a_guide_work_against_the_account(desk, installed, page):
    text = "\n".join(block.text for block in blocks("account") if block.page == page)
    answer = desk.run(f"export BUCKET=example-bucket NAME=research-1\n{text}")
    assert answer.returncode == 0, answer.stdout + answer.stderr


@pytest.mark.parametrize("block", blocks("instance, restarts"), ids=str)
def test_a_restart_from_the_terminal_comes_back_by_the_documented_stack(installed, block):
    answer = installed.run("bash", "-euc", block.text)
    # The machine may end the command before the command has said its last word.
    assert answer.returncode in (0, -signal.SIGTERM), answer.stdout + answer.stderr
    journal = ("jupyter", "nb-updater", "journal")
    eventually(lambda: "returned" in installed.run(*journal).stdout, 120, what=lambda: f"the instance is {installed.status}")
    installed.wait_for("InService")


@pytest.mark.parametrize("page", sorted({block.page for block in blocks("account, afterwards")}), ids=lambda page: page.name)
def test_the_way_out_leaves_an_instance_without_us(desk, installed, page):
    text = "\n".join(block.text for block in blocks("account, afterwards") if block.page == page)
    answer = desk.run(f"export NAME=research-1\n{text}")
    assert answer.returncode == 0, answer.stdout + answer.stderr
    installed.wait_for("InService", timeout=120)
    assert installed.run("jupyter", "nb-updater", "status").returncode != 0
