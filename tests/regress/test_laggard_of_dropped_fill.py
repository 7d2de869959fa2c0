"""A slow client whose response the store gives up half-way still gets all
of it, though it is far behind."""

import sys

sys.path.insert(0, sys.path[0] + "/../support")
from origin import chunk
from runner import equal, run, together

PIECE = b"x" * 65536
HEAD = (b"HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\n"
        b"Transfer-Encoding: chunked\r\n\r\n")


def endless(n):
    return [HEAD, *[chunk(PIECE)] * n, b"0\r\n\r\n"]


def lagging(t, conf, n, n_quick=1):
    """The body's length is known to nobody until it ends; one client reads
    nothing until the others have it all."""
    origin = t.origin()
    origin.on("/a", endless(n))
    larder = t.larder(origin, conf)
    slow = t.client(larder, receive_buffer=4096)
    quick = [t.client(larder) for _ in range(n_quick)]
    slow.ask("GET", "/a")
    equal(slow.read_head().status, 200)
    for client in quick:
        client.ask("GET", "/a")
    return origin, slow, quick


def test_it_grew_beyond_the_largest_size(t):
    n = 12 * 16  # 12 MiB
    origin, slow, quick = lagging(
        t, "CacheMaxFileSize 10000000\nCacheSize 128M", n)
    answer = [None]

    def read(i):
        if i == 0:
            response = quick[0].read()
            answer[0] = response.body_bytes
            return response.body_bytes
        quick[0].silent(1)
        total = 0
        while total < n * len(PIECE):  # chunks, as they come
            line = slow.reader.line()
            size = int(line, 16)
            total += size
            slow.reader.exactly(size + 2)
        return total

    equal(together(2, read), [n * len(PIECE)] * 2)


run()
