"""Expect: 100-continue (RFC 9110 10.1.1)."""

import sys

sys.path.insert(0, sys.path[0] + "/../support")
from origin import cacheable, reply
from runner import equal, run, true, wait_hit

EXPECT = "Expect: 100-continue"


def test_the_client_is_told_to_go_on(t):
    origin = t.origin()
    origin.on("/a", reply(body=b"thanks"))
    client = t.client(t.larder(origin))
    client.send(client.head("POST", "/a", EXPECT, "Content-Length: 4"))
    equal(client.reader.line(), b"HTTP/1.1 100 Continue\r\n")
    equal(client.reader.line(), b"\r\n")
    client.send(b"data")
    equal(client.read().body, b"thanks")
    equal(origin.seen()[0].body, b"data")


def test_a_client_that_does_not_wait_is_served_too(t):
    origin = t.origin()
    origin.on("/a", reply(body=b"thanks"))
    client = t.client(t.larder(origin))
    for _ in range(3):
        equal(client.request("POST", "/a", EXPECT, body=b"data").status, 200)
    equal([r.body for r in origin.seen()], [b"data"] * 3)


def test_a_body_that_is_refused_is_not_asked_for(t):
    origin = t.origin()
    client = t.client(t.larder(origin, "LimitRequestBody 100"))
    client.send(client.head("POST", "/a", EXPECT, "Content-Length: 1000"))
    response = client.read()
    equal(response.status, 413)
    equal(response.interim, [], "no 100 before it")


def test_an_unknown_expectation_is_refused(t):
    origin = t.origin()
    origin.on("/a", reply(body=b"x"))
    client = t.client(t.larder(origin))
    equal(client.get("/a", "Expect: a-miracle").status, 417)
    equal(origin.count(), 0, "requests at the origin")


def test_a_client_of_http_1_0_gets_no_100(t):
    origin = t.origin()
    origin.on("/a", reply(body=b"thanks"))
    client = t.client(t.larder(origin))
    response = client.request("POST", "/a", EXPECT, body=b"data",
                              version="HTTP/1.0")
    equal(response.status, 200)
    equal(response.interim, [])


def test_a_get_without_body_needs_no_100(t):
    origin = t.origin()
    origin.on("/a", cacheable(b"x"))
    client = t.client(t.larder(origin))
    client.get("/a")
    hit = wait_hit(client, "/a", EXPECT)
    true(hit.body == b"x", "the hit")


run()
