"""A stale object that a HEAD request finds is refreshed like any other
(RFC 5861 3)."""

import sys

sys.path.insert(0, sys.path[0] + "/../support")
from origin import reply
from runner import equal, eventually, run, wait_hit

FRESH = "Cache-Control: max-age=10, stale-while-revalidate=1000"


def test_head_refreshes_the_whole_response(t):
    origin = t.origin()
    origin.on("/a", reply(FRESH, body=b"old"), reply(FRESH, body=b"new"))
    larder = t.larder(origin)
    client = t.client(larder)
    client.get("/a")
    wait_hit(client, "/a")
    t.clock.advance(20)
    with larder.client() as other:
        equal(other.request("HEAD", "/a").status, 200)
    origin.wait_count(2)
    equal(origin.seen("/a")[1].method, "GET")
    with larder.client() as other:
        eventually(lambda: other.request("HEAD", "/a").age < 10, "refreshed")
        equal(other.get("/a").body, b"new")


run()
