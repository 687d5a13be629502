"""What a person does in a page, by the names that a person reads."""

import json

from playwright.sync_api import expect

from tests import wait

BANNER = "Notebook instance update"
SHEET = "Restart this notebook instance?"
BUTTON = "Save all and restart"


def write_notebook(path, source):
    """A notebook of one cell."""
    cell = {"cell_type": "code", "id": "only", "metadata": {}, "source": source, "outputs": [], "execution_count": None}
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    path.write_text(json.dumps({"cells": [cell], "metadata": kernel, "nbformat": 4, "nbformat_minor": 5}))


def notebook_source(path):
    """The text of the only cell."""
    (cell,) = json.loads(path.read_text("utf-8"))["cells"]
    return "".join(cell["source"])


def leave(page):
    """Close it once it has taken its leave: a browser gives a page that it closes no more than half a second for that."""
    page.goto("about:blank")
    page.close()


def banner(page):
    return page.get_by_role("region", name=BANNER)


def type_at_the_end(page, text):
    """Into the editor that is in front."""
    editor = page.locator(".cm-content:visible").last  # CodeMirror names its editors for no one: no accessible name to use
    editor.click()
    page.keyboard.press("Control+End")
    page.keyboard.insert_text(text)


def ask(page):
    """From the banner to the sheet."""
    banner(page).get_by_role("button", name=BUTTON).click()
    return page.get_by_role("dialog", name=SHEET)


def ask_once(page):
    """From the banner to the sheet, which from then on stays as it is: its next look at the server does not come through."""
    sheet = ask(page)
    expect(sheet.get_by_role("button", name=BUTTON)).to_be_enabled()
    page.route("**/nb-updater/state*", lambda route: route.abort())
    return sheet


def click_through(page):
    """From the banner through the sheet."""
    ask(page).get_by_role("button", name=BUTTON).click()


def tick_all_and_confirm(page):
    """From the banner through the sheet, with a word for everything that it asks about."""
    sheet = ask(page)
    expect(sheet.get_by_role("button", name="When idle")).to_be_enabled()  # it shows what is true now
    for box in sheet.get_by_role("checkbox").all():
        box.check()
    sheet.get_by_role("button", name=BUTTON).click()


def refusal(page):
    return page.get_by_role("alertdialog", name="Not restarted")


def state(page, sandbox):
    return page.request.get(f"{sandbox.url}nb-updater/state").json()


def server_id(page, sandbox):
    return state(page, sandbox)["server_id"]


def losses(page, sandbox):
    return state(page, sandbox)["work"]["losses"]


def eventually(page, condition, seconds=60):
    """Wait until it is so, with the page going on."""
    return wait.eventually(condition, seconds, pause=lambda pause: page.wait_for_timeout(pause * 1000))


CHANGE = """
async ([url, method, body]) => {
  const xsrf = document.cookie.match('_xsrf=([^;]*)')[1];
  const headers = {'X-XSRFToken': xsrf, 'X-Nb-Updater': '1', 'Content-Type': 'application/json'};
  return (await fetch(url, {method, headers, body: body && JSON.stringify(body)})).status;
}
"""


def change(page, sandbox, method, route, body=None):
    """Another tab of the same person asks the server for something."""
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
    """In a Jupyter terminal of this server, as the page's own terminals do it."""
    page.evaluate(TERMINAL, [sandbox.url, line])


def open_terminal(page, sandbox):
    """One at its prompt; its name."""
    return page.evaluate(TERMINAL, [sandbox.url, ""])
