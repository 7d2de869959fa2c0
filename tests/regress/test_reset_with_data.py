"""A reset that comes together with data is noticed at once.

One event then tells of both, and of the reset only as EPOLLERR.
"""

import signal
import sys

sys.path.insert(0, sys.path[0] + "/../support")
from http1 import Ended
from origin import RESET
from runner import run

HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n"


def test_a_backends_reset_right_behind_its_data_ends_the_exchange(t):
    origin, gate = t.origin(), t.gate()
    origin.on("/a", [HEAD + b"some", gate, b"more", RESET])
    larder = t.larder(origin, "Timeout 600\nProxyTimeout 600")
    client = t.client(larder)
    client.ask("GET", "/a")
    response = client.read_head()
    client.reader.exactly(4)

    larder.signal(signal.SIGSTOP)  # so that it finds both when it looks
    gate.set()
    origin.wait_no_connections()
    larder.signal(signal.SIGCONT)
    try:
        client.read_body(response)
    except (Ended, ConnectionError):
        return
    raise AssertionError("the client was told that the body is complete")


run()
