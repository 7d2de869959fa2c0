"""Clients of HTTP/1.0 (RFC 9112 9.3 and appendix C)."""

import sys

sys.path.insert(0, sys.path[0] + "/../support")
from origin import CLOSE, cacheable
from runner import equal, run, true, wait_hit

OLD = "HTTP/1.0"


def test_the_connection_closes_after_the_answer(t):
    origin = t.origin()
    origin.on("/a", cacheable(b"x"))
    larder = t.larder(origin)
    for expected_hit in (False, True):
        if expected_hit:
            wait_hit(t.client(larder), "/a")
        client = t.client(larder)
        response = client.get("/a", version=OLD)
        equal(response.body, b"x")
        equal(response.hit, expected_hit)
        true(client.closed(), "the connection is closed")


def test_keep_alive_is_kept_when_asked_for(t):
    origin = t.origin()
    origin.on("/a", cacheable(b"x"))
    client = t.client(t.larder(origin))
    for _ in range(3):
        response = client.get("/a", "Connection: keep-alive", version=OLD)
        equal(response.body, b"x")
        equal((response.get("Connection") or "").lower(), "keep-alive")


def test_no_host_is_needed(t):
    origin = t.origin()
    origin.on("/a", cacheable(b"x"))
    response = t.larder(origin).get("/a", "Host: -", version=OLD)
    equal(response.status, 200)


def test_no_chunks_are_sent(t):
    origin = t.origin()
    origin.on("/a", [b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n"
                     b"Cache-Control: no-store\r\n\r\n"
                     b"4\r\nbody\r\n0\r\n\r\n"])
    client = t.client(t.larder(origin))
    response = client.get("/a", "Connection: keep-alive", version=OLD)
    equal(response.get("Transfer-Encoding"), None)
    equal(response.body, b"body")
    true(client.closed(), "the end of the connection ends the body")


def test_a_body_of_unknown_length_ends_with_the_connection(t):
    origin = t.origin()
    origin.on("/a", [b"HTTP/1.1 200 OK\r\n\r\n", b"all of it", CLOSE])
    client = t.client(t.larder(origin))
    equal(client.get("/a", version=OLD).body, b"all of it")


run()
