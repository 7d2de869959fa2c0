"""Garbage and half requests harm nobody."""

import contextlib
import random
import socket
import sys

sys.path.insert(0, sys.path[0] + "/../support")
from origin import cacheable
from runner import equal, eventually, run, true

GOOD = (b"POST /a?q=1 HTTP/1.1\r\nHost: h\r\nContent-Type: text/plain\r\n"
        b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nX: y\r\n\r\n")


def setup(t):
    origin = t.origin()
    origin.on("/a", cacheable(b"fine"))
    return t.larder(origin)


def thrown_at(larder, data, half_close=True):
    """Sends it and reads whatever comes, to the end."""
    with larder.client() as client, contextlib.suppress(ConnectionError):
        client.send(data)
        if half_close:
            client.sock.shutdown(socket.SHUT_WR)
        while client.reader.fill():
            client.reader.data.clear()


def still_fine(larder):
    equal(larder.get("/a").body, b"fine")


def test_random_bytes(t):
    larder = setup(t)
    random_ = random.Random(1)
    for _ in range(300):
        thrown_at(larder, random_.randbytes(random_.randrange(1, 3000)))
    still_fine(larder)


def test_a_request_with_a_few_bytes_changed(t):
    larder = setup(t)
    random_ = random.Random(2)
    for _ in range(500):
        data = bytearray(GOOD)
        for _ in range(random_.randrange(1, 4)):
            data[random_.randrange(len(data))] = random_.randrange(256)
        thrown_at(larder, bytes(data))
    still_fine(larder)


def test_a_request_cut_at_every_position(t):
    larder = setup(t)
    for i in range(len(GOOD)):
        thrown_at(larder, GOOD[:i])
    still_fine(larder)


def test_a_client_that_resets_at_any_time(t):
    larder = setup(t)
    for i in range(0, len(GOOD), 3):
        client = larder.client()
        client.send(GOOD[:i])
        client.close()
    still_fine(larder)


def test_a_tls_hello_on_a_plain_port(t):
    larder = setup(t)
    thrown_at(larder, bytes.fromhex("16030100c8010000c40303") + b"\0" * 189)
    still_fine(larder)


def test_an_endless_stream_of_empty_lines(t):
    larder = setup(t)
    thrown_at(larder, b"\r\n" * 100_000)
    still_fine(larder)


def test_a_megabyte_without_a_line_end(t):
    larder = setup(t)
    thrown_at(larder, b"x" * 1_000_000, half_close=False)
    still_fine(larder)


def test_connections_that_open_and_close(t):
    larder = setup(t)
    still_fine(larder)
    before = larder.sockets()
    for _ in range(1000):
        larder.client().close()
    still_fine(larder)
    eventually(lambda: larder.sockets() < before + 100,
               "they do not pile up")


run()
