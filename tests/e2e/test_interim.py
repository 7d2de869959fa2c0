"""Interim responses are passed on (RFC 9110 15.2)."""

import sys

sys.path.insert(0, sys.path[0] + "/../support")
from origin import cacheable
from runner import equal, run, wait_hit

HINTS = (b"HTTP/1.1 103 Early Hints\r\nLink: </s.css>; rel=preload\r\n\r\n")
FINAL = (b"HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\n"
         b"Content-Length: 4\r\n\r\nbody")


def test_early_hints_reach_the_client_before_the_answer(t):
    origin, gate = t.origin(), t.gate()
    origin.on("/a", [HINTS, gate, FINAL])
    client = t.client(t.larder(origin))
    client.ask("GET", "/a")
    equal(client.reader.line(), b"HTTP/1.1 103 Early Hints\r\n")
    equal(client.reader.line(), b"Link: </s.css>; rel=preload\r\n")
    equal(client.reader.line(), b"\r\n")
    gate.set()
    equal(client.read().body, b"body")


def test_several_of_them_do_too(t):
    origin = t.origin()
    origin.on("/a", b"HTTP/1.1 102 Processing\r\n\r\n" + HINTS + HINTS
              + FINAL)
    response = t.larder(origin).get("/a")
    equal([r.status for r in response.interim], [102, 103, 103])
    equal(response.body, b"body")


def test_they_are_not_stored(t):
    origin = t.origin()
    origin.on("/a", HINTS + FINAL)
    client = t.client(t.larder(origin))
    client.get("/a")
    hit = wait_hit(client, "/a")
    equal(hit.status, 200)
    equal(hit.interim, [])
    equal(hit.get("Link"), None)


def test_a_100_nobody_asked_for_stays_here(t):
    origin = t.origin()
    origin.on("/a", b"HTTP/1.1 100 Continue\r\n\r\n" + FINAL)
    response = t.larder(origin).get("/a")
    equal(response.interim, [])
    equal(response.body, b"body")


def test_a_client_of_http_1_0_gets_none(t):
    origin = t.origin()
    origin.on("/a", HINTS + FINAL)
    response = t.larder(origin).get("/a", version="HTTP/1.0")
    equal(response.interim, [])
    equal(response.body, b"body")


def test_a_switch_of_protocols_nobody_asked_for_is_an_error(t):
    origin = t.origin()
    origin.on("/a", b"HTTP/1.1 101 Switching\r\nUpgrade: x\r\n"
              b"Connection: Upgrade\r\n\r\n")
    origin.on("/b", cacheable(b"x"))
    larder = t.larder(origin)
    equal(larder.get("/a").status, 502)
    equal(larder.get("/b").status, 200)


run()
