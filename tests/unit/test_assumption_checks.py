"""What an instance shows of the assumptions, and that no secret gets into the file."""

import json

import pytest
from tornado.httputil import HTTPHeaders

from jupyter_nb_updater.assumptions.checks import CHECKS, compare
from jupyter_nb_updater.assumptions.facts import bounded, masked, unit_in, unit_of
from jupyter_nb_updater.assumptions.observed import Observed
from jupyter_nb_updater.assumptions.registry import load_assumptions
from jupyter_nb_updater.assumptions.request_headers import RequestRecorder, record_of, request_kind
from jupyter_nb_updater.doctor import checks as check

ASSUMPTIONS = load_assumptions()
PUBLIC = "https://research-1-x1y2.notebook.eu-west-1.sagemaker.aws"
VERSIONS = {
    "jupyter_server": "2.17.0", "jupyterlab": "4.5.9", "notebook": "7.5.1", "tornado": "6.5.2", "boto3": "1.40.1",
    "botocore": "1.40.1", "requests": "2.32.0", "psutil": "7.0.0", "traitlets": "5.14.3", "PyYAML": "6.0",
    "jsonschema": "4.25.0",
}  # fmt: skip
ENVIRONMENT = "/home/ec2-user/anaconda3/envs/JupyterSystemEnv"


def request(status=200, **values):
    names = sorted({"accept", "x-nb-updater", *(name.replace("_", "-") for name in values)})
    return {"status": status, "names": names, "values": {name.replace("_", "-"): value for name, value in values.items()}}


@pytest.mark.parametrize(
    ("service", "unit"), [("jupyter-server.service", "jupyter-server.service"), ("session-c2.scope", "session-c1.scope")]
)
def test_the_unit_is_that_of_a_parent_where_su_gives_jupyter_a_session_of_its_own(service, unit):
    """AWS's start script starts Jupyter by ``su -l`` (pam_systemd(8))."""
    files = {
        "proc/9/cgroup": "0::/user.slice/user-1000.slice/session-c1.scope\n",
        "proc/9/status": "Name:\tjupyter-lab\nPPid:\t7\n",
        "proc/7/cgroup": f"0::/system.slice/{service}\n",
        "proc/7/status": "Name:\tsu\nPPid:\t1\n",
        "proc/1/cgroup": "0::/init.scope\n",
        "proc/1/status": "Name:\tsystemd\nPPid:\t0\n",
    }
    assert unit_of("9", lambda path: files.get(path, "")) == unit
    del files["proc/9/status"]
    assert unit_of("9", lambda path: files.get(path, "")) == "session-c1.scope"


def as_assumed():
    """Return what an instance shows on which every assumption holds."""
    fetched = {"host": "172.16.1.2:8443", "origin": PUBLIC, "sec_fetch_site": "same-origin"}
    return {
        "facts": {
            "boot": {"id": "b1", "is_plausible": True},
            "process": {
                "unit": "jupyter-server.service",
                "user": "ec2-user",
                "prefix": ENVIRONMENT,
                "python": "3.10.14",
                "arguments": [],
            },
            "server": {
                "ip": "0.0.0.0",
                "port": 8443,
                "socket": False,
                "tls": True,
                "root_dir": "/home/ec2-user/SageMaker",
                "login_handler": "sagemaker_nbi_agent.jupyter_overrides.login_handler.SageMakerNotebookLoginHandler",
                "identity_provider": "jupyter_server.auth.identity.LegacyIdentityProvider",
                "kernel_manager": "jupyter_server.services.kernels.kernelmanager.AsyncMappingKernelManager",
                "has_token": False,
                "has_password": False,
                "allow_origin": "",
                "allow_origin_pat": r"https:\/\/(research-1-x1y2|Research-1).notebook.eu-west-1.sagemaker.aws",
                "disable_check_xsrf": False,
                "configuration_folders": ["/home/ec2-user/.jupyter", f"{ENVIRONMENT}/etc/jupyter"],
            },
            "machine": {"systemd": True, "cron": True},
            "image": {
                "release": "Amazon Linux release 2023.9.20251110 (Amazon Linux)",
                "metadata_keys": ["ResourceArn", "ResourceName"],
                "arn": "arn:aws:sagemaker:eu-west-1:123456789012:notebook-instance/research-1",
                "name": "Research-1",
            },
            "notebook_config": {"exists": True, "notebook_uri": "https://research.*", "csrf_check": "enabled"},
            "versions": dict(VERSIONS),
            "address": {"file_exists": True, "host": "ip-172-16-1-2.ec2.internal", "resolves": False},
            "kernels": [{"environment": "python3", "path": "/home/ec2-user/anaconda3/envs/python3", "ipykernel": "6.29.5"}],
        },
        "requests": {
            "GET": request(**fetched),
            "POST": request(201, **fetched),
            "WebSocket": request(101, host="172.16.1.2:8443", origin=PUBLIC),
        },
    }


def results(content):
    found = compare(ASSUMPTIONS.values(), Observed.parse(content))
    return {one.assumption.id: (one.result, one.found) for one in found}


def test_every_check_is_in_the_registry_and_the_registry_names_no_other():
    assert list(CHECKS) == [one.id for one in ASSUMPTIONS.values() if one.check]


def test_on_an_instance_as_we_think_it_is_everything_holds():
    assert {name: found for name, (result, found) in results(as_assumed()).items() if result != "holds"} == {}


@pytest.mark.parametrize(
    "content", [{}, {"facts": 3, "requests": []}, {"facts": {"server": "?", "kernels": 7}, "requests": {"GET": 1}}]
)
def test_what_was_not_observed_is_unknown(content):
    assert {result for result, _ in results(content).values()} == {"unknown"}


DIFFERENT = [
    ("facts", "process", "unit", "jupyter.service", "jupyter-unit", "`jupyter.service`"),
    ("facts", "process", "unit", None, "jupyter-unit", "no unit"),
    ("facts", "process", "user", "root", "jupyter-user", "`root`"),
    ("facts", "process", "python", "3.9.20", "python-version", "Python 3.9.20"),
    ("facts", "server", "ip", "172.16.1.2", "listen-address", "`172.16.1.2`"),
    ("facts", "server", "port", 8888, "port", "port 8888"),
    ("facts", "server", "tls", False, "tls", "no certificate"),
    ("facts", "server", "root_dir", "/home/ec2-user", "volume-is-root", "`/home/ec2-user`"),
    ("facts", "server", "login_handler", "jupyter_server.auth.login.LoginFormHandler", "login-handler", "LoginFormHandler"),
    ("facts", "server", "kernel_manager", "jupyter_server.gateway.GatewayKernels", "kernels-are-local", "Gateway"),
    ("facts", "server", "has_token", True, "empty-token", "a token"),
    ("facts", "server", "allow_origin", "*", "allowed-origin", "`allow_origin` is `*`"),
    ("facts", "server", "disable_check_xsrf", True, "xsrf-check", "`True`"),
    ("facts", "server", "configuration_folders", ["/etc/jupyter"], "configuration-folders", "`/etc/jupyter`"),
    ("facts", "machine", "systemd", False, "systemd-runs", "no systemd"),
    ("facts", "machine", "cron", False, "cron-runs", "no cron"),
    ("facts", "image", "release", "Amazon Linux release 2 (Karoo)", "os-release", "Karoo"),
    ("facts", "image", "metadata_keys", ["ResourceArn", "ResourceName", "UserProfileName"], "metadata-file", "UserProfileName"),
    ("facts", "image", "name", "other", "metadata-case", "`other`"),
    ("facts", "notebook_config", "csrf_check", "disabled", "notebook-uri", "`disabled`"),
    ("facts", "notebook_config", "exists", False, "notebook-uri", "no such file"),
    ("facts", "versions", "jupyterlab", "3.6.8", "server-versions", "jupyterlab 3.6.8"),
    ("facts", "versions", "notebook", None, "server-versions", "no notebook"),
    ("facts", "versions", "boto3", "1.26.0", "libraries-on-image", "boto3 1.26.0"),
    ("facts", "address", "file_exists", False, "server-file", "no file"),
    ("facts", "address", "resolves", True, "server-name", "which resolves"),
    ("facts", "boot", "is_plausible", False, "boot-time", "no boot time"),
    ("requests", "WebSocket", "status", 403, "channel-accepted", "403"),
    ("requests", "WebSocket", "names", ["sec-fetch-mode"], "websocket-without-metadata", "`sec-fetch-mode`"),
    ("requests", "GET", "names", ["sec-fetch-site"], "own-headers-pass", "without `X-Nb-Updater`"),
    ("requests", "POST", "names", ["accept", "x-nb-updater"], "fetch-metadata", "a POST without `Sec-Fetch-Site`"),
    ("requests", "POST", "names", ["sec-fetch-site", "x-forwarded-host"], "no-forwarded-host", "`x-forwarded-host`"),
    ("requests", "GET", "values", {"host": "research-1.sagemaker.aws"}, "host-rewritten", "research-1"),
    ("requests", "GET", "values", {"origin": "https://x.example", "host": "172.16.1.2:8443"}, "origin-kept", "x.example"),
]  # fmt: skip


@pytest.mark.parametrize(("part", "section", "name", "value", "id_", "found"), DIFFERENT)
def test_each_difference_is_found_and_nothing_else(part, section, name, value, id_, found):
    content = as_assumed()
    content[part][section][name] = value
    different = {one: text for one, (result, text) in results(content).items() if result != "holds"}
    assert list(different) == [id_]
    assert found in different[id_]


def test_another_environment_is_found_and_that_its_configuration_is_not_read():
    content = as_assumed()
    content["facts"]["process"]["prefix"] = "/opt/conda"
    different = [one for one, (result, _) in results(content).items() if result != "holds"]
    assert different == ["jupyter-environment", "configuration-folders"]


@pytest.mark.parametrize(
    ("kernel", "found"),
    [
        ({"path": "/opt/python", "ipykernel": "6.29.5"}, "`/opt/python`"),
        ({"path": "/home/ec2-user/anaconda3/envs/R", "ipykernel": None}, "envs/R` without ipykernel"),
    ],
)
def test_an_environment_of_another_kind_is_found(kernel, found):
    content = as_assumed()
    content["facts"]["kernels"].append({"environment": "x", **kernel})
    assert found in results(content)["kernel-environments"][1]


def test_the_doctor_says_what_a_difference_means_and_what_to_do():
    content = as_assumed()
    content["facts"]["process"]["unit"] = "jupyter.service"
    content["facts"]["machine"]["cron"] = False
    del content["requests"]["WebSocket"]
    compared = compare(ASSUMPTIONS.values(), Observed.parse(content))
    summary, *different = check.of_observed(compared, "2026-12-01T00:00:00Z")
    assert (summary.verdict, "Different: 2" in summary.said, ASSUMPTIONS["channel-accepted"].check in summary.said) == (
        "unknown",
        True,
        True,
    )
    unit, cron = different
    assert (unit.verdict, cron.verdict) == ("warning", "differs")
    assert "Assumed: Jupyter runs in the systemd unit `jupyter-server.service`" in unit.said
    assert "Found: `jupyter.service`. " in unit.said
    assert (bool(unit.todo), cron.todo) == (True, "")


SECRETS = [
    (["--ServerApp.token=abc"], ["--ServerApp.token=***"]),
    (["--NotebookApp.token="], ["--NotebookApp.token="]),
    (["--token", "abc", "--ip=0.0.0.0"], ["--token", "***", "--ip=0.0.0.0"]),
    (["--token", "--port=8443"], ["--token", "--port=8443"]),
    (["--ServerApp.password=argon2:x"], ["--ServerApp.password=***"]),
    (["--Some.api_key=abc", "--Some.aws_secret_access_key=abc"], ["--Some.api_key=***", "--Some.aws_secret_access_key=***"]),
    (["--proxy=https://me:pw@host/path?sig=1"], ["--proxy=https://***@host/path?***"]),
    (["--x=0123456789abcdef0123456789abcdef0123456789abcdef"], ["--x=***"]),
    (["--certfile=/etc/ssl/certificate_of_this_machine.pem"], ["--certfile=/etc/ssl/certificate_of_this_machine.pem"]),
    (
        ["--ServerApp.login_handler_class=sagemaker_nbi_agent.jupyter_overrides.login_handler.SageMakerNotebookLoginHandler"],
        ["--ServerApp.login_handler_class=sagemaker_nbi_agent.jupyter_overrides.login_handler.SageMakerNotebookLoginHandler"],
    ),
]  # fmt: skip


@pytest.mark.parametrize(("arguments", "shown"), SECRETS)
def test_arguments_are_shown_without_secrets(arguments, shown):
    assert masked(arguments) == shown


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("0::/system.slice/jupyter-server.service\n", "jupyter-server.service"),
        ("3:cpu:/other.service\n1:name=systemd:/system.slice/jupyter-server.service\n", "jupyter-server.service"),
        ("0::/user.slice/user-1000.slice/user@1000.service/app.slice/jupyter.service", "jupyter.service"),
        ("0::/user.slice/user-0.slice/session-3.scope", "session-3.scope"),
        ("0::/", None),
        ("nonsense", None),
        ("", None),
    ],
)
def test_the_unit_is_the_last_one_of_the_control_group(text, unit):
    assert unit_in(text) == unit


def test_everything_that_is_written_is_bounded():
    endless = {"x" * 10_000: ["y" * 10_000] * 10_000, "deep": [[[[[[["z"]]]]]]], "line": "a\nb\x1b[0m"}
    text = json.dumps(bounded(endless))
    assert len(text) < 25_000
    assert "a b?[0m" in text


COOKIES = {"Cookie": "session=hidden", "Authorization": "token hidden", "X-XSRFToken": "hidden", "X-Amz-Security": "hidden"}


def test_of_a_request_only_names_and_hosts_are_recorded():
    headers = HTTPHeaders({
        **COOKIES,
        "Host": "172.16.1.2:8443",
        "Origin": PUBLIC,
        "Forwarded": 'for=192.0.2.60;proto=https;host="public.example";by=203.0.113.43',
        "X-Forwarded-For": "192.0.2.60",
        "Referer": f"{PUBLIC}/lab?token=hidden",
    })  # fmt: skip
    record = record_of("PUT", "lab/api/workspaces/hidden", 204, headers)
    assert "hidden" not in json.dumps(record)
    assert "192.0.2.60" not in json.dumps(record)
    assert record["route"] == "lab"
    assert set(record["values"]) == {"host", "origin", "forwarded"}
    assert record["values"]["forwarded"] == 'proto=https;host="public.example"'
    assert {"cookie", "authorization", "x-forwarded-for"} <= set(record["names"])


@pytest.mark.parametrize(
    ("method", "headers", "kind"),
    [
        ("GET", {"Referer": "x"}, "GET"),
        ("GET", {"Sec-Fetch-Site": "same-origin"}, "GET"),
        ("GET", {"Origin": "x", "Upgrade": "WebSocket"}, "WebSocket"),
        ("PUT", {"Origin": "x"}, "POST"),
        ("HEAD", {"Origin": "x"}, None),
        ("GET", {"User-Agent": "curl"}, None),
        ("POST", {}, None),
    ],
)
def test_only_requests_of_a_browser_are_recorded(method, headers, kind):
    assert request_kind(method, HTTPHeaders(headers)) == kind


class Answered:
    """A request of a page that Jupyter has answered."""

    def __init__(self, method, path, status, **headers):
        self.request = self
        self.method, self.path, self.status = method, path, status
        self.headers = HTTPHeaders({"Origin": PUBLIC, **headers})

    def get_status(self):
        return self.status


def test_a_refusal_is_recorded_until_a_request_is_accepted_and_then_nothing_more():
    logged, settings = [], {}
    settings["log_function"] = log = logged.append
    changes = []
    recorder = RequestRecorder(settings, "/base/", lambda: changes.append(1))
    recorder.start()
    channel = {"Upgrade": "websocket"}
    for answered in [
        Answered("GET", "/base/api/contents", 200),
        Answered("GET", "/base/nb-updater/channel", 403, **channel),
        Answered("GET", "/base/nb-updater/channel", 403, **channel),
        Answered("GET", "/base/nb-updater/state", 200),
        Answered("PUT", "/base/api/workspaces", 204),
        Answered("GET", "/base/nb-updater/channel", 101, **channel),
        Answered("GET", "/base/nb-updater/channel", 403, **channel),
    ]:
        settings["log_function"](answered)
    statuses = {kind: record["status"] for kind, record in recorder.records.items()}
    assert statuses == {"WebSocket": 101, "GET": 200, "POST": 204}
    assert (len(changes), len(logged)) == (4, 7)
    assert settings["log_function"] is log


def test_a_log_function_that_another_program_has_wrapped_stays():
    settings = {"log_function": lambda _: None}
    recorder = RequestRecorder(settings, "/", lambda: None)
    recorder.start()
    ours = settings["log_function"]

    def theirs(handler):
        ours(handler)

    settings["log_function"] = theirs
    recorder.stop()
    settings["log_function"](Answered("GET", "/nb-updater/state", 200))
    assert settings["log_function"] is theirs
    assert recorder.records == {}


def test_what_was_recorded_before_does_not_replace_an_accepted_request():
    settings = {"log_function": lambda _: None}
    recorder = RequestRecorder(settings, "/", lambda: None)
    recorder.start()
    settings["log_function"](Answered("GET", "/nb-updater/state", 200))
    recorder.recall({"GET": {"status": 403}, "POST": {"status": 403}, "WebSocket": "?"})
    assert {kind: record["status"] for kind, record in recorder.records.items()} == {"GET": 200, "POST": 403}
