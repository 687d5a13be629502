"""Verifies detached signatures by pinned keys. Any one of them is enough, so that keys can be rotated."""

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
"""Of the file beside the document: lines of base64, a signature each."""

MAX_SIGNATURES = 8

KMS_KEY = re.compile(r"arn:aws[a-z-]*:kms:(?P<region>[a-z0-9-]+):\d{12}:key/[A-Za-z0-9-]+")
RSA_SIGNATURE_BYTES = {256, 384, 512}
"""Bytes of an RSA signature, for keys of 2048 to 4096 bits; one of ECDSA on P-256 is DER, of 72 bytes at most (RFC 3279)."""

OPENSSL_TIMEOUT_SECONDS = 10.0
SYSTEM_PATH = "/usr/bin:/bin:/usr/local/bin"
"""Where the programs of the system are; an environment may put others before them."""


class RegionalAws:
    """One AWS client for each region: a key may live in another region than the instance.

    Args:
        parent: whose configuration the clients get.
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
    """Verifies signatures by pinned keys.

    Args:
        keys: ARNs of asymmetric KMS keys, and paths of public keys in PEM.
        aws: AWS clients by region.
        openssl: the program that verifies with a public key: it is on every Amazon Linux.
    """

    keys: tuple[str, ...]
    aws: RegionalAws
    openssl: str = "openssl"

    async def verify(self, content: bytes, signatures: bytes) -> str:
        """Return the first pinned key that has signed a document.

        Args:
            content: the bytes of the document.
            signatures: the bytes of the file beside it.

        Raises:
            PolicyRejected: ``bad-signature``: none of them has. ``key-unusable``: it is not known whether one has.
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
        raise PolicyRejected("bad-signature", "none of the pinned keys has signed it")

    async def _has_signed(self, key: str, content: bytes, signature: bytes) -> bool:
        if found := KMS_KEY.fullmatch(key):
            return await _kms(self.aws.client(found["region"]), key, content, signature)
        return await asyncio.to_thread(_openssl, self.openssl, key, content, signature)


class KeyUnavailable(Exception):
    """A pinned key could not be used.

    Args:
        key: ARN or path.
        message: in words, for a person.
        action: the IAM action that is missing, if it is that.
    """

    def __init__(self, key: str, message: str, action: str | None = None) -> None:
        super().__init__(shorten(message, MAX_MESSAGE_LENGTH))
        self.key, self.action = key, action


def decode(text: bytes) -> list[bytes]:
    """Return the signatures in a file.

    Args:
        text: the bytes of the file.

    Raises:
        PolicyRejected: ``bad-signature``: it holds something else.
    """
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    try:
        found = [base64.b64decode(line, validate=True) for line in lines[:MAX_SIGNATURES]]
    except (binascii.Error, ValueError) as error:
        raise PolicyRejected("bad-signature", f"beside it lies no signature in base64, a line each: {error}") from error
    if not found:
        raise PolicyRejected("bad-signature", "the file of its signatures is empty")
    return found


async def _kms(aws: Aws, key: str, content: bytes, signature: bytes) -> bool:
    """Ask KMS (API Reference, "Verify"): with ``DIGEST`` the message is its hash; a wrong signature is an error."""
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
    """openssl-dgst(1), ``-verify``: "verify the signature using the public key"; it prints "Verified OK" and ends with 0."""
    path = shutil.which(program, path=SYSTEM_PATH) or shutil.which(program)
    if path is None:
        raise KeyUnavailable(key, f"the program {program} is not there")
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
    if re.search("verification failure|error verifying", output, re.IGNORECASE):  # the second: it is no signature of that kind
        return False
    raise KeyUnavailable(key, f"{program}: {output}")
