"""A response that took long to arrive does not take the place of one that the
origin sent later (RFC 9111 4: the most recent one is to be used)."""

import sys

sys.path.insert(0, sys.path[0] + "/../support")
from origin import cacheable
from runner import equal, run, wait_hit

HEAD = (b"HTTP/1.1 200 OK\r\nCache-Control: max-age=3600\r\n%s"
        b"Content-Length: 6\r\n\r\nold")


def overtaken(t, conf="", vary=b""):
    """What is stored in the end, when /a is fetched again while the first
    body is on its way."""
    origin, gate = t.origin(), t.gate()
    fields = [line.decode() for line in vary.splitlines()]
    origin.on("/a", [HEAD % vary, gate, b"old"],
              *[cacheable(b"new", *fields)] * 1000)
    larder = t.larder(origin, conf)
    slow = t.client(larder)
    slow.ask("GET", "/a")
    head = slow.read_head()
    t.clock.advance(5)
    with larder.client() as client:
        equal(client.get("/a", "Cache-Control: no-cache").body, b"new")
        wait_hit(client, "/a")
    gate.set()
    equal(slow.read_body(head).body, b"oldold")
    larder.stop()
    larder.start()
    response = larder.get("/a", "Cache-Control: only-if-cached")
    equal(response.body, b"new")


def test_when_each_asks_for_itself(t):
    overtaken(t, "CacheLock off")


def test_of_a_variant(t):
    overtaken(t, "CacheLock off", b"Vary: X-Kind\r\n")


def test_a_later_one_takes_the_place_of_an_earlier_one(t):
    origin = t.origin()
    origin.on("/a", cacheable(b"old"), cacheable(b"new"))
    larder = t.larder(origin)
    with larder.client() as client:
        client.get("/a")
        wait_hit(client, "/a")
        client.get("/a", "Cache-Control: no-cache")
    larder.stop()
    larder.start()
    equal(larder.get("/a").body, b"new", "even in the same second")


run()
