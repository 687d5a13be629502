"""The part of a Jupyter server that the OnStart script uses: ``python jupyter_stand_in.py HOME``."""

import http.server
import json
import os
import pathlib
import sys


class Jupyter(http.server.BaseHTTPRequestHandler):
    """Respond, with the kernels in $SESSIONS."""

    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        answers = {"/api/kernels": os.environ.get("SESSIONS", "[]"), "/api/terminals": "[]"}
        self.wfile.write(answers.get(self.path, "{}").encode())

    def log_message(self, *_):
        pass


server = http.server.HTTPServer(("127.0.0.1", 0), Jupyter)
runtime = pathlib.Path(sys.argv[1], ".local/share/jupyter/runtime")
runtime.mkdir(parents=True, exist_ok=True)
told = {"pid": os.getpid(), "url": f"http://127.0.0.1:{server.server_address[1]}/", "token": ""}
(runtime / f"jpserver-{os.getpid()}.json").write_text(json.dumps(told))
server.serve_forever()
