"""Load the fixtures of Jupyter's test plugin and of this package, under the name with which it is installed."""

pytest_plugins = ("pytest_jupyter.jupyter_server", "jupyter_nb_updater.pytest_plugin")
