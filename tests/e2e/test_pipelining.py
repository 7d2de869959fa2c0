"""Pipelined requests are answered in order (RFC 9112 9.3.2)."""

import sys

sys.path.insert(0, sys.path[0] + "/../support")
from origin import cacheable, reply
from runner import equal, run, true, wait_hit


def test_answers_come_in_the_order_of_the_requests(t):
    origin = t.origin()
    for i in range(50):
        origin.on(f"/{i}", cacheable(b"%d" % i))
    client = t.client(t.larder(origin))
    client.send(b"".join(client.head("GET", f"/{i}") for i in range(50)))
    equal([client.read().body for _ in range(50)],
          [b"%d" % i for i in range(50)])


def test_a_hit_waits_for_the_miss_before_it(t):
    origin, gate = t.origin(), t.gate()
    origin.on("/hit", cacheable(b"hit"))
    origin.on("/miss", [gate, b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n"
                        b"miss"])
    client = t.client(t.larder(origin))
    client.get("/hit")
    wait_hit(client, "/hit")

    client.send(client.head("GET", "/miss") + client.head("GET", "/hit"))
    origin.wait_count(1, "/miss")
    gate.set()
    equal(client.read().body, b"miss")
    equal(client.read().body, b"hit")


def test_bodies_between_them_are_kept_apart(t):
    origin = t.origin()
    origin.on("/a", lambda request: reply(body=b"<" + request.body + b">"))
    client = t.client(t.larder(origin))
    client.send(b"".join(
        client.head("POST", "/a", "Content-Length: 1") + b"%d" % i
        for i in range(9)))
    equal([client.read().body for _ in range(9)],
          [b"<%d>" % i for i in range(9)])


def test_thousands_of_hits_in_one_go_are_answered(t):
    n = 5000
    origin = t.origin()
    origin.on("/a", cacheable(b"x" * 100))
    client = t.client(t.larder(origin, "MaxKeepAliveRequests 0"))
    client.get("/a")
    wait_hit(client, "/a")

    requests = client.head("GET", "/a") * 100
    for _ in range(n // 100):
        client.send(requests)
        for _ in range(100):
            equal(client.read().body_bytes, 100)
    equal(origin.count(), 1, "requests at the origin")


def test_a_client_that_sends_much_and_reads_nothing_is_waited_for(t):
    origin = t.origin()
    body = b"x" * 100_000
    origin.on("/a", cacheable(body))
    larder = t.larder(origin, "MaxKeepAliveRequests 0")
    client = t.client(larder, receive_buffer=4096)
    client.get("/a")
    wait_hit(client, "/a")
    client.send(client.head("GET", "/a") * 300)
    true(t.client(larder).get("/a").hit, "others are served meanwhile")
    for _ in range(300):
        equal(client.read().body_bytes, len(body))


def test_after_connection_close_nothing_more_is_answered(t):
    origin = t.origin()
    origin.on("/a", cacheable(b"x"))
    client = t.client(t.larder(origin))
    client.send(client.head("GET", "/a", "Connection: close")
                + client.head("GET", "/b"))
    equal(client.read().body, b"x")
    true(client.closed(), "the connection is closed")
    equal(origin.count("/b"), 0, "requests for /b")


run()
