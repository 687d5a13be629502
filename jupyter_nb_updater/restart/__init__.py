"""Save, arm the return, stop, verify. Each transition is journaled before its effect happens."""
