"""A slow client whose response the store gives up half-way still gets all
of it, though it is far behind."""

import sys
import time

sys.path.insert(0, sys.path[0] + "/../support")
from origin import chunk
from runner import equal, run, together

PIECE = b"x" * 65536
BEFORE, AFTER = 9 * 16, 3 * 16  # pieces: 9 MiB and 3 MiB
HEAD = (b"HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\n"
        b"Transfer-Encoding: chunked\r\n\r\n")


def rest(client):
    """Reads chunks up to the last one; how many bytes they had."""
    got = 0
    while (size := int(client.reader.line(), 16)) > 0:
        client.reader.exactly(size + 2)
        got += size
    return got


def test_a_body_that_grows_beyond_the_largest_size(t):
    origin, gate = t.origin(), t.gate()
    origin.on("/a", [HEAD, *[chunk(PIECE)] * BEFORE, gate,
                     *[chunk(PIECE)] * AFTER, b"0\r\n\r\n"])
    larder = t.larder(origin,
                      "CacheMaxFileSize 10000000\nCacheSize 128M")
    slow = t.client(larder, receive_buffer=4096)
    quick = t.client(larder)
    slow.ask("GET", "/a")
    quick.ask("GET", "/a")
    head = quick.read_head()
    equal(head.status, 200)
    got = 0
    while got < BEFORE * len(PIECE):
        size = int(quick.reader.line(), 16)
        quick.reader.exactly(size + 2)
        got += size
    time.sleep(1)  # for the store to have nearly all of it
    gate.set()
    both = together(2, lambda i: rest(quick) if i == 0 else slow.read())
    equal(got + both[0], (BEFORE + AFTER) * len(PIECE), "the quick one")
    equal(both[1].body_bytes, got + both[0], "the slow one")


def test_a_body_that_the_store_has_no_room_for(t):
    origin, gate = t.origin(), t.gate()
    origin.on("/a", [HEAD, *[chunk(PIECE)] * 7 * 16, gate,
                     *[chunk(PIECE)] * 5 * 16, b"0\r\n\r\n"])
    larder = t.larder(origin, "CacheMaxFileSize 1000000000\nCacheSize 16M")
    slow = t.client(larder, receive_buffer=4096)
    slow.ask("GET", "/a")
    time.sleep(2)  # for the store to have it
    gate.set()
    time.sleep(1)  # for it to have too much
    equal(slow.read().body_bytes, 12 * 16 * len(PIECE))


def test_more_bodies_than_the_stores_queue_has_room_for(t):
    origin, n, size = t.origin(), 16, 20 << 20
    head = (b"HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\n"
            b"Content-Length: %d\r\n\r\n" % size)
    for i in range(n):
        origin.on(f"/{i}", [head, *[bytes(1 << 20)] * 20])
    larder = t.larder(origin, "CacheMaxFileSize 1000000000\nCacheSize 1G")
    clients = [t.client(larder, receive_buffer=4096) for _ in range(n)]
    for i, client in enumerate(clients):
        client.ask("GET", f"/{i}")
    time.sleep(3)  # for the fetches to be far ahead of them
    got = together(n, lambda i: clients[i].read().body_bytes)
    equal(set(got), {size})


run()
