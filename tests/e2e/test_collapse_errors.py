"""Who waits for a fetch that fails is not left waiting, and does not lead a
crowd to a backend in trouble."""

import sys

sys.path.insert(0, sys.path[0] + "/../support")
from origin import CLOSE, RESET, reply
from runner import equal, run, together, true, wait_hit

BODY = b"b" * 1000
FINE = (b"HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\n"
        b"Content-Length: 1000\r\n\r\n" + BODY)


def crowd(t, n, *answers, conf=""):
    """What n get who ask at once; the gate opens when the first request is
    at the origin and all others have reached larder."""
    origin, gate = t.origin(), t.gate()
    first, *others = answers
    origin.on("/a", [gate, *first], *others)
    larder = t.larder(origin, conf)
    clients = [t.client(larder) for _ in range(n)]
    for client in clients:
        client.ask("GET", "/a")
    origin.wait_count(1)
    clients[-1].silent(0.3)
    gate.set()
    return origin, larder, together(n, lambda i: clients[i].read())


def test_when_the_origin_closes_the_others_ask_once_more_together(t):
    for ending in (CLOSE, RESET):
        origin, _, responses = crowd(t, 10, [ending], FINE)
        bodies = [r.body for r in responses if r.status == 200]
        true(len(bodies) >= 9, f"{len(bodies)} of 10 are served")
        equal(set(bodies), {BODY})
        equal(origin.count(), 2, "requests at the origin")


def test_when_it_goes_on_closing_all_see_the_error(t):
    origin, _, responses = crowd(t, 10, [CLOSE], [CLOSE])
    equal({r.status for r in responses}, {502})
    # The second may have failed before all of the others look again.
    true(origin.count() < 10, f"{origin.count()} requests at the origin")


def test_when_it_is_silent_all_see_the_timeout(t):
    origin, gate = t.origin(), t.gate()
    origin.on("/a", [gate])
    larder = t.larder(origin, "ProxyTimeout 1")
    clients = [t.client(larder) for _ in range(10)]
    for client in clients:
        client.ask("GET", "/a")
    statuses = together(10, lambda i: clients[i].read().status)
    equal(set(statuses), {504})
    true(origin.count() <= 2, "requests at the origin")


def test_when_it_refuses_all_see_that(t):
    origin = t.origin()
    larder = t.larder(origin)
    origin.stop()
    clients = [t.client(larder) for _ in range(10)]
    for client in clients:
        client.ask("GET", "/a")
    equal({client.read().status for client in clients}, {503})
    origin.start()
    origin.on("/a", FINE)
    equal(larder.get("/a").body, BODY, "when it is back")


def test_a_server_error_is_each_ones_own(t):
    # RFC 9111 3: without a lifetime it is not to be shared
    numbers = iter(range(100))
    origin, _, responses = crowd(
        t, 5, [b"HTTP/1.1 503 No\r\nContent-Length: 2\r\n\r\nno"],
        lambda _: reply(status=503, body=b"no%d" % next(numbers)))
    equal({r.status for r in responses}, {503})
    equal(len({r.body for r in responses}), 5, "different answers")
    equal(origin.count(), 5, "requests at the origin")


def test_a_server_error_with_a_lifetime_is_shared(t):
    origin, _, responses = crowd(
        t, 5, [b"HTTP/1.1 503 No\r\nCache-Control: max-age=60\r\n"
               b"Content-Length: 2\r\n\r\nno"], FINE)
    equal([(r.status, r.body) for r in responses], [(503, b"no")] * 5)
    equal(origin.count(), 1, "requests at the origin")


def test_after_a_body_that_broke_off_the_next_one_asks_anew(t):
    origin, gate = t.origin(), t.gate()
    origin.on("/a", [FINE[:-500], gate, RESET], FINE)
    larder = t.larder(origin)
    clients = [t.client(larder) for _ in range(5)]
    for client in clients:
        client.ask("GET", "/a")
    heads = [client.read_head() for client in clients]
    gate.set()
    equal({head.status for head in heads}, {200})
    for client in clients:
        client.reader.exactly(500)
        true(client.closed(), "it is cut off")
    with larder.client() as client:
        equal(client.get("/a").body, BODY)
        equal(wait_hit(client, "/a").body, BODY)
    equal(origin.count(), 2, "requests at the origin")


run()
