"""Verify detached signatures with trusted keys. One valid signature is enough, so that keys can be rotated."""

from __future__ import annotations

import asyncio
import base64
import binascii
import re
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from traitlets.config import Configurable

from ..instance.aws import Aws, AwsError
from ..util.text import shorten
from .document import MAX_MESSAGE_LENGTH, PolicyRejected

SIGNATURE_SUFFIX = ".sig"
"""Suffix of the signature file, which contains one signature in base64 per line."""

MAX_SIGNATURES = 8

KMS_KEY = re.compile(r"arn:aws[a-z-]*:kms:(?P<region>[a-z0-9-]+):\d{12}:key/[A-Za-z0-9-]+")
RSA_SIGNATURE_BYTES = {256, 384, 512}
"""Size of an RSA signature in bytes, for keys of 2048 to 4096 bits. ECDSA on P-256 is DER, at most 72 bytes (RFC 3279)."""

OPENSSL_TIMEOUT_SECONDS = 10.0
SYSTEM_PATH = "/usr/bin:/bin:/usr/local/bin"
"""Folders of the system's programs. PATH may have the programs of an environment before them."""


class RegionalAws:
    """Keep one AWS client per region, because a key may be in another region than the instance.

    Args:
        parent: object whose configuration applies to the clients.
    """

    def __init__(self, parent: Configurable | None = None) -> None:
        self._parent = parent
        self._clients: dict[str, Aws] = {}

    def client(self, region: str) -> Aws:
        """Return the client of a region."""
        if region not in self._clients:
            self._clients[region] = Aws(region, parent=self._parent)
        return self._clients[region]

    def close(self) -> None:
        """Close the connections of all clients."""
        for aws in self._clients.values():
            aws.close()


@dataclass(frozen=True)
class SignatureVerifier:
    """Verify signatures with trusted keys.

    Args:
        keys: ARNs of asymmetric KMS keys, and paths of public keys in PEM format.
        aws: AWS clients by region.
        openssl: the openssl program, which every Amazon Linux has; it verifies with public keys.
    """

    keys: tuple[str, ...]
    aws: RegionalAws
    openssl: str = "openssl"

    async def verify(self, content: bytes, signatures: bytes) -> str:
        """Return the first trusted key that signed the document.

        Args:
            content: content of the document.
            signatures: content of the signature file.

        Raises:
            PolicyRejected: ``bad-signature``: no trusted key signed it. ``key-unusable``: a key could not be used, so that is
                unknown.
        """
        given, unusable = decode(signatures), []
        for key in self.keys:
            for signature in given:
                try:
                    if await self._has_signed(key, content, signature):
                        return key
                except KeyUnavailable as error:
                    unusable.append(error)
                    break
        if unusable:
            raise PolicyRejected(
                "key-unusable", f"the key {unusable[0].key} could not be used: {unusable[0]}", action=unusable[0].action
            )
        raise PolicyRejected("bad-signature", "none of the configured keys has signed the document")

    async def _has_signed(self, key: str, content: bytes, signature: bytes) -> bool:
        if found := KMS_KEY.fullmatch(key):
            return await _kms(self.aws.client(found["region"]), key, content, signature)
        return await asyncio.to_thread(_openssl, self.openssl, key, content, signature)


class KeyUnavailable(Exception):
    """A trusted key could not be used.

    Args:
        key: ARN or path.
        message: the reason in words.
        action: the missing IAM action, if that is the reason.
    """

    def __init__(self, key: str, message: str, action: str | None = None) -> None:
        super().__init__(shorten(message, MAX_MESSAGE_LENGTH))
        self.key, self.action = key, action


def decode(text: bytes) -> list[bytes]:
    """Return the signatures in a signature file.

    Args:
        text: content of the file.

    Raises:
        PolicyRejected: ``bad-signature``: the file contains something else.
    """
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    try:
        found = [base64.b64decode(line, validate=True) for line in lines[:MAX_SIGNATURES]]
    except (binascii.Error, ValueError) as error:
        raise PolicyRejected(
            "bad-signature", f"the signature file must contain one base64 signature per line: {error}"
        ) from error
    if not found:
        raise PolicyRejected("bad-signature", "the signature file is empty")
    return found


async def _kms(aws: Aws, key: str, content: bytes, signature: bytes) -> bool:
    """Verify with KMS (API Reference, "Verify"): with ``DIGEST`` the message is its hash; a wrong signature is an error."""
    algorithm = "RSASSA_PKCS1_V1_5_SHA_256" if len(signature) in RSA_SIGNATURE_BYTES else "ECDSA_SHA_256"
    message = {"Message": sha256(content).digest(), "MessageType": "DIGEST"}
    try:
        answer = await aws.call("kms", "Verify", KeyId=key, Signature=signature, SigningAlgorithm=algorithm, **message)
    except AwsError as error:
        if error.code in {"invalid-signature", "wrong-key"}:
            return False
        raise KeyUnavailable(key, str(error), error.action) from error
    return bool(answer.get("SignatureValid"))


def _openssl(program: str, key: str, content: bytes, signature: bytes) -> bool:
    """Verify with openssl-dgst(1), ``-verify``, which prints "Verified OK" and exits with 0."""
    path = shutil.which(program, path=SYSTEM_PATH) or shutil.which(program)
    if path is None:
        raise KeyUnavailable(key, f"the program {program} is not installed")
    try:
        Path(key).read_bytes()
    except OSError as error:
        raise KeyUnavailable(key, error.strerror or str(error)) from error
    with tempfile.NamedTemporaryFile() as file:
        file.write(signature)
        file.flush()
        command = [path, "dgst", "-sha256", "-verify", key, "-signature", file.name]
        try:
            done = subprocess.run(
                command, input=content, capture_output=True, timeout=OPENSSL_TIMEOUT_SECONDS, check=False, env={"LC_ALL": "C"}
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise KeyUnavailable(key, str(error)) from error
    output = (done.stdout + done.stderr).decode(errors="replace")
    if done.returncode == 0:
        return True
    if re.search("verification failure|error verifying", output, re.IGNORECASE):  # the second: another kind of signature
        return False
    raise KeyUnavailable(key, f"{program}: {output}")
