"""After a boot the result of the restart is in the state document, the journal and Jupyter's event log."""

import json
import logging
from datetime import timedelta

import pytest

from jupyter_nb_updater.util.clock import to_text, utcnow
from tests.wait import eventually_async

EVENTS = []


class Kept(logging.Handler):
    """A logging handler that keeps events."""

    def emit(self, record):
        EVENTS.append(json.loads(self.format(record)))


@pytest.fixture
def jp_server_config(jp_server_config, machine, tmp_path, request):
    """Configure a server on a machine that booted 34 days ago; the stop before was armed for an hour."""
    EVENTS.clear()
    stopped = utcnow() - timedelta(days=request.param)
    until = to_text(stopped + timedelta(hours=1))
    facts = {"requested": {"by": "ana", "when": "now"}, "armed": {"until": until, "void": until}}
    folder = tmp_path / "SageMaker" / ".nb-updater"
    folder.mkdir(parents=True)
    with (folder / "journal.jsonl").open("w") as file:
        for event in ("requested", "cleared", "saved", "armed", "accepted"):
            record = {"time": to_text(stopped), "event": event, "restart": "r-1", "findings": [], **facts.get(event, {})}
            file.write(json.dumps(record) + "\n")
    return {**jp_server_config, "EventLogger": {"handlers": [Kept()]}}


async def back(app):
    await eventually_async(lambda: app.state["outcome"], 30)


WAYS = [(36, "failed-to-return"), (34.02, "updated")]


@pytest.mark.parametrize(("jp_server_config", "word"), WAYS, indirect=["jp_server_config"])
async def test_whether_it_came_back_by_itself_is_told_everywhere(app, word):
    await back(app)
    assert app.state["outcome"]["outcome"] == word
    assert app.journal.records()[-1]["outcome"] == word
    assert app.state["restart"]["usual_seconds"] == (None if word == "failed-to-return" else app.state["outcome"]["seconds"])
    ours = [event for event in EVENTS if event["__schema__"].startswith("urn:jupyter-nb-updater")]
    assert [(event["event"], event["outcome"]) for event in ours] == [("booted", None), ("returned", word)]
