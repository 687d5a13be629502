"""Helper of ``on_start.sh``, run by the Python of the environment as its owner: ``python - nb-updater-on-start VERB …``.

The last line of output is the answer. The helper is a part of the script, between single quotes and within the size limit of
AWS: so it has no types and no single quotes, and comments, docstrings and most indentation are removed. It runs before the
package is installed, so it imports nothing of it, and works with the old boto3 of the image.
"""

import hashlib
import io
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import zipfile
from pathlib import Path

READ_ERRORS = (OSError, ValueError, LookupError, TypeError)
PORT = 8443  # on a notebook instance, by public logs


class NotInstalled(Exception):
    """Nothing is installed. Arguments: outcome, reason."""


def prepare(wheel, sha256, index, note, settings, configuration, metadata):
    """Fetch the wheel, check whether it may be installed, and write the configuration. Answer with its hash and path."""
    switched_off = []
    try:
        arn = json.loads(Path(metadata).read_text())["ResourceArn"]
        region = arn.split(":")[3]
    except READ_ERRORS:
        arn = region = None
    asked = threading.Thread(target=ask_tags, args=(arn, region, switched_off), daemon=True)
    asked.start()
    folder = scratch()
    try:
        file = fetch(wheel, index, folder, region)
        digest = hashlib.sha256(file.read_bytes()).hexdigest()
        if sha256 and digest != sha256:
            raise ValueError(f"has another SHA-256 than {sha256}: {digest}")
        asked.join(5)
        if switched_off:
            raise NotInstalled("switched-off", "disabled by the tag nb-updater:disabled")
        if Path(note).is_file() and digest in Path(note).read_text():
            why = f"Jupyter crashed with {file.name} last time. Change the wheel, or delete {note}"
            raise NotInstalled("rolled-back", why)
        try_import(file)
        if configuration:
            Path(settings).write_text(configuration)
    except Exception as error:  # each error is logged
        shutil.rmtree(folder, ignore_errors=True)
        if isinstance(error, NotInstalled):
            raise
        raise NotInstalled("not-installed", f"{wheel}: {error!r}") from error
    return f"ready {digest} {file}"


def scratch():
    """Return a temporary folder; in memory if the root volume is full."""
    try:
        return tempfile.mkdtemp(prefix="nb-updater-")
    except OSError:
        return tempfile.mkdtemp(prefix="nb-updater-", dir="/dev/shm")


def client(service, region, connect, read):
    """Return a client of boto3 with short timeouts: in a VPC without endpoints a call hangs."""
    import boto3
    from botocore.config import Config

    patience = Config(connect_timeout=connect, read_timeout=read, retries={"max_attempts": 1})
    return boto3.session.Session(region_name=region).client(service, config=patience)


def ask_tags(arn, region, switched_off):
    """Find out whether a tag disables the extension on this instance. No answer counts as no."""
    try:
        tags = client("sagemaker", region, 2, 2).list_tags(ResourceArn=arn, MaxResults=100)["Tags"]
        switched_off += [tag for tag in tags if tag["Key"] == "nb-updater:disabled"]
    except Exception:  # noqa: BLE001  any error is no answer
        return


def fetch(wheel, index, folder, region):
    """Fetch the wheel into the folder, under the name that it was built with: pip reads the name."""
    if wheel.startswith("jupyter-nb-updater=="):
        more = ["--index-url", index] if index else []
        pip = [sys.executable, "-m", "pip", "download", "--no-deps", "--no-input", "--disable-pip-version-check", "-d", folder]
        done = subprocess.run([*pip, *more, wheel], capture_output=True, text=True, check=False)
        if done.returncode:
            raise OSError(done.stderr.strip().rpartition("\n")[2])
        return next(Path(folder).glob("*.whl"))
    scheme, _, rest = wheel.partition("://")
    target = Path(folder, wheel.partition("?")[0].rpartition("/")[2])
    if scheme == "s3":
        bucket, _, key = rest.partition("/")
        source = client("s3", region, 5, 20).get_object(Bucket=bucket, Key=key)["Body"]
    elif scheme == "https":
        import requests

        answer = requests.get(wheel, stream=True, timeout=20)
        answer.raise_for_status()
        source = answer.raw
    else:
        source = io.BytesIO(Path(wheel).read_bytes())
    content = source.read(64 << 20)
    if source.read(1):
        raise ValueError("larger than 64 MB")
    target.write_bytes(content)
    return target


def try_import(file):
    """Check that the wheel is complete and its package can be imported, before it is installed (zipimport)."""
    with zipfile.ZipFile(file) as wheel:
        if broken := wheel.testzip():
            raise ValueError(f"damaged: {broken}")
    sys.path.insert(0, str(file))
    __import__("jupyter_nb_updater")


def lay(store, lab):
    """Restore the layout that restore/layout.py has saved. Keep existing files, skip what JupyterLab cannot load."""
    for name in ("workspaces", "user-settings"):
        for source in Path(store, name).glob("**/*"):
            target = Path(lab, source.relative_to(store))
            try:
                content = source.read_bytes()
                if source.suffix == ".jupyterlab-workspace":
                    layout = json.loads(content)
                    layout["data"].keys(), layout["metadata"]["id"].strip()
                target.parent.mkdir(parents=True, exist_ok=True)
                with target.open("xb") as file:
                    file.write(content)
            except Exception:  # noqa: BLE001, S112  skip any file that cannot be restored
                continue


def look():
    """Print the process ids of the running servers, and return ``busy`` when one of them has kernels or terminals."""
    found = servers()
    print(*(server["pid"] for server in found), flush=True)  # although what follows may take too long
    for server in found:
        for kind in ("kernels", "terminals"):
            try:
                if (answer := get(server, f"api/{kind}")) and answer.json():
                    return "busy"
            except READ_ERRORS:
                continue
    return "idle"


def watch(seconds, before):
    """Wait until a new Jupyter server answers, and still answers three seconds later."""
    end = time.monotonic() + float(seconds)
    since = None
    while (now := time.monotonic()) < end:
        fresh = [server for server in servers() if not server["pid"] or str(server["pid"]) not in before.split()]
        since = (since or now) if any(map(answers, fresh)) else None
        if since and now > since + 3:
            return "answers"
        time.sleep(0.2)
    raise SystemExit(1)


def servers():
    """Return the running servers, that of the instance first, as jupyter_server.serverapp.list_running_servers does.

    Without their files, because Jupyter may keep them in another folder, return the address of the instance.
    """
    from jupyter_core.paths import jupyter_runtime_dir

    found = []
    for file in Path(jupyter_runtime_dir()).glob("jpserver-*.json"):
        try:
            server = json.loads(file.read_text())
            os.kill(server["pid"], 0)
            found.insert(len(found) * (server["port"] != PORT), server)
        except READ_ERRORS:
            continue
    return found or [{"pid": 0, "port": PORT, "hostname": "127.0.0.1", "url": "https:///"}]


def get(server, path):
    """Return the answer of a server, which is false if it is an error such as 403. The certificate is self-signed.

    The server is asked where it listens, and on the loopback interface if it listens everywhere: then its URL has the name of
    the machine, which need not resolve (jupyter_server.serverapp.ServerApp._get_urlparts).
    """
    import requests

    session = requests.Session()
    session.trust_env = False  # no proxy
    address = "//{hostname}:{port}".format(**server).replace("0.0.0.0", "127.0.0.1")  # noqa: S104  nothing is bound
    headers = {"Authorization": "token " + server.get("token", "")}
    return session.get(re.sub("//[^/]*", address, server["url"]) + path, headers=headers, timeout=3, verify=False)


def answers(server):
    """Return whether the server answers, also with an error such as 403."""
    try:
        return get(server, "api/status").status_code < 500
    except READ_ERRORS:
        return False


def main(_name, verb, *arguments):
    """Run a verb, and print the answer in the last line. Do not wait for a thread that hangs."""
    code = 0
    try:
        print({"lay": lay, "prepare": prepare, "look": look, "watch": watch}[verb](*arguments))
    except NotInstalled as error:
        print("refused", *(" ".join(str(word).split()) for word in error.args))
    except SystemExit:
        code = 1
    sys.stdout.flush()
    os._exit(code)


if __name__ == "__main__":
    main(*sys.argv[1:])
