#!/usr/bin/env python3
"""Many concurrent requests for one cold object: one request at the origin.

    LARDER=… collapse_10mb.py [--clients 1000] [--megabytes 10]

The origin holds its answer until all clients have asked, and half of the
body until the first half has reached every one of them.  The clients are
served by one loop, and each byte is compared.
"""

import argparse
import selectors
import sys
import time

sys.dont_write_bytecode = True
sys.path.insert(0, sys.path[0] + "/../support")
from bodies import body_of
from runner import demonstrate, equal, true

PIECE = 1 << 18


class Download:
    """One client's answer, compared as it comes."""

    def __init__(self, client):
        self.client, self.head, self.at = client, b"", -1

    def read(self, body):
        """False at the end."""
        piece = self.client.sock.recv(PIECE)
        open_ = bool(piece)
        if self.at < 0:
            self.head += piece
            end = self.head.find(b"\r\n\r\n")
            if end < 0:
                return open_
            self.at, piece = 0, self.head[end + 4:]
            true(self.head.startswith(b"HTTP/1.1 200 "), "the status is 200")
        true(body.startswith(piece, self.at), f"the bytes at {self.at}")
        self.at += len(piece)
        return self.at < len(body) and open_


def read_until(downloads, body, least, look):
    """Until each has that much of the body; look() now and then."""
    with selectors.DefaultSelector() as selector:
        for download in downloads:
            if download.at < least:
                selector.register(download.client.sock,
                                  selectors.EVENT_READ, download)
        while selector.get_map():
            for key, _ in selector.select(60):
                more = key.data.read(body)
                if not more or key.data.at >= least:
                    selector.unregister(key.fileobj)
            look()
    true(all(d.at >= least for d in downloads), "all of them came so far")


def main(t):
    parser = argparse.ArgumentParser()
    parser.add_argument("--clients", type=int, default=1000)
    parser.add_argument("--megabytes", type=int, default=10)
    options = parser.parse_args()
    body = body_of("large", options.megabytes << 20)
    half = len(body) // 2
    origin, asked, halfway = t.origin(), t.gate(), t.gate()
    origin.on("/large", [
        asked, b"HTTP/1.1 200 OK\r\nCache-Control: max-age=3600\r\n"
        b"Content-Length: %d\r\n\r\n" % len(body), body[:half], halfway,
        body[half:]])
    larder = t.larder(origin, "WorkerThreads 2\nCacheSize 512M\n"
                      "CacheMaxFileSize 1G")
    downloads = [Download(t.client(larder)) for _ in range(options.clients)]
    before, most = larder.memory_bytes(), [0]

    def look(times=[0]):
        times[0] += 1
        if times[0] % 20 == 0:
            most[0] = max(most[0], larder.memory_bytes())

    for download in downloads:
        download.client.ask("GET", "/large")
    start = time.monotonic()
    asked.set()
    read_until(downloads, body, half, look)
    print(f"{options.clients} clients have the first half while the origin "
          f"holds the second: {time.monotonic() - start:.1f} s")
    halfway.set()
    read_until(downloads, body, len(body), look)
    print(f"all have all of it: {time.monotonic() - start:.1f} s, "
          f"{options.clients * len(body) / 1e9:.1f} GB, every byte compared")
    print(f"memory of larder's own: {before / 1e6:.1f} MB before, "
          f"{most[0] / 1e6:.1f} MB at most")
    print(f"requests at the origin: {origin.count()}")
    equal(origin.count(), 1, "requests at the origin")


demonstrate(main)
