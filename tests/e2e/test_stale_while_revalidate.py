"""Stale at once, fresh behind the client's back (RFC 5861 section 3)."""

import sys

sys.path.insert(0, sys.path[0] + "/../support")
from origin import CLOSE, reply
from runner import equal, eventually, run, together, true, wait_hit

CONTROL = "Cache-Control: max-age=60, stale-while-revalidate=300"


def stale(t, age, *answers):
    """A larder whose /a is that old; the answers come after the first."""
    origin = t.origin()
    origin.on("/a", reply(CONTROL, 'ETag: "1"', body=b"old"), *answers)
    larder = t.larder(origin)
    larder.get("/a")
    wait_hit(t.client(larder), "/a")
    t.clock.advance(age)
    return larder, origin


def test_the_stale_answer_does_not_wait_for_the_origin(t):
    gate = t.gate()
    larder, origin = stale(t, 100, [gate, b"HTTP/1.1 200 OK\r\n"
                                    + CONTROL.encode() + b"\r\n"
                                    b"Content-Length: 3\r\n\r\nnew"])
    response = larder.get("/a")
    equal(response.body, b"old")
    true(response.hit, "it is a hit")
    true(int(response.cache["ttl"]) < 0, "and says that it is stale")

    origin.wait_count(2, "/a")
    equal(larder.get("/a").body, b"old", "while the origin thinks")
    gate.set()
    eventually(lambda: larder.get("/a").body == b"new", "the new body")
    equal(origin.count(), 2, "requests at the origin")


def test_a_304_refreshes_it(t):
    larder, origin = stale(t, 100, reply(CONTROL, 'ETag: "1"', status=304))
    larder.get("/a")
    eventually(lambda: int(larder.get("/a").cache.get("ttl", -1)) > 0,
               "a fresh hit")
    equal(origin.seen()[1].get("If-None-Match"), '"1"')
    equal(origin.count(), 2, "requests at the origin")


def test_a_refresh_has_no_condition_of_its_client(t):  # RFC 9111 4.3.1
    larder, origin = stale(t, 100, reply('ETag: "2"', status=304),
                           reply(CONTROL, body=b"new"))
    equal(larder.get("/a", 'If-None-Match: "1"').status, 304)
    origin.wait_count(3, "/a")  # the 304 was about something else
    equal(origin.seen()[2].get("If-None-Match"), None)
    eventually(lambda: larder.get("/a").body == b"new", "the new body")


def test_many_clients_cause_one_refresh(t):
    gate = t.gate()
    larder, origin = stale(t, 100, [gate, CLOSE])
    bodies = together(20, lambda _: larder.get("/a").body)
    equal(set(bodies), {b"old"})
    origin.wait_count(2)
    equal(origin.count(), 2, "requests at the origin")


def test_beyond_the_window_the_client_waits(t):
    larder, origin = stale(t, 400, reply(CONTROL, body=b"new"))
    equal(larder.get("/a").body, b"new")


def test_a_refresh_that_fails_leaves_the_stale_one_in_use(t):
    larder, origin = stale(t, 100, reply(status=500, body=b"oops"))
    equal(larder.get("/a").body, b"old")
    origin.wait_count(2, "/a")
    origin.wait_ended("/a", 2)
    equal(larder.get("/a").body, b"old")


run()
