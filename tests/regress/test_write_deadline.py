"""Timeout is about a client that does not take what is there for it: not
about one that waits for the origin, and no bytes of its own put it off."""

import sys
import time

sys.path.insert(0, sys.path[0] + "/../support")
from origin import cacheable
from runner import equal, eventually, run, true, wait_hit

BIG = b"x" * (12 << 20)


def test_a_client_that_took_everything_waits_for_the_origin(t):
    origin, gate = t.origin(), t.gate()
    origin.on("/a", [b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n"
                     % (len(BIG) + 4), BIG, gate, b"last"])
    larder = t.larder(origin, "Timeout 1\nProxyTimeout 60")
    client = t.client(larder, receive_buffer=65536)
    client.ask("GET", "/a")
    equal(client.read_head().status, 200)
    client.silent(0.5)  # so that a write falls short
    client.reader.exactly(len(BIG))
    client.silent(2)
    gate.set()
    equal(client.reader.exactly(4), b"last")


def test_a_client_that_sends_but_does_not_read_is_cut_off(t):
    origin = t.origin()
    origin.on("/a", cacheable(BIG))
    larder = t.larder(origin, "Timeout 1\nCacheMaxFileSize 100M\n"
                      "CacheSize 128M")
    with larder.client() as other:
        other.get("/a")
        wait_hit(other, "/a")
    client = t.client(larder, receive_buffer=4096)
    client.ask("GET", "/a")
    end = time.monotonic() + 20

    def cut_off():
        time.sleep(0.3)
        try:
            client.send(b"GET /a HTTP/1.1\r\n")
        except ConnectionError:
            return True
        return time.monotonic() > end

    eventually(cut_off, "the connection is cut")
    true(time.monotonic() < end, "in time")


run()
