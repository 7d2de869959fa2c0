"""Ranges that cannot be taken from a body on its way, asked for by who would
ask for the whole: they have a fetch of their own.  Looking again would find the
same body for ever, and the worker has no turn for anybody else."""

import sys

sys.path.insert(0, sys.path[0] + "/../support")
from origin import chunk, reply
from runner import equal, run

BODY = b"0123456789" * 1000
HEAD = (b"HTTP/1.1 200 OK\r\nETag: \"2\"\r\nCache-Control: max-age=60\r\n"
        b"Transfer-Encoding: chunked\r\n\r\n")


def beside(t, conf, *first):
    """A larder whose fetch of /a is at its middle; the rest comes when gate
    opens, and another fetch gets a 200 at once."""
    origin, gate = t.origin(), t.gate()
    origin.on("/a", *first, [HEAD, chunk(BODY[:5000]), gate,
                             chunk(BODY[5000:]), b"0\r\n\r\n"],
              reply('ETag: "2"', "Cache-Control: max-age=60", body=BODY))
    larder = t.larder(origin, conf="WorkerThreads 1\n" + conf)
    for _ in first:
        larder.get("/a")
    leader = t.client(larder)
    leader.ask("GET", "/a", "Cache-Control: no-cache")
    equal(leader.read_head().status, 200)
    return origin, larder, leader, gate


def rest(client):
    got = b""
    while (size := int(client.reader.line(), 16)) > 0:
        got += client.reader.exactly(size + 2)[:-2]
    return got


def check(origin, larder, leader, gate, ranges, fetches):
    response = larder.get("/a", "Range: bytes=" + ranges,
                          "Cache-Control: no-cache")
    equal(response.status, 200)
    equal(response.body, BODY)
    equal(origin.count("/a"), fetches)
    gate.set()
    equal(rest(leader), BODY, "the one who came first")


def test_several_ranges_of_what_is_asked_about(t):
    stored = reply('ETag: "1"', "Cache-Control: max-age=60", body=b"old")
    check(*beside(t, "", stored), "0-1,4-5", 3)


def test_a_range_where_wholes_are_fetched(t):
    check(*beside(t, "CacheRangeFill Whole\n"), "9000-9001,4-5", 2)


run()
