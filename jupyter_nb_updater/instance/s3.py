"""Read S3 objects if they have changed, and write them if nobody else has changed them."""

from __future__ import annotations

import asyncio
import re
from contextlib import closing
from datetime import datetime, timezone
from typing import Any, NamedTuple

from .aws import Aws
from .metadata import Identity

OBSERVED = "s3://sagemaker-{region}-{account}/nb-updater/observed"
"""Default location where instances share which versions they run. SageMaker's own SDK creates this bucket
(``Session.default_bucket``), and AmazonSageMakerFullAccess allows its objects (``arn:aws:s3:::*sagemaker*``)."""

FORM = re.compile(r"s3://([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(/[A-Za-z0-9!_.*'()/-]*)?")
"""Valid characters of bucket names, and those that are safe in keys (S3 User Guide, "Naming Amazon S3 objects")."""


class S3Prefix(NamedTuple):
    """A folder in a bucket.

    Args:
        bucket: name of the bucket.
        prefix: prefix of the keys, with a slash at the end unless it is empty.
        owner: account that must own the bucket; ``None`` if unknown.
    """

    bucket: str
    prefix: str
    owner: str | None = None

    @classmethod
    def parse(cls, text: str, instance: Identity) -> S3Prefix:
        """Parse ``s3://bucket/prefix``, in which ``{region}`` and ``{account}`` are replaced by those of the instance.

        Anyone can guess the name of the default bucket, and may have created it first. So it is used only if it belongs to our
        own
        account: ``ExpectedBucketOwner`` (S3 User Guide, "Verifying bucket ownership with bucket owner condition").

        Raises:
            ValueError: the text has another format.
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
    """An object that was read.

    Args:
        content: its content, up to the requested limit.
        etag: S3's ETag of this content.
        modified: time of the last write, by the clock of S3.
    """

    content: bytes
    etag: str
    modified: datetime


class S3Objects:
    """Read and write the objects in one location. Every method raises :class:`~.aws.AwsError`."""

    def __init__(self, aws: Aws, location: S3Prefix) -> None:
        self._aws, self.location = aws, location

    async def read(self, name: str, limit: int, etag: str | None = None) -> S3Object:
        """Read an object. Needs ``s3:GetObject``.

        A missing object is ``not-found`` only with permission to list the bucket, and otherwise ``access-denied`` (API
        Reference,
        GetObject).

        Args:
            name: name of the object after the prefix.
            limit: maximum size in bytes; of a longer object, one byte more is read.
            etag: ETag of the known content; if it is unchanged, the code of the error is ``not-modified``.
        """
        known = {"IfNoneMatch": etag} if etag else {}
        answer = await self._aws.call("s3", "GetObject", **self._named(name), **known)
        return S3Object(
            await asyncio.to_thread(_content, answer, limit), answer["ETag"], answer["LastModified"].astimezone(timezone.utc)
        )

    async def write(self, name: str, content: bytes, over: str | None) -> str:
        """Write an object; ``conflict`` if another client has written it meanwhile. Needs ``s3:PutObject``.

        Args:
            name: name of the object after the prefix.
            content: the new content.
            over: ETag of the content to replace; ``None`` if the object must not exist.

        Returns:
            The new ETag.
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
