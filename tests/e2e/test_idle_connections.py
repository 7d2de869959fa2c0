"""Thousands of idle connections cost a few KiB each."""

import sys

sys.path.insert(0, sys.path[0] + "/../support")
from larder import sanitized
from origin import cacheable
from runner import Skip, equal, eventually, run, true, wait_hit

N = 2000
MOST_BYTES = 8192


def test_2000_idle_connections_stay_usable_and_small(t):
    origin = t.origin()
    origin.on("/a", cacheable(b"x" * 1000))
    larder = t.larder(origin, "KeepAliveTimeout 600")
    first = t.client(larder)
    first.get("/a")
    wait_hit(first, "/a")
    before = larder.memory_bytes()

    clients = [t.client(larder) for _ in range(N)]
    for client in clients:
        equal(client.get("/a").status, 200)
    each = (larder.memory_bytes() - before) / N
    for client in clients:
        true(client.get("/a").hit, "it is still served")
    if sanitized():
        raise Skip("memory figures mean nothing with a sanitizer")
    true(each <= MOST_BYTES, f"{each:.0f} bytes for each connection")


def test_connections_that_never_said_a_word_cost_no_more(t):
    larder = t.larder(t.origin(), "KeepAliveTimeout 600\n"
                      "RequestReadTimeout header=0 body=0\nTimeout 600")
    t.client(larder).get("/a")
    before, sockets = larder.memory_bytes(), larder.sockets()
    clients = [t.client(larder) for _ in range(N)]
    eventually(lambda: larder.sockets() >= sockets + N, "all are accepted")
    each = (larder.memory_bytes() - before) / N
    equal(clients[0].get("/a").status, 404)
    if not sanitized():
        true(each <= MOST_BYTES, f"{each:.0f} bytes for each connection")


run()
