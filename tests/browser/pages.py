"""Actions of a user in a page, by the accessible names that a user reads."""

import json

from playwright.sync_api import expect

from tests import wait

BANNER = "Notebook instance update"
SHEET = "Restart this notebook instance?"
BUTTON = "Save all and restart"
AWAY = 120_000
"""Timeout in milliseconds for a stop, a start and a page."""


def write_notebook(path, source):
    """Write a notebook with one cell."""
    cell = {"cell_type": "code", "id": "only", "metadata": {}, "source": source, "outputs": [], "execution_count": None}
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    path.write_text(json.dumps({"cells": [cell], "metadata": kernel, "nbformat": 4, "nbformat_minor": 5}))


def notebook_source(path):
    """Return the text of the only cell."""
    (cell,) = json.loads(path.read_text("utf-8"))["cells"]
    return "".join(cell["source"])


def leave(page):
    """Close a page after it has said ``bye``, for which a browser gives a closing page only half a second."""
    page.goto("about:blank")
    page.close()


def banner(page):
    return page.get_by_role("region", name=BANNER)


def unfold(dialog, name):
    """A row of "Why?", with its evidence in sight."""
    row = dialog.get_by_role("group", name=name)
    row.get_by_text(name).first.click()
    return row


def type_at_the_end(page, text):
    """Type at the end of the editor in the foreground."""
    editor = page.locator(".cm-content:visible").last  # CodeMirror names its editors for no one: no accessible name to use
    editor.click()
    page.keyboard.press("Control+End")
    page.keyboard.insert_text(text)


def ask(page):
    """Open the sheet from the banner."""
    banner(page).get_by_role("button", name=BUTTON).click()
    return page.get_by_role("dialog", name=SHEET)


def ask_once(page):
    """Open the sheet from the banner, and block its next requests, so that it does not change."""
    sheet = ask(page)
    expect(sheet.get_by_role("button", name=BUTTON)).to_be_enabled()
    page.route("**/nb-updater/state*", lambda route: route.abort())
    return sheet


def click_through(page):
    """Confirm the restart without selecting anything."""
    ask(page).get_by_role("button", name=BUTTON).click()


def tick_all_and_confirm(page):
    """Confirm the restart after selecting every checkbox."""
    sheet = ask(page)
    expect(sheet.get_by_role("button", name="When idle")).to_be_enabled()  # it shows what is true now
    for box in sheet.get_by_role("checkbox").all():
        box.check()
    sheet.get_by_role("button", name=BUTTON).click()


def refusal(page):
    return page.get_by_role("alertdialog", name="Not restarted")


def expect_restarted(page):
    """Wait until the page is back after a restart, and close what it says."""
    told = page.get_by_role("dialog", name="Restarted")
    expect(told).to_be_visible(timeout=AWAY)
    expect(told).to_contain_text("JupyterLab")
    expect(told).to_contain_text("→")
    told.get_by_role("button", name="Close").click()
    expect(told).to_be_hidden()
    expect(banner(page)).to_be_hidden()
    assert page.evaluate("sessionStorage.getItem('connection-error')") is None


def state(page, sandbox):
    return page.request.get(f"{sandbox.url}nb-updater/state").json()


def server_id(page, sandbox):
    return state(page, sandbox)["server_id"]


def losses(page, sandbox):
    return state(page, sandbox)["work"]["losses"]


def eventually(page, condition, seconds=60):
    """Wait until a condition is true, while the page continues."""
    return wait.eventually(condition, seconds, pause=lambda pause: page.wait_for_timeout(pause * 1000))


CHANGE = """
async ([url, method, body]) => {
  const xsrf = document.cookie.match('_xsrf=([^;]*)')[1];
  const headers = {'X-XSRFToken': xsrf, 'X-Nb-Updater': '1', 'Content-Type': 'application/json'};
  return (await fetch(url, {method, headers, body: body && JSON.stringify(body)})).status;
}
"""


def change(page, sandbox, method, route, body=None):
    """Send a request to the server, as another tab of the same user would."""
    return page.evaluate(CHANGE, [f"{sandbox.url}nb-updater/{route}", method, body])


TERMINAL = """
async ([url, line]) => {
  const xsrf = document.cookie.match('_xsrf=([^;]*)')[1];
  const made = await fetch(url + 'api/terminals', {method: 'POST', headers: {'X-XSRFToken': xsrf}});
  const {name} = await made.json();
  const socket = new WebSocket(url.replace('http', 'ws') + 'terminals/websocket/' + name);
  await new Promise((resolve, reject) => { socket.onopen = resolve; socket.onerror = reject; });
  window.ourTerminal = socket;
  if (line) socket.send(JSON.stringify(['stdin', line + '\\r']));
  return name;
}
"""


def type_in_a_terminal(page, sandbox, line):
    """Type a line into a Jupyter terminal."""
    page.evaluate(TERMINAL, [sandbox.url, line])


def open_terminal(page, sandbox):
    """Open a terminal at its prompt, and return its name."""
    return page.evaluate(TERMINAL, [sandbox.url, ""])
