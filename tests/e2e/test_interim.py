"""Interim responses are passed on (RFC 9110 15.2)."""

import sys

sys.path.insert(0, sys.path[0] + "/../support")
from origin import cacheable, reply
from runner import equal, eventually, run, wait_hit

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


def test_fields_of_the_connection_stay_here(t):  # RFC 9110 7.6.1, 8.6
    origin = t.origin()
    origin.on("/a", b"HTTP/1.1 103 Early Hints\r\nConnection: X-Hop\r\n"
              b"X-Hop: 1\r\nKeep-Alive: timeout=5\r\nUpgrade: h2c\r\n"
              b"Content-Length: 4\r\nLink: </s.css>\r\n\r\n" + FINAL)
    response = t.larder(origin).get("/a")
    equal([r.fields for r in response.interim], [[("Link", "</s.css>")]])
    equal(response.body, b"body")


def test_their_fields_are_not_the_final_answers(t):  # RFC 9110 15.2
    origin = t.origin()
    origin.on("/a", HINTS + FINAL)
    response = t.larder(origin).get("/a")
    equal(len(response.interim), 1)
    equal(response.get("Link"), None)


def test_those_before_a_304_change_nothing_that_is_stored(t):
    origin = t.origin()
    origin.on("/a", reply("Cache-Control: max-age=60", 'ETag: "1"',
                          "Link: <old>", body=b"body"),
              b"HTTP/1.1 103 Early Hints\r\nLink: <hint>\r\n\r\n"
              b"HTTP/1.1 304 Not Modified\r\nCache-Control: max-age=60\r\n"
              b'ETag: "1"\r\n\r\n')
    larder = t.larder(origin)
    client = t.client(larder)
    client.get("/a")
    wait_hit(client, "/a")
    t.clock.advance(100)
    response = client.get("/a")
    equal([r.get("Link") for r in response.interim], ["<hint>"])
    for answer in (response, wait_hit(client, "/a")):
        equal(answer.get("Link"), "<old>")
        equal(answer.body, b"body")
    equal(origin.count(), 2, "requests at the origin")


def test_who_waits_for_anothers_fetch_gets_them_too(t):
    origin, hints, final = t.origin(), t.gate(), t.gate()
    origin.on("/a", [hints, HINTS, final, FINAL])
    larder = t.larder(origin)
    clients = [t.client(larder) for _ in range(5)]
    for client in clients:
        client.ask("GET", "/a")
    origin.wait_count(1)
    hints.set()
    for client in clients:
        equal(client.reader.line(), b"HTTP/1.1 103 Early Hints\r\n")
    final.set()
    for client in clients:
        equal(client.reader.line(), b"Link: </s.css>; rel=preload\r\n")
        equal(client.reader.line(), b"\r\n")
        equal(client.read().body, b"body")
    equal(origin.count(), 1, "requests at the origin")


def test_those_to_a_post_reach_who_posted(t):
    origin, gate = t.origin(), t.gate()
    origin.on("/a", [HINTS, gate, FINAL])
    client = t.client(t.larder(origin))
    client.ask("POST", "/a", body=b"x")
    equal(client.reader.line(), b"HTTP/1.1 103 Early Hints\r\n")
    gate.set()
    client.reader.line()
    client.reader.line()
    equal(client.read().body, b"body")


def test_those_of_a_refresh_reach_nobody(t):  # RFC 5861 3
    origin, gate = t.origin(), t.gate()
    control = "Cache-Control: max-age=60, stale-while-revalidate=600"
    origin.on("/a", reply(control, body=b"old"), [HINTS, gate, FINAL])
    larder = t.larder(origin)
    client = t.client(larder)
    client.get("/a")
    wait_hit(client, "/a")
    t.clock.advance(100)
    equal(client.get("/a").interim, [])
    origin.wait_count(2)
    equal(client.get("/a").interim, [])
    gate.set()
    eventually(lambda: client.get("/a").body == b"body", "the new body")


run()
