"""Restarts in a world of chance: whatever happens, nothing ends down, armed, or started against a will."""
