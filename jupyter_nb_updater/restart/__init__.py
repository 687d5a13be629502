"""Save, arm the return, stop, verify. Each transition is in the journal before its effect happens."""
