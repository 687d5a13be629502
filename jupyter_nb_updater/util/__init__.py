"""Small helpers without knowledge of notebook instances: clock, files, locks, subprocesses, tasks."""
