"""Connections to backends are kept and used again."""

import sys

sys.path.insert(0, sys.path[0] + "/../support")
from origin import CLOSE, RESET, reply
from runner import equal, eventually, run

ONE_WORKER = "WorkerThreads 1"  # each worker has a pool of its own


def test_requests_one_after_the_other_share_a_connection(t):
    origin = t.origin()
    origin.on("/a", reply("Cache-Control: no-store", body=b"x"))
    larder = t.larder(origin, ONE_WORKER)
    for _ in range(10):
        equal(larder.get("/a").body, b"x")
    equal(origin.accepted, 1, "connections")


def test_bodies_with_and_without_length_share_it_too(t):
    origin = t.origin()
    origin.on("/a", reply("Cache-Control: no-store", status=204))
    origin.on("/b", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
              b"3\r\nabc\r\n0\r\n\r\n")
    origin.on("/c", reply(status=304))
    origin.on("/d", reply(body=b"x" * 100_000))
    client = t.client(t.larder(origin, ONE_WORKER))
    for _ in range(2):
        for method, path in (("GET", "/a"), ("GET", "/b"), ("HEAD", "/d"),
                             ("GET", "/c"), ("GET", "/d")):
            client.request(method, path)
        client.request("POST", "/a", body=b"form")
    equal(origin.accepted, 1, "connections")


def test_a_connection_the_backend_closes_is_not_used_again(t):
    origin = t.origin()
    origin.on("/a", reply(body=b"x", close=True))
    larder = t.larder(origin, ONE_WORKER)
    for _ in range(3):
        equal(larder.get("/a").body, b"x")
    equal(origin.accepted, 3, "connections")


def test_a_backend_that_closed_an_idle_connection_does_no_harm(t):
    origin = t.origin()
    origin.on("/a", reply("Cache-Control: no-store", body=b"x"))
    larder = t.larder(origin, ONE_WORKER)
    for _ in range(5):
        equal(larder.get("/a").body, b"x")
        origin.close_connections()
    equal(larder.get("/a").status, 200)


def test_a_dead_connection_is_replaced_once_for_an_idempotent_request(t):
    for ending in (CLOSE, RESET):
        origin = t.origin()
        origin.on("/warm", reply("Cache-Control: no-store", body=b"x"))
        origin.on("/a", [ending], reply(body=b"second try"))
        larder = t.larder(origin, ONE_WORKER)
        larder.get("/warm")
        equal(larder.get("/a").body, b"second try")
        equal([r.connection for r in origin.seen("/a")], [1, 2])


def test_but_not_twice(t):
    origin = t.origin()
    origin.on("/warm", reply("Cache-Control: no-store", body=b"x"))
    origin.on("/a", [CLOSE])
    larder = t.larder(origin, ONE_WORKER)
    larder.get("/warm")
    equal(larder.get("/a").status, 502)
    equal(origin.count("/a"), 2, "tries")


def test_a_post_is_never_sent_twice(t):
    origin = t.origin()
    origin.on("/warm", reply("Cache-Control: no-store", body=b"x"))
    origin.on("/a", [CLOSE], reply(body=b"twice!"))
    larder = t.larder(origin, ONE_WORKER)
    larder.get("/warm")
    client = t.client(larder)
    equal(client.request("POST", "/a", body=b"pay").status, 502)
    equal(origin.count("/a"), 1, "tries")


def test_a_post_after_the_backend_closed_its_idle_connection_works(t):
    origin = t.origin()
    origin.on("/warm", reply("Cache-Control: no-store", body=b"x"))
    origin.on("/a", reply(body=b"done"))
    larder = t.larder(origin, ONE_WORKER)
    larder.get("/warm")
    origin.close_connections()
    client = t.client(larder)
    eventually(lambda: client.request("POST", "/a", body=b"x").status == 200,
               "the POST gets through")


def test_a_fresh_connection_that_dies_is_not_retried(t):
    origin = t.origin()
    origin.on("/a", [CLOSE], reply(body=b"second"))
    equal(t.larder(origin, ONE_WORKER).get("/a").status, 502)
    equal(origin.count("/a"), 1, "tries")


def test_idle_connections_end_after_their_time(t):
    origin = t.origin()
    origin.on("/a", reply("Cache-Control: no-store", body=b"x"))
    larder = t.larder(conf=ONE_WORKER + f"\nProxyPass / {origin.url}/ ttl=10")
    larder.get("/a")
    equal(origin.open_connections(), 1)
    t.clock.advance(11)
    origin.wait_no_connections()
    equal(larder.get("/a").body, b"x")


def test_disablereuse_makes_a_connection_for_each_request(t):
    origin = t.origin()
    origin.on("/a", reply("Cache-Control: no-store", body=b"x"))
    larder = t.larder(conf=ONE_WORKER + f"\nProxyPass / {origin.url}/ "
                      "disablereuse=on")
    for _ in range(3):
        larder.get("/a")
    equal(origin.accepted, 3, "connections")


run()
