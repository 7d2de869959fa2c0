"""How long a client's connection lives (KeepAlive and its friends)."""

import socket
import sys

sys.path.insert(0, sys.path[0] + "/../support")
from origin import cacheable
from runner import equal, run, true, wait_hit


def setup(t, conf=""):
    origin = t.origin()
    origin.on("/a", cacheable(b"x"))
    larder = t.larder(origin, conf)
    larder.get("/a")
    wait_hit(t.client(larder), "/a")
    return origin, larder


def connection(response):
    return (response.get("Connection") or "").lower()


def test_max_keep_alive_requests_bounds_a_connection(t):
    _, larder = setup(t, "MaxKeepAliveRequests 3")
    client = t.client(larder)
    equal([connection(client.get("/a")) == "close" for _ in range(3)],
          [False, False, True])
    true(client.closed(), "the connection is closed")


def test_0_of_them_means_no_bound(t):
    _, larder = setup(t, "MaxKeepAliveRequests 0")
    client = t.client(larder)
    for _ in range(500):
        true(client.get("/a").hit, "a hit")


def test_keep_alive_off_closes_after_each(t):
    origin = t.origin()
    origin.on("/a", cacheable(b"x"))
    client = t.client(t.larder(origin, "KeepAlive Off"))
    response = client.get("/a")
    equal(connection(response), "close")
    true(client.closed(), "the connection is closed")


def test_an_idle_connection_is_closed_after_keep_alive_timeout(t):
    _, larder = setup(t, "KeepAliveTimeout 5")
    client = t.client(larder)
    client.get("/a")
    true(client.silent(), "it stays open for now")
    t.clock.advance(6)
    true(client.closed(), "then it is closed, without a word")


def test_each_request_starts_the_time_again(t):
    _, larder = setup(t, "KeepAliveTimeout 50")
    client = t.client(larder)
    for _ in range(4):
        t.clock.advance(30)
        equal(client.get("/a").status, 200)


def test_connection_close_is_honoured(t):
    _, larder = setup(t)
    client = t.client(larder)
    equal(connection(client.get("/a", "Connection: Close")), "close")
    true(client.closed(), "the connection is closed")


def test_a_client_that_shuts_its_side_still_gets_its_answer(t):
    _, larder = setup(t)
    client = t.client(larder)
    client.ask("GET", "/a")
    client.sock.shutdown(socket.SHUT_WR)
    equal(client.read().body, b"x")
    true(client.closed(), "the connection is closed")


def test_empty_lines_before_a_request_are_skipped(t):  # RFC 9112 2.2
    _, larder = setup(t)
    client = t.client(larder)
    client.send(b"\r\n" + client.head("GET", "/a"))
    equal(client.read().status, 200)
    client.send(b"\r\n" + client.head("GET", "/a"))
    equal(client.read().status, 200)


run()
