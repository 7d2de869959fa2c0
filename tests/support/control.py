"""larder's control socket, for tests that want to know what goes on inside.

The configuration must have CONTROL.
"""

import json
import os
import socket

import http1
from runner import equal, eventually

CONTROL = "ControlSocket {dir}/control\n"


def ask(larder, method, path):
    """One request; the response."""
    with socket.socket(socket.AF_UNIX) as sock:
        sock.settimeout(60)
        sock.connect(os.path.join(larder.dir, "control"))
        sock.sendall(f"{method} {path} HTTP/1.1\r\nHost: larder\r\n"
                     "Content-Length: 0\r\nConnection: close\r\n\r\n"
                     .encode())
        reader = http1.Reader(sock)
        response = http1.read_response_head(reader)
        http1.read_response_body(reader, response, method)
        return response


def ask_json(larder, method, path, status=200):
    response = ask(larder, method, path)
    equal(response.status, status, path)
    equal(response.get("Content-Type"), "application/json")
    return json.loads(response.body)


def stats(larder):
    return ask_json(larder, "GET", "/stats")


def wait_landed(larder):
    """Waits until all that was fetched is stored, or given up."""
    eventually(lambda: stats(larder)["flights"] == 0, "all has landed")
