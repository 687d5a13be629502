"""The open tabs and shared documents, and how a restart knows that all of them are saved."""
