"""The fixtures of Jupyter's own test plugin and of ours, for every test; ours has the same name where it is installed."""

pytest_plugins = ("pytest_jupyter.jupyter_server", "jupyter_nb_updater.pytest_plugin")
