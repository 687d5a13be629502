"""Call AWS: imported lazily, in worker threads, with short timeouts and classified errors."""

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
    *("ExpiredTokenException", "UnrecognizedClientException", "InvalidSignatureException"),  # JSON protocols
    *("ExpiredToken", "InvalidClientTokenId", "SignatureDoesNotMatch"),  # query protocols (IAM User Guide, "Common errors")
}
OWN_CODES = {
    "ConflictException": "conflict",
    **dict.fromkeys(("PreconditionFailed", "ConditionalRequestConflict"), "conflict"),  # S3 User Guide, "conditional writes"
    "SubscriptionRequiredException": "no-plan",  # an account whose support plan has no Health API (AWS Health User Guide)
    "304": "not-modified",  # botocore's code for a 304 response, which has no body
    "KMSInvalidSignatureException": "invalid-signature",
    "InvalidKeyUsageException": "wrong-key",  # KMS: also for an algorithm that the key does not support ("Verify", Errors)
}

VALIDATION = {"sagemaker": "wrong-state", "kms": "wrong-key"}
"""Meaning of a plain ``ValidationException``, by service."""


class AwsError(Exception):
    """AWS refused a request, or could not be reached.

    Args:
        code: ``access-denied``, ``throttled``, ``wrong-state``, ``not-found``, ``conflict``, ``unreachable`` or ``aws-error``;
            ``not-modified`` for S3; ``invalid-signature`` and ``wrong-key`` for KMS; ``no-plan`` for Health.
        operation: name of the API operation, such as ``StopNotebookInstance``.
        message: message of AWS or of the network.
        action: the denied IAM action, such as ``sagemaker:StopNotebookInstance``; ``None`` otherwise.
        request_id: AWS's request id, if AWS responded.
    """

    def __init__(
        self, code: str, operation: str, message: str, action: str | None = None, request_id: str | None = None
    ) -> None:
        super().__init__(f"{operation}: {message}")
        self.code, self.operation, self.message = code, operation, message
        self.action, self.request_id = action, request_id


def classify(aws_code: str, service: str) -> str:
    """Return our code for AWS's error code.

    A wrong state is a plain ``ValidationException``, as is any other invalid argument: SageMaker models no error for it
    (botocore's service model; seen in hashicorp/terraform-provider-aws#16767). Only for SageMaker it means a wrong state.
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
    """Return the IAM action in AWS's message, which may differ from the operation: ``iam:PassRole`` for CreateSchedule.

    "User: … is not authorized to perform: SERVICE:ACTION …" (IAM User Guide, "Troubleshoot access denied error messages").
    """
    found = re.search(r"not authorized to perform: ([a-z0-9-]+:[A-Za-z0-9]+)", message)
    return found[1] if found else None


def request_id(answer: Mapping[str, Any]) -> str | None:
    """Return AWS's id of a request, which CloudTrail also records (boto3 Guide, "Response metadata")."""
    found: str | None = answer.get("ResponseMetadata", {}).get("RequestId")
    return found


class Aws(LoggingConfigurable):
    """Call any AWS API in the region of the instance. boto3 reads ``AWS_ENDPOINT_URL``."""

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
        """Call an operation without blocking the event loop.

        Args:
            service: boto3's name of the service, such as ``sagemaker``.
            operation: name of the API operation, such as ``DescribeNotebookInstance``.
            **parameters: parameters of the operation.

        Raises:
            AwsError: AWS refused the request, could not be reached or did not respond in time; see its code.
        """
        work = partial(self._call, service, operation, parameters)
        return await asyncio.get_running_loop().run_in_executor(self._workers, work)

    def close(self) -> None:
        """Release the worker threads. A call in progress ends with its own timeout."""
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
        except (BotoCoreError, ResponseParserError) as error:  # the second: a proxy responded instead of AWS
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
"""Parameters of PutObject and their headers. botocore knows them since autumn 2024, but the image may have an older version, so
we set the headers ourselves."""


def _take_conditions(params: dict[str, Any], context: dict[str, Any], **_: Any) -> None:
    """Remove the parameters before botocore validates them."""
    context["nb_updater"] = {header: params.pop(name) for name, header in CONDITIONS.items() if name in params}


def _send_conditions(params: dict[str, Any], context: dict[str, Any], **_: Any) -> None:
    """Add the headers before the request is signed."""
    params["headers"].update(context.get("nb_updater", {}))
