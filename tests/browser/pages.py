"""What a person does in a page, by the names that a person reads."""

import json

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


def banner(page):
    return page.get_by_role("region", name=BANNER)


def type_at_the_end(page, text):
    """Into the editor that is in front."""
    editor = page.locator(".cm-content:visible").last  # CodeMirror names its editors for no one: no accessible name to use
    editor.click()
    page.keyboard.press("Control+End")
    page.keyboard.insert_text(text)


def click_through(page):
    """From the banner through the sheet."""
    banner(page).get_by_role("button", name=BUTTON).click()
    sheet = page.get_by_role("dialog", name=SHEET)
    sheet.get_by_role("button", name=BUTTON).click()


def boot_id(page, sandbox):
    return page.request.get(f"{sandbox.url}nb-updater/state").json()["boot_id"]


TERMINAL = """
async ([url, line]) => {
  const xsrf = document.cookie.match('_xsrf=([^;]*)')[1];
  const made = await fetch(url + 'api/terminals', {method: 'POST', headers: {'X-XSRFToken': xsrf}});
  const {name} = await made.json();
  const socket = new WebSocket(url.replace('http', 'ws') + 'terminals/websocket/' + name);
  await new Promise((resolve, reject) => { socket.onopen = resolve; socket.onerror = reject; });
  socket.send(JSON.stringify(['stdin', line + '\\r']));
}
"""


def type_in_a_terminal(page, sandbox, line):
    """In a Jupyter terminal of this server, as the page's own terminals do it."""
    page.evaluate(TERMINAL, [sandbox.url, line])
