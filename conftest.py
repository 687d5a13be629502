"""The fixtures of Jupyter's own test plugin, for every test."""

pytest_plugins = ("pytest_jupyter.jupyter_server",)
