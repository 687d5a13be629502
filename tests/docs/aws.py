"""``aws`` for the documented commands: parses them with botocore's model like the AWS CLI, and makes the calls.

The AWS CLI itself is not a dependency, because it pins a version of botocore. Of its parameter syntax only what the pages use
is
supported: text, numbers, flags, JSON, and the shorthand ``Key=value,Key=value``. Unknown parameters are an error.
"""

import json
import sys
from pathlib import Path

import boto3
import jmespath
from botocore import xform_name


def main(words):
    """Run one command line."""
    words, query = _take(words, "--query")
    words, output = _take(words, "--output")
    service, operation, *rest = words
    special = {("s3", "cp"): _copy, ("cloudformation", "deploy"): _deploy}.get((service, operation))
    if special:
        special(*rest)
        return
    client = boto3.client(service)
    if operation == "wait":
        name, *rest = rest
        waiter = client.get_waiter(name.replace("-", "_"))
        waiter.config.delay = 1  # seconds instead of the 30 that suit the real one
        waiter.wait(**_parameters(client, _operation_of(service, name), rest))
        return
    names = {xform_name(name, "-"): name for name in client.meta.service_model.operation_names}
    name = names.get(operation) or sys.exit(f"aws {service} has no operation {operation}")
    answer = getattr(client, xform_name(name))(**_parameters(client, name, rest))
    answer.pop("ResponseMetadata", None)
    answer = jmespath.search(query, answer) if query else answer
    if answer:
        sys.stdout.write(f"{answer if output == 'text' else json.dumps(answer, indent=4, default=str)}\n")


def _take(words, option):
    if option not in words:
        return words, None
    at = words.index(option)
    return [*words[:at], *words[at + 2 :]], words[at + 1]


def _operation_of(service, waiter):
    import botocore.session

    model = botocore.session.get_session().get_waiter_model(service)
    return model.get_waiter("".join(part.capitalize() for part in waiter.split("-"))).operation


def _parameters(client, operation, words):
    """Parse ``--option value…`` with the names and types in the model of the operation."""
    shape = client.meta.service_model.operation_model(operation).input_shape
    options = {f"--{xform_name(name, '-')}": (name, member) for name, member in shape.members.items()}
    values = {}
    for word in words:
        if word.startswith("--"):
            if word not in options:
                sys.exit(f"{operation} has no parameter {word}")
            name, member = options[word]
            values[name] = [] if member.type_name != "boolean" else [True]
        else:
            values[name].append(word)
    missing = set(shape.required_members) - values.keys()
    if missing:
        sys.exit(f"{operation} needs {', '.join(sorted(missing))}")
    return {name: _value(shape.members[name], given) for name, given in values.items()}


def _value(shape, given):
    if shape.type_name == "list":
        return [_value(shape.member, [word]) for word in given]
    (value,) = given
    if shape.type_name == "structure":
        pairs = (
            (pair.partition("=")[::2] for pair in value.split(",")) if not value.startswith("{") else json.loads(value).items()
        )
        return {name: _value(shape.members[name], [text]) for name, text in pairs}
    if shape.type_name in {"integer", "long"}:
        return int(value)
    if isinstance(value, str) and value.startswith("file://"):
        return Path(value.removeprefix("file://")).read_text("utf-8")
    return value


def _copy(source, target):
    """Handle ``aws s3 cp FILE s3://bucket/key``."""
    bucket, _, key = target.removeprefix("s3://").partition("/")
    boto3.client("s3").upload_file(source, bucket, f"{key}{Path(source).name}" if target.endswith("/") else key)


def _deploy(*words):
    """Handle ``aws cloudformation deploy``, which creates a stack from a file and waits for it."""
    options = {}
    for word in words:
        if word.startswith("--"):
            given = options.setdefault(word, [])
        else:
            given.append(word)
    known = {"--stack-name", "--template-file", "--capabilities", "--parameter-overrides"}
    if unknown := options.keys() - known:
        sys.exit(f"aws cloudformation deploy: not known here: {', '.join(sorted(unknown))}")
    overrides = (pair.partition("=")[::2] for pair in options.get("--parameter-overrides", ()))
    client = boto3.client("cloudformation")
    client.create_stack(
        StackName=options["--stack-name"][0],
        TemplateBody=Path(options["--template-file"][0]).read_text("utf-8"),
        Capabilities=options["--capabilities"],
        Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in overrides],
    )
    waiter = client.get_waiter("stack_create_complete")
    waiter.config.delay = 1
    waiter.wait(StackName=options["--stack-name"][0])


if __name__ == "__main__":
    main(sys.argv[1:])
