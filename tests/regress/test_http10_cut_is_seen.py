"""A body that only the connection's end delimits (HTTP/1.0) must not look
complete when it is not (RFC 9112 8)."""

import sys

sys.path.insert(0, sys.path[0] + "/../support")
from origin import CLOSE, chunk
from runner import equal, run

HEAD = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


def read(t, *script):
    origin, gate = t.origin(), t.gate()
    origin.on("/a", [HEAD, chunk(b"some"), gate, *script])
    client = t.client(t.larder(origin))
    client.ask("GET", "/a", version="HTTP/1.0")
    response = client.read_head()
    equal(client.reader.exactly(4), b"some")
    gate.set()
    return client.read_body(response)


def test_a_backend_that_breaks_off_resets_the_connection(t):
    try:
        read(t, CLOSE)
    except ConnectionResetError:
        return
    raise AssertionError("it looks complete")


def test_one_that_does_not_ends_it_in_order(t):
    equal(read(t, chunk(b"thing"), b"0\r\n\r\n").body, b"thing")


run()
