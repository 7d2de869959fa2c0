"""Whoever waits for a hole that another has asked for asks himself when that
fails: only the other is cut off."""

import contextlib
import sys

sys.path.insert(0, sys.path[0] + "/../support")
from control import CONTROL, wait_landed
from http1 import Ended
from origin import CLOSE, reply
from runner import equal, run

N = 1000
BODY = bytes(i % 251 for i in range(N))
FIELDS = ("Cache-Control: max-age=60", 'ETag: "1"')


def part(first, last):
    return reply(f"Content-Range: bytes {first}-{last}/{N}", *FIELDS,
                 status=206, body=BODY[first:last + 1])


def second_waits(t, *failure, conf=""):
    origin, gate = t.origin(), t.gate()
    origin.on("/b", reply())
    larder = t.larder(origin, conf=CONTROL + "WorkerThreads 1\n" + conf)
    first, second = t.client(larder), t.client(larder)
    for text in ((100, 199), (400, 499)):
        origin.on("/a", part(*text))
        first.get("/a", "Range: bytes=%d-%d" % text)
        wait_landed(larder)
    origin.on("/a", part(0, 99), [gate, *failure], part(200, 399),
              part(500, 999))
    first.ask("GET", "/a")
    first.read_head()
    origin.wait_count(4, "/a")
    second.ask("GET", "/a")
    other = second.read_head()
    t.client(larder).get("/b")  # the worker has been all the way round
    gate.set()
    equal(second.read_body(other).body, BODY)
    return first


def test_it_is_answered_with_nonsense(t):
    first = second_waits(t, b"no HTTP\r\n\r\n", CLOSE)
    with contextlib.suppress(Ended, ConnectionError):
        first.reader.exactly(N)
        raise AssertionError("a whole answer")


def test_it_is_not_answered(t):
    second_waits(t, t.gate(), conf="CacheLockMaxAge 1\n")


run()
