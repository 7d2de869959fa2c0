"""A reset that comes together with data is noticed at once.

One epoll event then tells of both, and of the reset only as EPOLLERR.
"""

import sys

sys.path.insert(0, sys.path[0] + "/../support")
from http1 import Ended
from origin import RESET
from runner import equal, run

HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n"


def test_a_backends_reset_right_behind_its_data_ends_the_exchange(t):
    origin = t.origin()
    larder = t.larder(origin, "Timeout 600\nProxyTimeout 600")
    for i in range(150):
        origin.on(f"/{i}", [HEAD + b"x" * 50, RESET])
        with larder.client() as client:
            try:
                equal(client.get(f"/{i}").status, 502)
            except (Ended, ConnectionError):
                pass  # cut off after the head: as good


run()
