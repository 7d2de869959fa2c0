"""Clients that take too long (RequestReadTimeout, Timeout)."""

import contextlib
import sys

sys.path.insert(0, sys.path[0] + "/../support")
from http1 import Ended
from origin import reply
from runner import equal, eventually, run, true, wait_hit

CONF = """
Timeout 60
RequestReadTimeout header=20-40,MinRate=500 body=20,MinRate=500
"""


def setup(t, conf=CONF):
    origin = t.origin()
    origin.on("/a", reply("Cache-Control: max-age=9999", body=b"fine"))
    return origin, t.larder(origin, conf)


def test_half_a_head_gives_408(t):
    origin, larder = setup(t)
    client = t.client(larder)
    client.send(b"GET /a HTTP/1.1\r\nHo")
    true(client.silent(), "it waits a while")
    t.clock.advance(21)
    equal(client.read().status, 408)
    true(client.closed(), "the connection is closed")


def test_a_head_in_drops_does_not_last_for_ever(t):
    origin, larder = setup(t)
    client = t.client(larder)
    client.send(b"GET /a HTTP/1.1\r\n")
    for i in range(4):
        t.clock.advance(11)
        try:
            client.send(b"X-%d: slow\r\n" % i)
        except ConnectionError:
            break
        if not client.silent():
            break
    equal(client.read().status, 408)


def test_a_connection_that_says_nothing_is_closed(t):
    origin, larder = setup(t)
    client = t.client(larder)
    true(client.silent(), "it waits a while")
    t.clock.advance(61)
    while client.reader.fill():
        pass
    equal(larder.get("/a").status, 200, "others are served")


def test_half_a_body_gives_408_or_an_end(t):
    origin, larder = setup(t)
    client = t.client(larder)
    client.send(client.head("POST", "/a", "Content-Length: 100") + b"half")
    origin.wait_count(1)
    t.clock.advance(21)
    try:
        equal(client.read().status, 408)
    except (Ended, ConnectionError):
        pass
    origin.wait_no_connections()


def test_a_body_that_keeps_its_rate_is_waited_for(t):
    origin, larder = setup(t)
    client = t.client(larder)
    client.send(client.head("POST", "/a", "Content-Length: 50000"))
    for _ in range(4):
        client.send(b"x" * 10000)
        true(client.silent(), "it waits")
        t.clock.advance(15)
    client.send(b"x" * 10000)
    equal(client.read().status, 200)


def test_a_client_that_does_not_read_is_dropped(t):
    origin, larder = setup(t, "Timeout 60\nCacheMaxFileSize 100000000")
    origin.on("/big", reply("Cache-Control: max-age=9999",
                            body=b"x" * 20_000_000))
    before = larder.sockets()
    client = t.client(larder, receive_buffer=4096)
    client.ask("GET", "/big")
    client.read_head()
    with larder.client() as other:
        wait_hit(other, "/big")
    origin.stop()
    t.clock.advance(61)
    eventually(lambda: larder.sockets() <= before, "its socket is closed")
    got = len(client.reader.data)
    with contextlib.suppress(ConnectionError):
        while client.reader.fill():
            got += len(client.reader.data)
            client.reader.data.clear()
    true(got < 20_000_000, "it was not given all of it")


run()
