"""Decide whether a restart is due: signals and a policy become advice. Pure functions without clock, disk or network."""
