"""Calls to AWS: lazily imported, in a worker thread, with short timeouts, and with errors that a person can act on."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Lock
from typing import Any

from traitlets import Float, Int
from traitlets.config import LoggingConfigurable

THROTTLING = {"ThrottlingException", "Throttling", "TooManyRequestsException", "RequestLimitExceeded", "SlowDown"}
DENIED = {"AccessDeniedException", "AccessDenied", "UnauthorizedOperation", "NotAuthorized"}
NOT_FOUND = {"ResourceNotFound", "ResourceNotFoundException", "NoSuchEntity", "NoSuchKey", "NoSuchBucket"}
NO_CREDENTIALS = {
    *("ExpiredTokenException", "UnrecognizedClientException", "InvalidSignatureException"),  # as JSON protocols say it
    *("ExpiredToken", "InvalidClientTokenId", "SignatureDoesNotMatch"),  # query protocols (IAM User Guide, "Common errors")
}
OWN_CODES = {
    "ConflictException": "conflict",
    **dict.fromkeys(("PreconditionFailed", "ConditionalRequestConflict"), "conflict"),  # S3 User Guide, "conditional writes"
    "SubscriptionRequiredException": "no-plan",  # an account whose support plan has no Health API (AWS Health User Guide)
    "304": "not-modified",  # what botocore makes of an answer to If-None-Match, which has no error in its body
    "KMSInvalidSignatureException": "invalid-signature",
    "InvalidKeyUsageException": "wrong-key",  # KMS: also of an algorithm that is not the key's ("Verify", Errors)
}

VALIDATION = {"sagemaker": "wrong-state", "kms": "wrong-key"}
"""What a plain ``ValidationException`` is about, by service."""


class AwsError(Exception):
    """AWS did not do what it was asked.

    Args:
        code: ``access-denied``, ``throttled``, ``wrong-state``, ``not-found``, ``conflict``, ``unreachable`` or ``aws-error``;
            ``not-modified`` of S3; ``invalid-signature`` and ``wrong-key`` of KMS; ``no-plan`` of Health.
        operation: the API operation, such as ``StopNotebookInstance``.
        message: AWS's own words, or the network's.
        action: the IAM action that was denied, such as ``sagemaker:StopNotebookInstance``; else ``None``.
        request_id: AWS's own id of the request, if it answered.
    """

    def __init__(
        self, code: str, operation: str, message: str, action: str | None = None, request_id: str | None = None
    ) -> None:
        super().__init__(f"{operation}: {message}")
        self.code, self.operation, self.message = code, operation, message
        self.action, self.request_id = action, request_id


def classify(aws_code: str, service: str) -> str:
    """Our code for AWS's error code.

    A wrong state is a plain ``ValidationException``, as is every other bad argument: SageMaker models no error for it
    (botocore's service model; seen in hashicorp/terraform-provider-aws#16767). Only there it is about a state.
    """
    if aws_code in DENIED | NO_CREDENTIALS:
        return "access-denied"
    if aws_code in THROTTLING:
        return "throttled"
    if aws_code in NOT_FOUND:
        return "not-found"
    if aws_code in OWN_CODES:
        return OWN_CODES[aws_code]
    return VALIDATION.get(service, "aws-error") if aws_code == "ValidationException" else "aws-error"


def denied_action(message: str) -> str | None:
    """The IAM action that AWS's message names, which may be another than the call's own: ``iam:PassRole`` with CreateSchedule.

    "User: … is not authorized to perform: SERVICE:ACTION …" (IAM User Guide, "Troubleshoot access denied error messages").
    """
    found = re.search(r"not authorized to perform: ([a-z0-9-]+:[A-Za-z0-9]+)", message)
    return found[1] if found else None


def request_id(answer: Mapping[str, Any]) -> str | None:
    """AWS's own id of a request, by which CloudTrail knows it (boto3 Guide, "Response metadata")."""
    found: str | None = answer.get("ResponseMetadata", {}).get("RequestId")
    return found


class Aws(LoggingConfigurable):
    """The way to every AWS API, for the region of the instance. ``AWS_ENDPOINT_URL`` is honored by boto3 itself."""

    connect_timeout_seconds = Float(
        3.0, help="Connect timeout in seconds. A VPC without an endpoint for a service does not answer at all."
    ).tag(config=True)
    read_timeout_seconds = Float(10.0, help="Read timeout in seconds.").tag(config=True)
    max_attempts = Int(2, help="Total number of attempts of one call, with botocore's standard backoff.").tag(config=True)

    def __init__(self, region: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.region = region
        self._clients: dict[str, Any] = {}
        self._lock = Lock()
        self._workers = ThreadPoolExecutor(max_workers=4, thread_name_prefix="nb-updater-aws")

    async def call(self, service: str, operation: str, **parameters: Any) -> dict[str, Any]:
        """Call one operation without blocking the event loop.

        Args:
            service: boto3's name of the service, such as ``sagemaker``.
            operation: the API's name of the operation, such as ``DescribeNotebookInstance``.
            parameters: as the API names them.

        Raises:
            AwsError: refused, unreachable or timed out; told apart by its code.
        """
        work = partial(self._call, service, operation, parameters)
        return await asyncio.get_running_loop().run_in_executor(self._workers, work)

    def close(self) -> None:
        """Let go of the worker threads; a call still in flight ends with its own timeout."""
        self._workers.shutdown(wait=False, cancel_futures=True)

    def _call(self, service: str, operation: str, parameters: dict[str, Any]) -> dict[str, Any]:
        from botocore import xform_name
        from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError
        from botocore.parsers import ResponseParserError

        try:
            method: Callable[..., dict[str, Any]] = getattr(self._client(service), xform_name(operation))
            return method(**parameters)
        except ClientError as error:
            answer = error.response.get("Error", {})
            code, message = classify(answer.get("Code", ""), service), answer.get("Message") or str(error)
            action = denied_action(message) or f"{service}:{operation}" if code == "access-denied" else None
            raise AwsError(code, operation, message, action, request_id(error.response)) from error
        except NoCredentialsError as error:
            raise AwsError("access-denied", operation, str(error), f"{service}:{operation}") from error
        except (BotoCoreError, ResponseParserError) as error:  # the second: something between us and AWS has answered
            raise AwsError("unreachable", operation, str(error)) from error

    def _client(self, service: str) -> Any:
        with self._lock:
            if service not in self._clients:
                import boto3
                from botocore.config import Config

                config = Config(
                    connect_timeout=self.connect_timeout_seconds,
                    read_timeout=self.read_timeout_seconds,
                    retries={"total_max_attempts": self.max_attempts, "mode": "standard"},
                )
                client = boto3.client(service, region_name=self.region, config=config)
                if service == "s3":
                    client.meta.events.register("before-parameter-build.s3.PutObject", _take_conditions)
                    client.meta.events.register("before-call.s3.PutObject", _send_conditions)
                self._clients[service] = client
            return self._clients[service]


CONDITIONS = {"IfMatch": "If-Match", "IfNoneMatch": "If-None-Match"}
"""Parameters of PutObject, which botocore has since the autumn of 2024, and the image may have an older one. S3 itself looks at
the headers, so that is how we send them, with any botocore."""


def _take_conditions(params: dict[str, Any], context: dict[str, Any], **_: Any) -> None:
    """Before botocore looks at parameters that it may not know."""
    context["nb_updater"] = {header: params.pop(name) for name, header in CONDITIONS.items() if name in params}


def _send_conditions(params: dict[str, Any], context: dict[str, Any], **_: Any) -> None:
    """Before the request is signed, and with it its headers."""
    params["headers"].update(context.get("nb_updater", {}))
