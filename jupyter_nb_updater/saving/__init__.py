"""Track open tabs and shared documents, and verify that all of them are saved before a restart."""
