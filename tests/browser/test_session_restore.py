"""After a restart the session is restored: layout, theme, documents, terminals, and the packages that the user installed."""

import os
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.sync_api import expect

from jupyter_nb_updater.sandbox import Sandbox
from tests.packages import make_wheel

from .pages import eventually, tick_all_and_confirm, type_in_a_terminal, write_notebook

AWAY = 120_000  # milliseconds for a stop, a start and a page
INSTALLED = 120_000  # and for pip


class Index(SimpleHTTPRequestHandler):
    """A folder of wheels, one of which can be slow."""

    gate = threading.Event()

    def do_GET(self):
        if "slow" in self.path:
            self.gate.wait(60)
        super().do_GET()

    def log_message(self, *_):
        pass


@pytest.fixture
def index(tmp_path, monkeypatch):
    """Start a package index for pip, also in the sandbox, which inherits PIP_* variables."""
    folder = tmp_path / "index"
    for name in ("first", "second", "slow", "withdrawn"):
        make_wheel(folder, name, "1.0")
    Index.gate.set()
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Index, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    for name in [name for name in os.environ if name.startswith("PIP_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", f"http://127.0.0.1:{server.server_port}/")
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    yield folder
    Index.gate.set()
    server.shutdown()
    server.server_close()


@pytest.fixture
def sandbox(wheel, index):
    with Sandbox(wheel=wheel) as sandbox:
        yield sandbox


def parts(page):
    """Return the parts of the main area: position in tenths of the window, and names of the tabs."""
    main = page.get_by_role("main")
    area, found = main.bounding_box(), []  # it is higher when the banner has gone
    for bar in main.get_by_role("tablist").all():
        names = [tab.inner_text().strip() for tab in bar.get_by_role("tab").all()]
        names = [name for name in names if name != "Launcher"]  # JupyterLab brings back none
        box = bar.bounding_box()
        if names and box:
            found.append((round((box["x"] - area["x"]) / 128), round((box["y"] - area["y"]) / 80), names))
    return sorted(found)


def drag(page, name, where):
    """Drag a tab to a position in the main area, as fractions of its width and height."""
    area = page.get_by_role("main").bounding_box()
    tab = page.get_by_role("main").get_by_role("tab", name=name).bounding_box()
    page.mouse.move(tab["x"] + 30, tab["y"] + 10)
    page.mouse.down()
    page.mouse.move(tab["x"] + 60, tab["y"] + 80, steps=5)
    page.mouse.move(area["x"] + area["width"] * where[0], area["y"] + area["height"] * where[1], steps=10)
    page.mouse.up()


def choose(page, *names):
    """Choose a menu item."""
    first, *more = names
    page.get_by_role("menuitem", name=first, exact=True).click()
    for name in more:
        page.get_by_role("menu").get_by_text(name, exact=True).click()  # Lumino gives an item with a submenu no role


def in_terminal(page, sandbox, name, line, sign):
    """Type a line into a terminal of the page, and wait until it has run."""
    page.get_by_role("main").get_by_role("tab", name=name).click()
    expect(page.get_by_role("tabpanel", name=name).get_by_role("textbox", name="Terminal input")).to_be_focused()
    page.keyboard.insert_text(f"{line} && touch {sandbox.volume / sign}")
    page.keyboard.press("Enter")
    eventually(page, (sandbox.volume / sign).exists)


def set_the_desk(page, sandbox):
    """Open six documents in two parts of the screen and two terminals in different folders, with a dark theme."""
    for name in ("one.ipynb", "two.ipynb"):
        write_notebook(sandbox.volume / name, "import first, second\nprint('imported', first.__version__, second.__version__)")
    for name in ("three.md", "four.txt", "five.py", "six.csv"):
        (sandbox.volume / name).write_text("a,b\n1,2\n")
    for name in ("data", "models"):
        (sandbox.volume / name).mkdir()
    page.goto(sandbox.lab_url)
    for name in ("one.ipynb", "two.ipynb", "three.md", "four.txt", "five.py", "six.csv"):
        page.get_by_role("listitem", name=name).dblclick()
        expect(page.get_by_role("main").get_by_role("tab", name=name)).to_be_visible()
    for name, folder in (("Terminal 1", "data"), ("Terminal 2", "models")):
        choose(page, "File", "New", "Terminal")
        expect(page.get_by_role("main").get_by_role("tab", name=name)).to_be_visible()
        in_terminal(page, sandbox, name, f"cd ~/SageMaker/{folder}", f"at-{folder}")
    drag(page, "four.txt", (0.97, 0.5))
    drag(page, "Terminal 2", (0.4, 0.97))
    choose(page, "Settings", "Theme", "JupyterLab Dark")
    expect(page.locator("body")).to_have_attribute("data-jp-theme-light", "false")


def restarted(page):
    told = page.get_by_role("dialog", name="Restarted")
    expect(told).to_be_visible(timeout=AWAY)
    return told


def test_layout_theme_documents_and_terminals_come_back_and_packages_with_one_more_click(page, sandbox):
    set_the_desk(page, sandbox)
    in_terminal(page, sandbox, "Terminal 1", "pip install first second", "installed")
    before = parts(page)
    assert len(before) == 3
    assert sum(len(names) for *_, names in before) >= 8

    tick_all_and_confirm(page)
    told = restarted(page)
    expect(told).to_contain_text("6 documents reopened")
    expect(told).to_contain_text("2 terminals in their folders")
    expect(told).to_contain_text("Your settings")
    assert sandbox.run("python", "-c", "import first").returncode != 0
    told.get_by_role("button", name="Reinstall 2 packages").click()
    expect(told.get_by_role("status")).to_have_text("All 2 packages were reinstalled.", timeout=INSTALLED)
    told.get_by_role("button", name="Close").click()
    expect(told).to_be_hidden()

    expect(page.locator("body")).to_have_attribute("data-jp-theme-light", "false")
    eventually(page, lambda: sum(len(names) for *_, names in parts(page)) >= 8)
    assert parts(page) == before
    for name, folder in (("Terminal 1", "data"), ("Terminal 2", "models")):
        in_terminal(page, sandbox, name, f"pwd > {sandbox.volume}/pwd", f"told-{folder}")
        assert (sandbox.volume / "pwd").read_text().rstrip("\n").endswith(f"SageMaker/{folder}")
    page.get_by_role("main").get_by_role("tab", name="one.ipynb").click()
    notebook = page.get_by_role("tabpanel", name="one.ipynb")
    notebook.locator(".cm-content").first.click()  # CodeMirror names its editors for no one: no accessible name to use
    page.keyboard.press("Shift+Enter")
    expect(notebook.get_by_text("imported 1.0 1.0")).to_be_visible()


def test_what_is_put_back_goes_on_without_the_dialog_and_a_package_that_failed_is_named(page, sandbox, index):
    page.goto(sandbox.lab_url)
    expect(page.get_by_role("region", name="Notebook instance update")).to_be_visible()
    done = sandbox.volume / "installed"
    type_in_a_terminal(page, sandbox, f"pip install slow withdrawn && touch {done}; exit")
    eventually(page, done.exists)
    (index / "withdrawn-1.0-py3-none-any.whl").unlink()
    tick_all_and_confirm(page)
    told = restarted(page)
    Index.gate.clear()
    told.get_by_role("button", name="Reinstall 2 packages").click()
    expect(told.get_by_role("progressbar", name="Reinstalling packages")).to_be_visible()
    told.get_by_role("button", name="Close").click()
    expect(told).to_be_hidden()

    expect(page.get_by_text("Reinstalling packages: ")).to_be_visible()
    page.get_by_role("button", name="Show", exact=True).click()
    added = page.get_by_role("dialog", name="Packages you installed")
    expect(added.get_by_role("progressbar")).to_be_visible()
    page.keyboard.press("Escape")
    expect(added).to_be_hidden()
    Index.gate.set()
    expect(page.get_by_text("1 of 2 packages were reinstalled.")).to_be_visible(timeout=INSTALLED)
    page.get_by_role("button", name="Show", exact=True).click()
    failed = added.get_by_role("list", name="Not reinstalled")
    expect(failed).to_contain_text("withdrawn 1.0 in python3")
    expect(failed).to_contain_text("No matching distribution found for withdrawn")
    added.get_by_role("button", name="Close").click()

    page.keyboard.press("Control+Shift+C")
    page.keyboard.insert_text("Reinstall Packages")
    page.keyboard.press("Enter")
    expect(added.get_by_role("button", name="Try again")).to_be_visible()
