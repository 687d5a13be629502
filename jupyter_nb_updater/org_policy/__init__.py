"""The organization's policy document: a small signed file with which an organization sets limits for its instances.

It can only recommend or require a restart: it contains no commands, no markup, and only https links.
"""
