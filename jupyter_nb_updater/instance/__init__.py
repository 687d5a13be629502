"""Describe the notebook instance that this server runs on, from its own files and from AWS."""
