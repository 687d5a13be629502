"""A new version that is installed by a restart completes that restart, which the previous version began."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from jupyter_nb_updater.sandbox import Sandbox
from jupyter_nb_updater.util.clock import to_text
from tests.wait import eventually

SOFTWARE = {"kernel": "6.1.0", "os_release": "Amazon Linux release 2023.1", "python": "3.10.1", "jupyterlab": "4.0.1"}
FIRST = {"by": "ana", "losses": [], "software": SOFTWARE}
LATER = {"when": "now", "confirmed": [], "advice": {"level": "due", "reasons": []}, "policy": {}, "version": "0.0.9"}


def as_written(began: datetime, *, boot: str | None, more: dict[str, Any]) -> str:
    """Return the records of a restart up to the stop, as earlier versions wrote them."""
    steps: list[tuple[str, dict[str, Any]]] = [
        ("requested", FIRST | more),
        ("cleared", {"return_path": "verified"}),
        ("saved", {"documents": [], **({"lost": [], "consent": "named"} if more else {})}),
        ("armed", {"until": to_text(began + timedelta(hours=1))}),
        ("accepted", {"request_id": "an-id"}),
    ]
    always = {"restart": "r-before", "stops_only": False, "findings": []} | ({"boot": boot} if boot else {})
    records = ({"time": to_text(began), "event": event, **always, **facts} for event, facts in steps)
    return "".join(json.dumps(record) + "\n" for record in records)


@pytest.mark.parametrize(
    ("boot", "more"), [(None, {}), ("a-boot-before", LATER)], ids=["23 November 2026", "the day before this version"]
)
def test_a_restart_that_the_version_before_has_begun_is_followed_up(
    tmp_path: Path, wheel: Path, boot: str | None, more: dict[str, Any]
) -> None:
    with Sandbox(root=tmp_path, wheel=wheel, return_path="none") as sandbox:
        sagemaker = sandbox.aws.client("sagemaker")
        sagemaker.stop_notebook_instance(NotebookInstanceName=sandbox.name)
        sandbox.wait_for("Stopped")
        journal = sandbox.volume / ".nb-updater" / "journal.jsonl"
        journal.write_text(as_written(datetime.now(timezone.utc) - timedelta(seconds=5), boot=boot, more=more))
        sagemaker.start_notebook_instance(NotebookInstanceName=sandbox.name)
        sandbox.wait_for("InService", timeout=120)

        def returned() -> dict[str, Any] | None:
            records = [json.loads(line) for line in journal.read_text().splitlines()]
            return next((record for record in records if record["event"] == "returned"), None)

        record = eventually(returned, 60)
        assert record["restart"] == "r-before"
        assert record["outcome"] in ("updated", "failed-to-return")  # nobody of ours has started it: the return path is none
