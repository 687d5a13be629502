"""Who has signed it: detached signatures, and the keys that are pinned. Any one of them is enough, so that keys can change."""

from __future__ import annotations

import asyncio
import base64
import binascii
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from ..instance.aws import Aws, AwsError
from .errors import PolicyRejected, shorten

ENDING = ".sig"
"""Beside the document: lines of base64, a signature each."""

MOST = 8
"""Signatures that are looked at."""

KMS_KEY = re.compile(r"arn:aws[a-z-]*:kms:(?P<region>[a-z0-9-]+):\d{12}:key/[A-Za-z0-9-]+")
RSA_LENGTHS = {256, 384, 512}
"""Bytes of an RSA signature, for keys of 2048 to 4096 bits; one of ECDSA on P-256 is DER, of 72 bytes at most (RFC 3279)."""

SECONDS = 10.0
DIRECTORIES = "/usr/bin:/bin:/usr/local/bin"
"""Where the system's own programs are: not what an environment puts before them."""


@dataclass(frozen=True)
class SignatureVerifier:
    """The pinned keys.

    Args:
        keys: ARNs of asymmetric KMS keys, and paths of public keys in PEM.
        aws: the way to the KMS of a region.
        openssl: the program that verifies with a public key: it is on every Amazon Linux.
    """

    keys: tuple[str, ...]
    aws: Callable[[str], Aws]
    openssl: str = "openssl"

    async def verify(self, content: bytes, signatures: bytes) -> str:
        """The first pinned key that has signed it.

        Args:
            content: of the document, to the byte.
            signatures: as they lie beside it.

        Raises:
            Refused: ``bad-signature``: none of them has. ``key-unusable``: it is not known whether one has.
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
            return await _kms(self.aws(found["region"]), key, content, signature)
        return await asyncio.to_thread(_openssl, self.openssl, key, content, signature)


class KeyUnavailable(Exception):
    """A key that could not be asked."""

    def __init__(self, key: str, message: str, action: str | None = None) -> None:
        super().__init__(shorten(message))
        self.key, self.action = key, action


def decode(text: bytes) -> list[bytes]:
    """The signatures in a file.

    Raises:
        Refused: ``bad-signature``: it holds something else.
    """
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    try:
        found = [base64.b64decode(line, validate=True) for line in lines[:MOST]]
    except (binascii.Error, ValueError) as error:
        raise PolicyRejected("bad-signature", f"beside it lies no signature in base64, a line each: {error}") from error
    if not found:
        raise PolicyRejected("bad-signature", "the file of its signatures is empty")
    return found


async def _kms(aws: Aws, key: str, content: bytes, signature: bytes) -> bool:
    """Ask KMS (API Reference, "Verify"): with ``DIGEST`` the message is its hash; a wrong signature is an error."""
    algorithm = "RSASSA_PKCS1_V1_5_SHA_256" if len(signature) in RSA_LENGTHS else "ECDSA_SHA_256"
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
    path = shutil.which(program, path=DIRECTORIES) or shutil.which(program)
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
                command, input=content, capture_output=True, timeout=SECONDS, check=False, env={"LC_ALL": "C"}
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise KeyUnavailable(key, str(error)) from error
    said = (done.stdout + done.stderr).decode(errors="replace")
    if done.returncode == 0:
        return True
    if re.search("verification failure|error verifying", said, re.IGNORECASE):  # the second: it is no signature of that kind
        return False
    raise KeyUnavailable(key, f"{program}: {said}")
