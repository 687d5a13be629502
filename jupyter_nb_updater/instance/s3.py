"""Objects in S3: read when they have changed, written when they have not."""

from __future__ import annotations

import asyncio
import re
from contextlib import closing
from datetime import datetime, timezone
from typing import Any, NamedTuple

from .aws import Aws
from .metadata import Identity

OBSERVED = "s3://sagemaker-{region}-{account}/nb-updater/observed"
"""Where instances tell each other what they run, unless configured. The bucket is the one that SageMaker's own SDK makes
(``Session.default_bucket``), and AmazonSageMakerFullAccess allows its objects (``arn:aws:s3:::*sagemaker*``)."""

FORM = re.compile(r"s3://([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(/[A-Za-z0-9!_.*'()/-]*)?")
"""Characters as S3 takes them in names of buckets, and calls them safe in keys (S3 User Guide, "Naming Amazon S3 objects")."""


class S3Prefix(NamedTuple):
    """A folder in a bucket.

    Args:
        bucket: its name.
        prefix: of the keys, with a slash at the end unless it is empty.
        owner: the account that must own the bucket; ``None`` when that is not known.
    """

    bucket: str
    prefix: str
    owner: str | None = None

    @classmethod
    def parse(cls, text: str, instance: Identity) -> S3Prefix:
        """Read ``s3://bucket/prefix``, in which ``{region}`` and ``{account}`` stand for those of the instance.

        The name of the default bucket can be guessed by anyone, who may have made it before us. So it counts only if it is our
        own account's: ``ExpectedBucketOwner`` (S3 User Guide, "Verifying bucket ownership with bucket owner condition").

        Raises:
            ValueError: it is another form.
        """
        filled = text.replace("{region}", instance.region).replace("{account}", instance.account)
        found = FORM.fullmatch(filled)
        if not found:
            raise ValueError(f"{text!r} is not of the form s3://bucket/prefix")
        bucket, prefix = found[1], (found[2] or "").strip("/")
        own = instance.account if text.startswith(OBSERVED.rpartition("/nb-updater")[0] + "/") else None
        return cls(bucket, f"{prefix}/" if prefix else "", own)

    def __str__(self) -> str:
        return f"s3://{self.bucket}/{self.prefix}"


class S3Object(NamedTuple):
    """An object as it was read.

    Args:
        content: of it, up to the bound that was asked for.
        etag: S3's name for this content.
        modified: when it was written, by S3's clock.
    """

    content: bytes
    etag: str
    modified: datetime


class S3Objects:
    """The objects in one place. Every method raises :class:`~.aws.AwsError`."""

    def __init__(self, aws: Aws, location: S3Prefix) -> None:
        self._aws, self.location = aws, location

    async def read(self, name: str, limit: int, etag: str | None = None) -> S3Object:
        """One object. Needs ``s3:GetObject``.

        An object that is not there is ``not-found`` only for who may list the bucket, and ``access-denied`` for anyone else
        (API Reference, GetObject).

        Args:
            name: after the prefix.
            limit: bytes; of a longer one, one byte more is read, and nothing after it.
            etag: of the content that is known; if it is still this, the code of the error is ``not-modified``.
        """
        known = {"IfNoneMatch": etag} if etag else {}
        answer = await self._aws.call("s3", "GetObject", **self._named(name), **known)
        return S3Object(
            await asyncio.to_thread(_content, answer, limit), answer["ETag"], answer["LastModified"].astimezone(timezone.utc)
        )

    async def write(self, name: str, content: bytes, over: str | None) -> str:
        """Write one object; ``conflict`` if somebody else has written it meanwhile. Needs ``s3:PutObject``.

        Args:
            name: after the prefix.
            content: of it.
            over: the ETag of what it takes the place of; ``None`` if there must be nothing.

        Returns:
            Its ETag.
        """
        condition = {"IfMatch": over} if over else {"IfNoneMatch": "*"}
        answer = await self._aws.call(
            "s3", "PutObject", **self._named(name), Body=content, ContentType="application/json", **condition
        )
        etag: str = answer["ETag"]
        return etag

    def _named(self, name: str) -> dict[str, str]:
        owner = {"ExpectedBucketOwner": self.location.owner} if self.location.owner else {}
        return {"Bucket": self.location.bucket, "Key": self.location.prefix + name, **owner}


def _content(answer: dict[str, Any], limit: int) -> bytes:
    with closing(answer["Body"]) as body:
        content: bytes = body.read(limit + 1)
    return content
