"""Bodies of 100 MB, both ways, in bounded memory."""

import select
import sys

sys.path.insert(0, sys.path[0] + "/../support")
import http1
from bodies import blocks, blocks_crc
from larder import sanitized
from origin import reply
from runner import equal, eventually, run, true

MIB = 1 << 20
N = 100
MOST_BYTES = 24 * MIB  # of memory, in either direction


def head(control):
    return (f"HTTP/1.1 200 OK\r\nCache-Control: {control}\r\n"
            f"Content-Length: {N * MIB}\r\n\r\n").encode()


class Watch:
    """The most memory larder had while this was asked."""

    def __init__(self, larder):
        self.larder, self.before = larder, larder.memory_bytes()
        self.most = 0

    def look(self):
        self.most = max(self.most, self.larder.memory_bytes() - self.before)

    def check(self):
        if not sanitized():
            true(self.most <= MOST_BYTES, f"{self.most / MIB:.1f} MiB")


def download(larder, watch):
    with larder.client() as client:
        client.ask("GET", "/a")
        response = client.read_head()
        response.keep_bytes = 0
        left = N * MIB
        while left > 0:
            http1.read_length(client.reader, response, min(left, 4 * MIB))
            left -= min(left, 4 * MIB)
            watch.look()
        equal(response.body_crc, blocks_crc(N), "the checksum")
        return response


def test_a_download_that_is_not_stored(t):
    origin = t.origin()
    origin.on("/a", lambda _: [head("no-store"), blocks(N)])
    larder = t.larder(origin)
    watch = Watch(larder)
    download(larder, watch)
    watch.check()


def test_a_download_that_is_stored_and_read_again(t):
    origin = t.origin()
    origin.on("/a", lambda _: [head("max-age=3600"), blocks(N)])
    larder = t.larder(origin, "CacheSize 512M\nCacheMaxFileSize 200000000")
    watch = Watch(larder)
    download(larder, watch)
    eventually(lambda: download(larder, watch).hit, "a hit")
    equal(origin.count(), 1, "requests at the origin")
    watch.check()


def test_an_upload(t):
    origin = t.origin()
    origin.on("/a", reply(body=b"thanks"))
    larder = t.larder(origin)
    watch = Watch(larder)
    client = t.client(larder)
    client.send(client.head("PUT", "/a", f"Content-Length: {N * MIB}"))
    for i, block in enumerate(blocks(N)):
        client.send(block)
        if i % 5 == 0:
            watch.look()
    equal(client.read().body, b"thanks")
    equal(origin.seen()[0].body_bytes, N * MIB)
    equal(origin.seen()[0].body_crc, blocks_crc(N), "the checksum")
    watch.check()


def test_a_client_that_stops_reading_stops_the_origin(t):
    origin = t.origin()
    sent = []

    def count():
        for block in blocks(N):
            yield block
            sent.append(1)

    origin.on("/a", lambda _: [head("no-store"), count()])
    larder = t.larder(origin)
    watch = Watch(larder)
    client = t.client(larder, receive_buffer=65536)
    client.ask("GET", "/a")
    response = client.read_head()
    standstill(lambda: len(sent))
    watch.look()
    true(len(sent) < N / 2, f"{len(sent)} MiB went out")
    response.keep_bytes = 0
    http1.read_length(client.reader, response, N * MIB)
    equal(response.body_crc, blocks_crc(N), "the checksum")
    watch.check()


def test_an_origin_that_stops_reading_stops_the_client(t):
    origin, gate = t.origin(), t.gate()
    origin.on("/a", reply(body=b"thanks"), hold=gate)
    larder = t.larder(origin)
    watch = Watch(larder)
    client = t.client(larder)
    client.send(client.head("PUT", "/a", f"Content-Length: {N * MIB}"))
    data, sent = b"x" * MIB, 0
    client.sock.setblocking(False)
    while (sent < N * MIB
           and select.select([], [client.sock], [], 1)[1]):
        sent += client.sock.send(data[:N * MIB - sent])
    watch.look()
    true(sent < N * MIB / 2, f"{sent / MIB:.0f} MiB went out")
    client.sock.settimeout(60)
    gate.set()
    while sent < N * MIB:
        sent += client.sock.send(data[:N * MIB - sent])
    equal(client.read().body, b"thanks")
    equal(origin.seen()[0].body_bytes, N * MIB)
    watch.check()


def standstill(count, seconds=0.5):
    """Waits until the count does not change for so long."""
    seen = -1
    while seen != (seen := count()):
        select.select([], [], [], seconds)


run()
