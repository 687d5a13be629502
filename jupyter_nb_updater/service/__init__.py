"""The services that run in the Jupyter server: the updater, its monitor, advice, metrics and events."""
