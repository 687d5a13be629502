"""What Prometheus reads of this instance from Jupyter's ``/metrics``."""

import json
import re
from datetime import timedelta

import pytest

from jupyter_nb_updater.restart.findings import Finding
from jupyter_nb_updater.restart.machine import Restart, RestartOrder
from jupyter_nb_updater.service.metrics import Metrics
from jupyter_nb_updater.util.clock import to_text, utcnow

from .test_routes import call, settled


async def seen(jp_fetch):
    """Return all our samples by name and labels."""
    text = (await jp_fetch("metrics")).body.decode()
    return {name: float(value) for name, value in re.findall(r"^(nb_updater\S*?) (\S+)$", text, re.MULTILINE)}


def ones(samples, family):
    return [name for name, value in samples.items() if name.startswith(family) and value == 1]


async def test_the_phase_and_the_level_are_seen_where_jupyter_tells_its_own(jp_fetch, app):
    await app.monitor.refresh_machine()
    samples = await seen(jp_fetch)
    assert ones(samples, "nb_updater_restart_phase") == ['nb_updater_restart_phase{phase="idle"}']
    assert ones(samples, "nb_updater_advice_level") == ['nb_updater_advice_level{level="advised"}']


async def test_a_refusal_is_counted_by_what_was_in_the_way(jp_fetch, app):
    name = 'nb_updater_restarts_hindered_total{code="unreachable",phase="refused"}'
    before = (await seen(jp_fetch)).get(name, 0)
    await call(jp_fetch, "restart", "POST", "{}")
    await settled(app, "refused")
    after = await seen(jp_fetch)
    assert after[name] == before + 1
    assert after['nb_updater_restart_phase{phase="refused"}'] == 1


@pytest.fixture
def history(machine, tmp_path):
    """Write a journal of earlier restarts: completed in 4 minutes, started by somebody else, refused."""
    began, sent = utcnow() - timedelta(days=9), []

    def write(event, seconds, **facts):
        time = to_text(began + timedelta(seconds=seconds))
        sent.append({"time": time, "event": event, "restart": "r", "stops_only": False, "findings": [], **facts})

    for start, outcome in ((0, "updated"), (86400, "failed-to-return")):
        write("requested", start)
        write("returned", start + 240, outcome=outcome)
    write("requested", 172800)
    write("refused", 172801, findings=[Finding("tab-silent", "lab").to_json()])
    for strange in (7, [7], [{"no": "code"}]):
        write("refused", 172802, findings=strange)
    folder = tmp_path / "SageMaker" / ".nb-updater"
    folder.mkdir(parents=True)
    (folder / "journal.jsonl").write_text("".join(json.dumps(record) + "\n" for record in sent))


NAMES = (
    'nb_updater_restart_seconds_bucket{le="240.0"}',
    'nb_updater_restart_seconds_bucket{le="180.0"}',
    "nb_updater_restart_seconds_sum",
    "nb_updater_failed_returns_total",
    'nb_updater_restarts_hindered_total{code="tab-silent",phase="refused"}',
)


def sampled():
    from prometheus_client import REGISTRY, generate_latest

    text = generate_latest(REGISTRY).decode()
    told = dict(re.findall(r"^(nb_updater\S*?) (\S+)$", text, re.MULTILINE))
    return [float(told.get(name, 0)) for name in NAMES]


@pytest.fixture
def before(history):
    Metrics()
    return sampled()


async def test_what_happened_before_this_server_is_counted_too(before, app, jp_fetch):
    samples = await seen(jp_fetch)
    assert [samples[name] - then for name, then in zip(NAMES, before, strict=True)] == [1, 0, 240, 1, 1]


def test_two_servers_in_one_process_share_one_registry():
    before = sampled()
    outcome = {"outcome": "updated", "seconds": 240}
    for metrics in (Metrics(), Metrics()):
        metrics.happened("returned", Restart("idle", RestartOrder("r")), outcome)
        metrics.happened("returned", Restart("idle", RestartOrder("r", stops_only=True)), outcome)  # a person's time, not ours
        metrics.happened("resumed", Restart("refused", RestartOrder("r"), findings=(Finding("tab-silent", "lab"),)), None)
    assert [now - then for now, then in zip(sampled(), before, strict=True)] == [2, 0, 480, 0, 0]
