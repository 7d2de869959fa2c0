"""Requests for one cold object become one at the origin (CacheLock)."""

import sys

sys.path.insert(0, sys.path[0] + "/../support")
from origin import reply
from runner import equal, eventually, run, together, true

BODY = bytes(i * 31 % 253 for i in range(50_000))


def crowd(t, n):
    """n clients ask at once while the origin thinks; their responses."""
    origin, gate = t.origin(), t.gate()
    origin.on("/a", [gate, b"HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\n"
                     b"Content-Length: %d\r\n\r\n" % len(BODY), BODY],
              reply(status=500, body=b"asked again"))
    larder = t.larder(origin)
    clients = [t.client(larder) for _ in range(n)]
    for client in clients:
        client.ask("GET", "/a")
    origin.wait_count(1)
    gate.set()
    responses = together(n, lambda i: clients[i].read())
    return origin, larder, responses


def check(origin, responses):
    equal(origin.count(), 1, "requests at the origin")
    equal({r.status for r in responses}, {200})
    true(all(r.body == BODY for r in responses), "every body is right")


def test_50_requests_for_a_cold_object_reach_the_origin_once(t):
    origin, _, responses = crowd(t, 50)
    check(origin, responses)


def test_200_requests_for_a_cold_object_reach_the_origin_once(t):
    origin, _, responses = crowd(t, 200)
    check(origin, responses)


def test_1000_requests_for_a_cold_object_reach_the_origin_once(t):
    origin, _, responses = crowd(t, 1000)
    check(origin, responses)


def test_the_followers_say_that_they_were_collapsed(t):  # RFC 9211 2.6
    _, _, responses = crowd(t, 20)
    leaders = [r for r in responses if "collapsed" not in r.cache
               and not r.hit]
    equal(len(leaders), 1, "requests that say they went forward alone")
    true(all(r.hit or r.cache.get("fwd") for r in responses),
         "each says hit or why it was forwarded")


def test_what_was_collapsed_is_stored(t):
    origin, larder, _ = crowd(t, 20)
    eventually(lambda: larder.get("/a").hit, "a hit")
    equal(origin.count(), 1, "requests at the origin")


def test_without_cache_lock_each_asks_for_itself(t):
    origin, gate = t.origin(), t.gate()
    origin.on("/a", [gate, b"HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\n"
                     b"Content-Length: 1\r\n\r\nx"])
    larder = t.larder(origin, "CacheLock off")
    clients = [t.client(larder) for _ in range(5)]
    for client in clients:
        client.ask("GET", "/a")
    origin.wait_count(5)
    gate.set()
    equal([c.read().body for c in clients], [b"x"] * 5)


def test_a_stale_object_is_revalidated_once_for_all(t):
    origin, gate = t.origin(), t.gate()
    origin.on("/a", reply("Cache-Control: max-age=60", 'ETag: "1"',
                          body=BODY),
              [gate, b'HTTP/1.1 304 OK\r\nETag: "1"\r\n'
               b"Cache-Control: max-age=60\r\n\r\n"],
              reply(status=500, body=b"asked again"))
    larder = t.larder(origin)
    larder.get("/a")
    eventually(lambda: larder.get("/a").hit, "a hit")
    t.clock.advance(100)

    clients = [t.client(larder) for _ in range(50)]
    for client in clients:
        client.ask("GET", "/a")
    origin.wait_count(2)
    gate.set()
    responses = together(50, lambda i: clients[i].read())
    equal({r.status for r in responses}, {200})
    true(all(r.body == BODY for r in responses), "every body is right")
    equal(origin.count(), 2, "requests at the origin")


run()
