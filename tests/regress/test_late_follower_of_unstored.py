"""Who comes late to a response that the store did not take cannot have its
beginning any more, and must not be cut off for that."""

import sys

sys.path.insert(0, sys.path[0] + "/../support")
from runner import equal, run, true

BIG = b"x" * (4 << 20)
SIZE = 24 << 20  # more than half of the store: never taken
HEAD = (b"HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\n"
        b"Content-Length: %d\r\n\r\n" % SIZE)
CONF = "CacheSize 16M\nCacheMaxFileSize 1000000000"


def test_a_latecomer_has_a_fetch_of_its_own(t):
    origin, gate = t.origin(), t.gate()
    origin.on("/a", [HEAD, BIG, gate, *[BIG] * 5], [HEAD, *[BIG] * 6])
    larder = t.larder(origin, CONF)
    first, late = t.client(larder), t.client(larder)
    first.ask("GET", "/a")
    equal(first.read_head().status, 200)
    first.reader.exactly(len(BIG))
    late.ask("GET", "/a")
    response = late.read_head()
    equal(response.status, 200)
    late.read_body(response)
    equal(response.body_bytes, SIZE)
    gate.set()
    true(len(first.reader.exactly(SIZE - len(BIG))) > 0, "the first has all")
    equal(origin.count("/a"), 2, "requests at the origin")


run()
