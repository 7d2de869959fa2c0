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


def test_the_expectation_is_met_here_and_not_passed_on(t):
    origin = t.origin()
    origin.on("/a", b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n"
              b"Content-Length: 6\r\n\r\nthanks")
    client = t.client(t.larder(origin))
    client.send(client.head("POST", "/a", EXPECT, "Content-Length: 4"))
    equal(client.reader.line(), b"HTTP/1.1 100 Continue\r\n")
    equal(client.reader.line(), b"\r\n")
    client.send(b"data")
    response = client.read()
    equal(response.interim, [], "the origin's own 100 stays here")
    equal(response.body, b"thanks")
    equal(origin.seen()[0].get("Expect"), None)


def test_a_chunked_body_is_asked_for_too(t):
    origin = t.origin()
    origin.on("/a", reply(body=b"thanks"))
    client = t.client(t.larder(origin))
    client.send(client.head("POST", "/a", EXPECT,
                            "Transfer-Encoding: chunked"))
    equal(client.reader.line(), b"HTTP/1.1 100 Continue\r\n")
    equal(client.reader.line(), b"\r\n")
    client.send(b"4\r\ndata\r\n")
    client.send(b"0\r\n\r\n")
    equal(client.read().body, b"thanks")
    equal(origin.seen()[0].body, b"data")


def test_the_body_is_asked_for_once(t):
    origin = t.origin()
    origin.on("/a", reply(body=b"thanks"))
    client = t.client(t.larder(origin))
    client.send(client.head("POST", "/a", EXPECT, "Content-Length: 4"))
    client.reader.line()
    client.reader.line()
    for byte in (b"d", b"a", b"t"):
        client.send(byte)
        true(client.silent(0.05), "no second 100")
    client.send(b"a")
    equal(client.read().interim, [])


def test_an_answer_that_does_not_wait_for_the_body_is_passed_on(t):
    origin = t.origin()
    origin.on("/a", reply(status=403, body=b"no", close=True), early=True)
    client = t.client(t.larder(origin))
    client.send(client.head("POST", "/a", EXPECT, "Content-Length: 1000000"))
    response = client.read()
    equal(response.status, 403)
    equal(response.body, b"no")
    true(client.closed(), "the rest is not waited for")


def test_the_next_request_has_its_own_expectation(t):
    origin = t.origin()
    origin.on("/a", reply(body=b"thanks"))
    client = t.client(t.larder(origin))
    for _ in range(2):
        client.send(client.head("POST", "/a", EXPECT, "Content-Length: 4"))
        equal(client.reader.line(), b"HTTP/1.1 100 Continue\r\n")
        equal(client.reader.line(), b"\r\n")
        client.send(b"data")
        equal(client.read().status, 200)
    equal(client.request("POST", "/a", body=b"data").interim, [])


run()
