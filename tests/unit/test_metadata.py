"""Which machine is this?"""

import json

import pytest

from jupyter_nb_updater.instance.metadata import InstanceMetadata, NotANotebookInstance, parse

ARN = "arn:aws:sagemaker:eu-west-1:123456789012:notebook-instance/research-one"


def metadata(**changes):
    return json.dumps({"ResourceArn": ARN, "ResourceName": "Research-One", **changes})


def test_the_name_comes_from_its_own_key_because_the_arn_is_in_lower_case():
    identity = parse(metadata())
    assert (identity.name, identity.arn) == ("Research-One", ARN)


def test_region_account_and_partition_come_from_the_arn():
    identity = parse(metadata(ResourceArn=ARN.replace("arn:aws:", "arn:aws-cn:")))
    assert (identity.partition, identity.region, identity.account) == ("aws-cn", "eu-west-1", "123456789012")


def test_the_console_link_is_https_and_of_the_partition():
    gov = parse(metadata(ResourceArn="arn:aws-us-gov:sagemaker:us-gov-west-1:1:notebook-instance/n"))
    assert gov.console_url.startswith("https://us-gov-west-1.console.amazonaws-us-gov.com/")


def test_an_unknown_partition_has_no_console_link():
    assert parse(metadata(ResourceArn=ARN.replace("arn:aws:", "arn:aws-new:"))).console_url is None


def test_studio_writes_the_same_file_and_is_told_apart_by_the_arn():
    with pytest.raises(NotANotebookInstance, match="'app', not a notebook instance") as caught:
        parse(metadata(ResourceArn="arn:aws:sagemaker:eu-west-1:1:app/d-1/user/JupyterLab/default", UserProfileName="u"))
    assert caught.value.code == "other-resource"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "null",
        "7",
        '"text"',
        "{}",
        '{"ResourceArn": "x", "ResourceName": "n"}',
        '{"ResourceArn": 7, "ResourceName": "n"}',
    ]
    + [metadata(ResourceName=""), metadata(ResourceName=None), metadata(ResourceArn="arn:aws:sagemaker:::notebook-instance/n")],
)
def test_anything_but_the_documented_form_is_malformed(text):
    with pytest.raises(NotANotebookInstance) as caught:
        parse(text)
    assert caught.value.code == "malformed-metadata"


def test_a_laptop_has_no_file(tmp_path):
    with pytest.raises(NotANotebookInstance) as caught:
        InstanceMetadata(path=str(tmp_path / "none.json")).read()
    assert caught.value.code == "no-metadata"


def test_an_unreadable_file_is_told_as_such(tmp_path):
    with pytest.raises(NotANotebookInstance) as caught:
        InstanceMetadata(path=str(tmp_path)).read()  # a folder: unreadable for root too
    assert caught.value.code == "unreadable-metadata"


def test_bytes_that_are_no_text_are_unreadable(tmp_path):
    path = tmp_path / "metadata.json"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(NotANotebookInstance) as caught:
        InstanceMetadata(path=str(path)).read()
    assert caught.value.code == "unreadable-metadata"


def test_the_message_names_the_file(tmp_path):
    path = tmp_path / "metadata.json"
    path.write_text("{")
    with pytest.raises(NotANotebookInstance, match=str(path)):
        InstanceMetadata(path=str(path)).read()
