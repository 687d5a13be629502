"""Installed software, and what a restart changed."""

from jupyter_nb_updater.instance.software import Software, changes


def test_it_names_the_release_of_the_operating_system(tmp_path):
    path = tmp_path / "system-release"
    path.write_text("Amazon Linux release 2023.9.20251110 (Amazon Linux)\n")
    assert Software(release_path=str(path)).read()["os_release"] == "Amazon Linux 2023.9.20251110"


def test_what_is_not_there_is_left_out(tmp_path):
    found = Software(release_path=str(tmp_path / "none"), packages=["traitlets", "no-such-package"]).read()
    assert {"kernel", "python", "traitlets"} == set(found)


def test_changes_name_before_and_after():
    assert changes({"jupyterlab": "4.5.11", "kernel": "6.1"}, {"jupyterlab": "4.6.6", "kernel": "6.1"}) == [
        {"name": "jupyterlab", "before": "4.5.11", "after": "4.6.6"}
    ]


def test_what_came_and_what_went_are_changes_too():
    assert changes({"a": "1"}, {"b": "2"}) == [
        {"name": "a", "before": "1", "after": None},
        {"name": "b", "before": None, "after": "2"},
    ]
