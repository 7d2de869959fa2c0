"""An answer that could not be kept because of what was asked for (HEAD, a
range, a condition) says nothing about the resource: the next ones still
share a fetch."""

import sys

sys.path.insert(0, sys.path[0] + "/../support")
from origin import cacheable, reply
from runner import equal, run, together


def shared(t, ask, *answers):
    """How many of 8 simultaneous GETs reach the origin after ask."""
    origin, gate = t.origin(), t.gate()
    origin.on("/a", *answers, [
        gate, b"HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\n"
        b"Content-Length: 5\r\n\r\nwhole"])
    larder = t.larder(origin)
    with larder.client() as client:
        ask(client)
    before = origin.count("/a")
    clients = [t.client(larder) for _ in range(8)]
    for client in clients:
        client.ask("GET", "/a")
    origin.wait_count(before + 1)
    clients[0].silent(0.3)
    gate.set()
    bodies = together(8, lambda i: clients[i].read().body)
    equal(set(bodies), {b"whole"})
    equal(origin.count("/a") - before, 1, "requests at the origin")


def test_after_a_head_request(t):
    shared(t, lambda c: c.request("HEAD", "/a"), cacheable(b"whole"))


def test_after_a_range(t):
    shared(t, lambda c: c.get("/a", "Range: bytes=0-1"),
           reply("Content-Range: bytes 0-1/5", status=206, body=b"wh"))


def test_after_a_condition(t):
    shared(t, lambda c: c.get("/a", 'If-None-Match: "x"'),
           reply('ETag: "x"', status=304))


def test_after_a_request_that_forbids_storing(t):
    shared(t, lambda c: c.get("/a", "Cache-Control: no-store"),
           cacheable(b"whole"))


run()
