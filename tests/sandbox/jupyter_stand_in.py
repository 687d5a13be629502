"""The part of a Jupyter server that the OnStart script uses: ``python jupyter_stand_in.py HOME``.

It listens on all addresses, so its file names a machine that cannot be resolved, as on a notebook instance. It loads our
extension if it is installed. While the file ``slow`` exists, it does not listen yet.
"""

import http.server
import importlib.util
import json
import os
import pathlib
import sys
import time

home = pathlib.Path(sys.argv[1])


class Jupyter(http.server.BaseHTTPRequestHandler):
    """Respond, with the kernels in $SESSIONS."""

    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        answers = {"/api/kernels": os.environ.get("SESSIONS", "[]"), "/api/terminals": "[]"}
        self.wfile.write(answers.get(self.path, "{}").encode())

    def log_message(self, *_):
        pass


control_group = home / "proc" / str(os.getpid()) / "cgroup"
control_group.parent.mkdir(parents=True, exist_ok=True)
control_group.write_text((home / "control-group").read_text())
if importlib.util.find_spec("jupyter_nb_updater"):
    import jupyter_nb_updater

    getattr(jupyter_nb_updater, "_load_jupyter_server_extension", bool)(None)
while (home / "slow").exists():
    time.sleep(0.1)
server = http.server.HTTPServer(("0.0.0.0", 0), Jupyter)
runtime = home / ".local/share/jupyter/runtime"
runtime.mkdir(parents=True, exist_ok=True)
port = server.server_address[1]
url = f"http://a-machine-without-a-name.invalid:{port}/"
told = {"pid": os.getpid(), "hostname": "0.0.0.0", "port": port, "url": url, "token": ""}
(runtime / f"jpserver-{os.getpid()}.json").write_text(json.dumps(told))
server.serve_forever()
