"""Does a request come from a page of this server?"""

import pytest

from jupyter_nb_updater.base import is_ours, page_of


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "same-origin", "Origin": "https://n.notebook.eu-west-1.sagemaker.aws", "Host": "127.0.0.1:8443"},
        {"Origin": "http://localhost:8888", "Host": "localhost:8888"},
        {"Origin": "http://LOCALHOST:8888", "Host": "localhost:8888"},
        {"Host": "localhost:8888"},
    ],
)
def test_our_own_page_and_a_program_on_the_instance_may(headers):
    assert is_ours(headers)


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site", "Origin": "http://localhost:8888", "Host": "localhost:8888"},
        {"Sec-Fetch-Site": "same-site", "Host": "localhost:8888"},
        {"Sec-Fetch-Site": "none", "Host": "localhost:8888"},
        {"Origin": "https://evil.example", "Host": "localhost:8888"},
        {"Origin": "null", "Host": "localhost:8888"},
        {"Origin": "http://localhost:9999", "Host": "localhost:8888"},
        {"Origin": "http://localhost:8888"},
    ],
)
def test_every_other_page_may_not(headers):
    assert not is_ours(headers)


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
