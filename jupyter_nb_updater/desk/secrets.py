"""What must not be kept of a configuration file, because it may be a secret. Pure."""

from __future__ import annotations

import re

from .copying import NotCopyable

AWS_DROPPED = re.compile(
    r"aws_access_key_id|aws_secret_access_key|aws_session_token|aws_security_token|credential_process"
    r"|.*(secret|password).*|.*token(?!.*_file)",
    re.IGNORECASE,
)
"""Settings of AWS's `config` file that are credentials, or make them (AWS CLI User Guide, "Configuration and credential file
settings"; boto3's guide, "Credentials"). `credential_process` is a command line: a secret may stand in it, and its program is
mostly outside the volume, and so gone. A `web_identity_token_file` is the path of a token, and stays."""

GIT_TOKENS = re.compile(rb"extraheader|smtppass|password|://[^/\s\"@]*:[^/\s\"@]+@", re.IGNORECASE)
"""What holds a token in a `.gitconfig`: a header for authorization, or an address with a password (git-config(1),
`http.extraHeader`, `url.<base>.insteadOf`)."""


def without_credentials(_: str, data: bytes) -> bytes:
    """AWS's ``config`` without the lines that are or make credentials, and what continues them; the rest byte for byte.

    Raises:
        Unfit: it is no text.
    """
    try:
        lines = data.decode("utf-8").splitlines(keepends=True)
    except UnicodeDecodeError as error:
        raise NotCopyable("broken") from error
    kept, dropped_at = [], None
    for line in lines:
        indent = len(line) - len(line.lstrip())
        if dropped_at is not None and line.strip() and indent > dropped_at:
            continue
        dropped_at = indent if AWS_DROPPED.fullmatch(re.split("[=:]", line, maxsplit=1)[0].strip()) else None
        if dropped_at is None:
            kept.append(line)
    return "".join(kept).encode()


def without_tokens(_: str, data: bytes) -> bytes:
    """A file of git's, if no token is in it: a line that is taken out of one would change what the others mean.

    Raises:
        Unfit: one may be.
    """
    if GIT_TOKENS.search(data):
        raise NotCopyable("secret")
    return data
