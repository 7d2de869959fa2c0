"""Ranges that a body on its way to the disk cannot satisfy are answered at once,
and several of it wait: looking again for something better finds the same body,
and nothing else gets its turn."""

import sys

sys.path.insert(0, sys.path[0] + "/../support")
from origin import cacheable
from runner import equal, run

BODY = b"0123456789"


def test_ranges_of_a_complete_body(t):  # RFC 9110 14.2, 15.5.17
    origin = t.origin()
    larder = t.larder(origin, conf="WorkerThreads 1\nCacheSyncInterval 60000\n")
    origin.on("/a", cacheable(BODY))
    client = t.client(larder)
    equal(client.get("/a").body, BODY)
    for text, status in (("20-", 416), ("-0", 416), ("5-4", 200),
                         ("4-5", 206)):
        response = client.get("/a", "Range: bytes=" + text)
        equal(response.status, status, text)
    equal(origin.count("/a"), 1)
    client.ask("GET", "/a", "Range: bytes=0-1,4-5")  # from the store only
    equal(t.client(larder).get("/a").body, BODY)


run()
