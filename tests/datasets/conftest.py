"""A web server on the loopback interface, and the real files where this machine has them."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import os
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests._optional import no_data


class Server(ThreadingHTTPServer):
    """Serves `pages`, notes what was asked in `requests`; can misbehave as real servers do."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.pages = {}  # path -> content
        self.short = {}  # path -> number of bytes after which the connection breaks
        self.requests = []
        self.meeting = None  # a barrier at which requests wait for each other

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}"


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.requests.append(self.path)
        if self.server.meeting is not None:
            self.server.meeting.wait()
        if self.path not in self.server.pages:
            self.send_error(404)
            return
        content = self.server.pages[self.path]
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content[: self.server.short.get(self.path)])

    def log_message(self, *args):
        pass


@pytest.fixture
def server(monkeypatch):
    """A running server without pages."""
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.setenv(name, "127.0.0.1")
    with Server() as running:
        thread = threading.Thread(target=running.serve_forever, args=(0.05,))
        thread.start()
        yield running
        running.shutdown()
        thread.join()


@pytest.fixture(scope="session")
def real_file():
    """A function from the path of a real file below SCANN_DATA_HOME to its place; may skip."""

    home = os.environ.get("SCANN_DATA_HOME")  # now: some tests change it

    def find(path):
        if not home:
            no_data("SCANN_DATA_HOME is not set")
        for suffix in ("", ".gz"):
            found = Path(home, path + suffix)
            if found.is_file():
                return found
        no_data(f"SCANN_DATA_HOME has no {path}")

    return find


@pytest.fixture
def empty_home(tmp_path, monkeypatch):
    """A new data home, the default of all loaders."""
    monkeypatch.setenv("SCANN_DATA_HOME", str(tmp_path / "home"))
    return tmp_path / "home"
