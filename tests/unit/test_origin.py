"""Does a request come from a page of this server?"""

import json
import logging
import re

import pytest

from jupyter_nb_updater.base import page_of
from jupyter_nb_updater.instance.origin import Allowed, TrustedOrigins, is_ours, origin_pattern, parse_origin
from jupyter_nb_updater.instance.sagemaker import Description

NAME = "n.notebook.eu-west-1.sagemaker.aws"
PUBLIC = f"https://{NAME}"
BEHIND = {"Host": "172.16.0.9:8443"}
NOTEBOOK_URI = r"https:\/\/(Research-1|research-1).notebook.cn-north-1.sagemaker.com.cn"
RESEARCH = "https://research-1.notebook.cn-north-1.sagemaker.com.cn"


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "same-origin", "Origin": PUBLIC, "Host": "127.0.0.1:8443"},
        {"Origin": "http://localhost:8888", "Host": "localhost:8888"},
        {"Origin": "http://LOCALHOST:8888", "Host": "localhost:8888"},
        {"Origin": "https://localhost", "Host": "localhost:443"},
        {"Origin": "http://[::1]:8888", "Host": "[::1]:8888"},
        {"Host": "localhost:8888"},
    ],
)
def test_our_own_page_and_a_program_on_the_instance_may(headers):
    assert is_ours(headers, Allowed())


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site", "Origin": "http://localhost:8888", "Host": "localhost:8888"},
        {"Sec-Fetch-Site": "same-site", "Host": "localhost:8888"},
        {"Sec-Fetch-Site": "none", "Host": "localhost:8888"},
        {"Sec-Fetch-Site": "cross-site", "Origin": PUBLIC, **BEHIND},
        {"Origin": "https://evil.example", "Host": "localhost:8888"},
        {"Origin": "null", "Host": "localhost:8888"},
        {"Origin": "null", "Host": "null"},
        {"Origin": "", "Host": ""},
        {"Origin": "http://localhost:9999", "Host": "localhost:8888"},
        {"Origin": "http://localhost:8888"},
        {"Origin": "file://", "Host": "localhost:8888"},
        {"Origin": "http://localhost:8888@evil.example", "Host": "localhost:8888"},
        {"Origin": "http://evil.example/localhost:8888", "Host": "localhost:8888"},
        {"Origin": "http://localhost:8888 http://evil.example", "Host": "localhost:8888"},
        {"Origin": "http://[::1]:9999", "Host": "[::1]:8888"},
    ],
)
def test_every_other_page_may_not(headers):
    assert not is_ours(headers, Allowed({parse_origin(PUBLIC)}))


@pytest.mark.parametrize("origin", [PUBLIC, PUBLIC.upper().replace("HTTPS", "https"), f"{PUBLIC}:443"])
def test_a_page_of_the_public_name_may_behind_a_proxy_that_replaces_host(origin):
    assert is_ours({"Origin": origin, **BEHIND}, Allowed({parse_origin(PUBLIC)}))


@pytest.mark.parametrize(
    "origin",
    [
        f"http://{NAME}",
        f"{PUBLIC}:8443",
        f"{PUBLIC}.evil.example",
        f"{PUBLIC}.",
        f"https://evil-{NAME}",
        f"https://evil.{NAME}",
        f"https://{NAME}@evil.example",
        f"https://evil.example#{NAME}",
        f"{PUBLIC}\n",
        "https://xn--n-0ca.notebook.eu-west-1.sagemaker.aws",
        "null",
    ],
)
def test_a_name_that_only_looks_like_the_public_one_may_not(origin):
    allowed = Allowed({parse_origin(PUBLIC)}, [origin_pattern(re.escape(PUBLIC))])
    assert not is_ours({"Origin": origin, **BEHIND}, allowed)


@pytest.mark.parametrize(
    ("pattern", "origin", "may"),
    [
        (NOTEBOOK_URI, RESEARCH, True),
        (NOTEBOOK_URI.replace("(Research-1|research-1)", "Research-1"), RESEARCH, True),
        (NOTEBOOK_URI, RESEARCH.replace(".com.cn", "xcom.cn"), False),
        (NOTEBOOK_URI, f"{RESEARCH}.evil.example", False),
        (NOTEBOOK_URI, f"{RESEARCH}:8443", False),
        (NOTEBOOK_URI, "https://evil.example", False),
        (r"https://a\.example|https://b\.example", "https://a.example.evil.example", False),
        (r"https://a\.example|https://b\.example", "https://b.example", True),
        (r"https://[a-z]+\.example(:\d+)?", "https://a.example:8443", True),
        (r"https://.*\.corp\.example", "https://a.corp.example", True),
        (r"https://.*\.corp\.example", "https://a.corp.example.evil.example", False),
        (r"https://a\.example.*", "https://a.example.evil.example", False),
        (r".*", "https://evil.example", False),
        (r"https?://.+", "https://evil.example", False),
        (r"https://.*\.corp\.example|.*", "https://evil.example", False),
        (r".*", "null", False),
        (r"null", "null", False),
    ],
)
@pytest.mark.parametrize("compiled", [False, True])
def test_a_pattern_has_to_match_the_whole_origin_and_not_every_page(pattern, origin, may, compiled):
    settings = {"allow_origin_pat": re.compile(pattern) if compiled else pattern}
    assert TrustedOrigins(config_path="/nowhere").admits({"Origin": origin, **BEHIND}, settings) is may


@pytest.mark.parametrize(
    ("allow_origin", "may"), [("*", False), ("", False), (PUBLIC, True), (f"{PUBLIC}.evil.example", False), ("null", False)]
)
def test_an_allowed_origin_has_to_be_named(allow_origin, may):
    assert TrustedOrigins().admits({"Origin": PUBLIC, **BEHIND}, {"allow_origin": allow_origin}) is may


@pytest.mark.parametrize("page", ["null", "https://evil.example"])
def test_a_server_that_allows_every_origin_does_not_allow_a_foreign_page(page):
    assert not TrustedOrigins().admits({"Origin": page, **BEHIND}, {"allow_origin": "*"})


@pytest.mark.parametrize(
    ("url", "origin", "may"),
    [
        (NAME, PUBLIC, True),
        (NAME.upper(), PUBLIC, True),
        (f"{PUBLIC}/lab", PUBLIC, True),
        (NAME, f"http://{NAME}", False),
        (f"http://{NAME}", f"http://{NAME}", False),
        ("localhost:8890", "http://localhost:8890", True),
        ("localhost:8890", "http://localhost:8891", False),
        ("", "https://evil.example", False),
        (None, "https://evil.example", False),
    ],
)
def test_aws_tells_the_public_name(url, origin, may):
    origins = TrustedOrigins()
    origins.describe(Description("InService", "arn", url=url))
    origins.describe(None)  # a later request failed
    assert origins.admits({"Origin": origin, **BEHIND}, {"allow_origin": "*"}) is may


def test_the_description_carries_the_public_name():
    response = {"NotebookInstanceStatus": "InService", "NotebookInstanceArn": "arn", "Url": NAME}
    assert Description.from_response(response).url == NAME


def read_from(path, content):
    path.write_text(content)
    origins = TrustedOrigins(config_path=str(path))
    origins.read()
    return origins


def test_a_file_of_the_image_tells_the_public_name(tmp_path):
    origins = read_from(tmp_path / "config.json", json.dumps({"notebook_uri": NOTEBOOK_URI, "csrf_check": "disabled"}))
    assert origins.admits({"Origin": RESEARCH, **BEHIND}, {"allow_origin": "*"})
    assert not origins.admits({"Origin": "https://evil.example", **BEHIND}, {"allow_origin": "*"})


@pytest.mark.parametrize("content", ['{"notebook_uri": "https://(n"}', "{", "[]", '"text"'])
def test_a_file_that_cannot_be_understood_is_logged_once_and_ignored(tmp_path, caplog, content):
    with caplog.at_level(logging.WARNING):
        origins = read_from(tmp_path / "config.json", content)
        assert not origins.admits({"Origin": "https://n", **BEHIND}, {"allow_origin": "*"})
    assert len(caplog.records) == 1


@pytest.mark.parametrize("content", [None, "{}", '{"csrf_check": "enabled"}'])
def test_a_file_that_is_not_there_or_says_nothing_is_no_news(tmp_path, caplog, content):
    path = tmp_path / "config.json"
    if content is not None:
        path.write_text(content)
    with caplog.at_level(logging.WARNING):
        TrustedOrigins(config_path=str(path)).read()
    assert not caplog.records


PAGE = {"Sec-Fetch-Site": "same-origin", "X-Nb-Updater": "page-1", "Referer": f"{PUBLIC}/lab/tree/a.ipynb"}


@pytest.mark.parametrize(
    ("change", "is_learned"),
    [
        ({}, True),
        ({"Referer": f"{PUBLIC}/"}, True),
        ({"Sec-Fetch-Site": "cross-site"}, False),
        ({"Sec-Fetch-Site": "same-site"}, False),
        ({"Sec-Fetch-Site": ""}, False),
        ({"Referer": ""}, False),
        ({"Referer": f"https://{NAME}@evil.example/"}, False),
        ({"Referer": f"about:blank?{PUBLIC}"}, False),
    ],
)
def test_a_page_that_the_browser_calls_same_origin_tells_the_public_name(change, is_learned):
    origins = TrustedOrigins()
    origins.learn({**PAGE, **change})
    assert origins.admits({"Origin": PUBLIC, **BEHIND}, {"allow_origin": "*"}) is is_learned


def test_a_page_without_our_header_tells_nothing():
    origins = TrustedOrigins()
    origins.learn({name: value for name, value in PAGE.items() if name != "X-Nb-Updater"})
    assert not origins.admits({"Origin": PUBLIC, **BEHIND}, {"allow_origin": "*"})


@pytest.mark.parametrize(
    ("referer", "page"),
    [
        ("https://n.notebook.eu-west-1.sagemaker.aws/lab/tree/a.ipynb", "lab"),
        ("http://localhost:8888/notebooks/a%20b.ipynb", "notebooks"),
        ("http://localhost:8888/", "unknown"),
        ("", "unknown"),
    ],
)
def test_a_request_tells_what_kind_of_page_it_comes_from(referer, page):
    assert page_of(referer, "/") == page


def test_the_base_url_is_no_page():
    assert page_of("https://hub/user/x/edit/a.txt", "/user/x/") == "edit"
