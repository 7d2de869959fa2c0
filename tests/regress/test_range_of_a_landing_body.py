"""Ranges that a body on its way to the disk cannot satisfy, or several of it,
are answered at once: looking again for something better finds the same body,
and nothing else gets its turn."""

import sys

sys.path.insert(0, sys.path[0] + "/../support")
from origin import cacheable
from runner import equal, run

BODY = b"0123456789"


def test_ranges_of_a_complete_body(t):  # RFC 9110 14.2, 15.5.17
    origin = t.origin()
    larder = t.larder(origin, conf="WorkerThreads 1\nCacheSyncInterval 60000\n")
    for i, (text, status) in enumerate((("20-", 416), ("0-1,4-5", 200),
                                        ("-0", 416), ("5-4", 200),
                                        ("4-5", 206))):
        origin.on(f"/{i}", cacheable(BODY))
        client = t.client(larder)
        equal(client.get(f"/{i}").body, BODY)
        response = client.get(f"/{i}", "Range: bytes=" + text)
        equal(response.status, status, text)
        equal(origin.count(f"/{i}"), 1)


run()
