"""Helpers that know nothing of notebook instances: clock, files, locks, subprocesses, tasks, text."""
