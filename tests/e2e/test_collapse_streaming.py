"""Who waits for another's fetch gets it from the first byte on, at once."""

import sys

sys.path.insert(0, sys.path[0] + "/../support")
from origin import CLOSE, RESET
from runner import equal, run, together, true, wait_hit

FIRST, SECOND = b"a" * 10_000, b"b" * 10_000
HEAD = (b"HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\n"
        b"Content-Length: 20000\r\n\r\n")


def started(t, n, *rest):
    """n clients that have the head and the first half of /a; the origin
    holds the rest back until the gate opens."""
    origin, gate = t.origin(), t.gate()
    origin.on("/a", [HEAD, FIRST, gate, *(rest or (SECOND,))])
    larder = t.larder(origin)
    clients = []
    for _ in range(n):
        client = t.client(larder)
        client.ask("GET", "/a")
        if not clients:
            origin.wait_count(1)
        clients.append(client)
    responses = []
    for client in clients:
        responses.append(client.read_head())
        equal(client.reader.exactly(len(FIRST)), FIRST)
    return origin, larder, gate, clients, responses


def test_followers_receive_the_first_part_while_the_rest_is_held(t):
    origin, _, gate, clients, responses = started(t, 10)
    equal({r.status for r in responses}, {200})
    equal({r.get("Content-Length") for r in responses}, {"20000"})
    gate.set()
    for client in clients:
        equal(client.reader.exactly(len(SECOND)), SECOND)
    equal(origin.count(), 1, "requests at the origin")


def test_a_latecomer_gets_everything_from_the_first_byte(t):
    origin, larder, gate, clients, _ = started(t, 2)
    late = t.client(larder)
    late.ask("GET", "/a")
    equal(late.read_head().status, 200)
    equal(late.reader.exactly(len(FIRST)), FIRST)
    gate.set()
    equal(late.reader.exactly(len(SECOND)), SECOND)
    equal(origin.count(), 1, "requests at the origin")


def test_the_followers_finish_when_the_leader_leaves(t):
    origin, larder, gate, clients, _ = started(t, 5)
    clients[0].close()
    gate.set()
    for client in clients[1:]:
        equal(client.reader.exactly(len(SECOND)), SECOND)
    equal(origin.count(), 1, "requests at the origin")
    equal(wait_hit(t.client(larder), "/a").body, FIRST + SECOND)


def test_the_leader_finishes_when_the_followers_leave(t):
    origin, larder, gate, clients, _ = started(t, 5)
    for client in clients[1:]:
        client.close()
    gate.set()
    equal(clients[0].reader.exactly(len(SECOND)), SECOND)
    equal(origin.count(), 1, "requests at the origin")


def test_a_slow_follower_holds_nobody_up(t):
    big = b"z" * (4 << 20)
    origin, gate = t.origin(), t.gate()
    origin.on("/a", [b"HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\n"
                     b"Content-Length: %d\r\n\r\n" % len(big), gate, big])
    larder = t.larder(origin, "CacheMaxFileSize 100000000")
    slow = t.client(larder, receive_buffer=4096)
    quick = [t.client(larder) for _ in range(4)]
    for client in [slow, *quick]:
        client.ask("GET", "/a")
    origin.wait_count(1)
    gate.set()
    responses = together(4, lambda i: quick[i].read())
    true(all(r.body == big for r in responses), "the quick ones are done")
    true(slow.read().body == big, "the slow one gets all in its own time")
    equal(origin.count(), 1, "requests at the origin")


def test_when_the_origin_breaks_off_all_are_cut_off(t):
    for ending in (CLOSE, RESET):
        origin, larder, gate, clients, _ = started(t, 5, b"b" * 10, ending)
        gate.set()
        for client in clients:
            got = len(client.reader.data)
            while client.reader.fill():
                got = len(client.reader.data)
            true(got <= 10, "no byte that never came")
        equal(larder.get("/a", "Cache-Control: only-if-cached").status, 504,
              "nothing was stored")


run()
