"""Decides whether a restart is due: signals and a policy become advice. Pure functions: no clock, disk or network."""
