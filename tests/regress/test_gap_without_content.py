"""An origin that has nothing to say about a hole is asked once more at
most, and not for ever."""

import contextlib
import sys

sys.path.insert(0, sys.path[0] + "/../support")
from control import CONTROL, wait_landed
from http1 import Ended
from origin import reply
from runner import equal, run, true

FIELDS = ("Cache-Control: max-age=60", 'ETag: "1"')
EMPTY = (b"HTTP/1.1 206 Partial Content\r\nCache-Control: max-age=60\r\n"
         b'ETag: "1"\r\nContent-Range: bytes 0-99/1000\r\n'
         b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n")


def test_a_hole_at_the_beginning(t):
    origin = t.origin()
    origin.on("/a", reply("Content-Range: bytes 100-199/1000", *FIELDS,
                          status=206, body=bytes(100)))
    larder = t.larder(origin, conf=CONTROL)
    client = t.client(larder)
    client.get("/a", "Range: bytes=100-199")
    wait_landed(larder)
    origin.on("/a", EMPTY)
    with contextlib.suppress(Ended, ConnectionError):
        equal(client.get("/a", "Range: bytes=0-199").status, 502)
    true(origin.count("/a") <= 3, f"{origin.count('/a')} requests")


run()
