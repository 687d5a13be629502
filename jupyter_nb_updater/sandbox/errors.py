"""What can go wrong with a sandbox."""


class SandboxError(Exception):
    """The sandbox cannot do what it was asked; the message says why and what to do, in one or two lines."""
