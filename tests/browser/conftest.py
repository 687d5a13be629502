"""A real Chromium, a real Firefox, and notebook instances that really restart."""

import os
from contextlib import contextmanager

import pytest
from playwright.sync_api import expect, sync_playwright

from tests.warm_aws import warm_aws  # noqa: F401  a fixture for all that is here

NO_CHROMIUM = "CHROMIUM must hold the path of a Chromium: run `make browser`, which finds or brings one"
NO_FIREFOX = "FIREFOX must hold the path of a Firefox: run `make browser`, which finds or brings one"

LONGEST = 60_000
"""Timeout in milliseconds, because a busy machine may take long to start a kernel."""

# JupyterLab says "Server Connection Error" in a dialog of its own when we have not prepared it; remember that over a reload.
# Only dialogs are read: to put the text of the whole page together for each change takes much of the processor.
WATCH_FOR_ERRORS = """
new MutationObserver(() => {
  const dialogs = [...document.getElementsByClassName('jp-Dialog')];
  const seen = dialogs.some(({textContent}) => textContent.includes('Server Connection Error'));
  if (seen) sessionStorage.setItem('connection-error', 'seen');
}).observe(document, {childList: true, subtree: true});
"""


@pytest.fixture(autouse=True)
def jp_asyncio_loop():
    """Disable Jupyter's event loop, because Playwright runs its own in this process."""


@pytest.fixture(autouse=True)
def jp_server_cleanup():
    """Disable the cleanup, because no Jupyter server runs in this process."""


@pytest.fixture(scope="session")
def playwright():
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="session")
def chromium(playwright):
    path = os.environ.get("CHROMIUM")
    assert path, NO_CHROMIUM
    browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-background-networking"])
    yield browser
    browser.close()


@pytest.fixture(scope="session")
def firefox(playwright):
    """Start Mozilla's own Firefox: Playwright drives it over WebDriver BiDi, and needs no build of its own for that."""
    path = os.environ.get("FIREFOX")
    assert path, NO_FIREFOX
    still = {"ui.prefersReducedMotion": 1}  # BiDi does not pass on the option of a context
    browser = playwright.firefox.launch(channel="moz-firefox", executable_path=path, firefox_user_prefs=still)
    yield browser
    browser.close()


@pytest.fixture
def page(chromium):
    """Open a page of a browser that knows nothing yet."""
    with new_page(chromium) as page:
        yield page


@pytest.fixture
def firefox_page(firefox):
    """Open a page of a Firefox that knows nothing yet."""
    with new_page(firefox) as page:
        yield page


@pytest.fixture(scope="module")
def shared_page(chromium):
    """Open a page for all tests of a module: loading JupyterLab in it again takes half of the processor time."""
    with new_page(chromium) as page:
        page.on("dialog", lambda dialog: dialog.accept())  # the browser asks whether to leave unsaved changes
        yield page


@contextmanager
def new_page(browser):
    expect.set_options(timeout=LONGEST)
    context = browser.new_context(viewport={"width": 1280, "height": 800}, reduced_motion="reduce")
    context.add_init_script(WATCH_FOR_ERRORS)
    page = context.new_page()
    page.set_default_timeout(LONGEST)
    yield page
    context.close()
