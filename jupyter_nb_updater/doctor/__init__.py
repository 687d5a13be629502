"""Checks everything that a restart of this instance needs. Changes nothing."""
