"""The commands of the platform engineer's guide take three instances from nothing to running with the extension."""

import base64

import pytest

from jupyter_nb_updater.sandbox import Sandbox
from tests.wait import eventually

from .admin_machine import admin_machine
from .pages import ROOT, blocks

GUIDE = ROOT / "docs/platform-engineer.md"
STACK, ATTACH, RESTART = (block.text for block in blocks("account, rollout") if block.page == GUIDE)
BUCKET = "example-bucket"

THEIRS = b"""#!/bin/bash
set -e
# Of the team's own: a shared folder, and a note of each start.
sudo -u ec2-user -i <<'EOF'
mkdir -p /home/ec2-user/SageMaker/shared
date >> /home/ec2-user/SageMaker/shared/starts
EOF
trap 'echo "set up" >> /home/ec2-user/SageMaker/shared/traps' EXIT
exit 0"""


@pytest.fixture(scope="module")
def instances():
    """Start three instances: two share a lifecycle configuration of their team, the third has none and is stopped."""
    bare = {"extension": False, "return_path": "none"}
    with (
        Sandbox(**bare) as first,
        Sandbox(name="research-2", aws=first.aws, **bare) as second,
        Sandbox(name="research-3", aws=first.aws, **bare) as third,
    ):
        sagemaker = first.aws.client("sagemaker")
        content = base64.b64encode(THEIRS).decode()
        sagemaker.create_notebook_instance_lifecycle_config(
            NotebookInstanceLifecycleConfigName="team", OnStart=[{"Content": content}]
        )
        for one in (first, second, third):
            sagemaker.stop_notebook_instance(NotebookInstanceName=one.name)
        for one in (first, second):
            one.wait_for("Stopped")
            sagemaker.update_notebook_instance(NotebookInstanceName=one.name, LifecycleConfigName="team")
            one.wait_for("Stopped")
            sagemaker.start_notebook_instance(NotebookInstanceName=one.name)
        third.wait_for("Stopped")
        for one in (first, second):
            one.wait_for("InService")
        region = {"LocationConstraint": first.aws.region}
        first.aws.client("s3").create_bucket(Bucket=BUCKET, CreateBucketConfiguration=region)
        yield first, second, third


@pytest.fixture(scope="module")
def desk(tmp_path_factory, wheel, instances):
    return admin_machine(tmp_path_factory.mktemp("desk"), wheel, instances[0])


def given(desk, text, **names):
    """Run a command of the guide, which must succeed."""
    exports = " ".join(f"{name}={value}" for name, value in names.items())
    answer = desk.run(f"export BUCKET={BUCKET} {exports}\n{text}")
    assert answer.returncode == 0, answer.stdout + answer.stderr
    return answer.stdout


def script_of(sandbox, name):
    answer = sandbox.aws.client("sagemaker").describe_notebook_instance_lifecycle_config(
        NotebookInstanceLifecycleConfigName=name
    )
    return base64.b64decode(answer["OnStart"][0]["Content"])


def test_three_commands_of_the_guide_put_it_onto_three_instances(desk, instances):
    first, second, third = instances
    given(desk, STACK)
    said = given(desk, ATTACH)
    assert "team: extension added; your script is unchanged" in said
    assert "nb-updater: created" in said
    assert [one.status for one in instances] == ["InService", "InService", "Stopped"]  # nothing was stopped, nothing started
    last = RESTART.splitlines()[-1]
    for one in instances:
        given(desk, last if one.status == "Stopped" else RESTART, NAME=one.name)
    for one in instances:
        one.wait_for("InService", timeout=120)
        eventually(lambda one=one: "nb-updater:state" in one.tags(), 60)
        status = one.run("jupyter", "nb-updater", "status")
        assert status.returncode == 0, status.stdout + status.stderr
    for one in (first, second):  # once in the beginning, once by the guide
        assert len((one.volume / "shared/starts").read_text().splitlines()) == 2
        assert len((one.volume / "shared/traps").read_text().splitlines()) == 2
    assert not (third.volume / "shared").exists()
    assert given(desk, "jupyter nb-updater lifecycle list").count("the extension is installed at each start") == 3


def test_the_way_out_gives_the_team_its_script_back_byte_for_byte(desk, instances):
    third = instances[2]
    third.aws.client("sagemaker").stop_notebook_instance(NotebookInstanceName=third.name)
    third.wait_for("Stopped")
    said = given(desk, "jupyter nb-updater lifecycle detach --all")
    assert "your script is as before, byte for byte" in said
    assert script_of(third, "team") == THEIRS
    described = third.aws.client("sagemaker").describe_notebook_instance(NotebookInstanceName=third.name)
    assert "NotebookInstanceLifecycleConfigName" not in described
