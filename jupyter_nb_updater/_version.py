"""The version of the extension; a test compares it with the frontend's package.json."""

__version__ = "0.1.0"
