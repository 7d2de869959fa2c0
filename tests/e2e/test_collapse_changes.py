"""The resource changes while it is being fetched or validated: what is old is
neither stored nor given to those who come later (RFC 9111 4.3.4, 4.4)."""

import sys

sys.path.insert(0, sys.path[0] + "/../support")
from origin import reply
from runner import equal, run, true, wait_hit

FRESH = "Cache-Control: max-age=60"
SAME = (b'HTTP/1.1 304 Not Modified\r\nETag: "1"\r\n'
        b"Cache-Control: max-age=600\r\n\r\n")


def restarted(larder):
    """At its end larder has stored what was to be stored."""
    larder.stop()
    larder.start()
    return larder


def validating(t, *others, conf=""):
    """A larder that asks about its stale /a; the origin holds its 304 back.
    POSTs succeed."""
    origin, gate = t.origin(), t.gate()
    gets = iter([reply(FRESH, 'ETag: "1"', body=b"old"),
                 [gate, SAME], *others])
    origin.on("/a", lambda request: reply(body=b"done")
              if request.method == "POST" else next(gets))
    larder = t.larder(origin, conf)
    larder.get("/a")
    restarted(larder)
    t.clock.advance(100)
    waiting = t.client(larder)
    waiting.ask("GET", "/a")
    origin.wait_count(2)
    return larder, origin, gate, waiting


def test_a_change_during_a_validation_is_not_undone(t):  # 4.4
    larder, origin, gate, waiting = validating(
        t, reply(FRESH, 'ETag: "2"', body=b"new"))
    with larder.client() as writer:
        equal(writer.request("POST", "/a", body=b"x").body, b"done")
    gate.set()
    equal(waiting.read().body, b"old")
    equal(restarted(larder).get("/a").body, b"new")


def test_who_comes_after_the_change_does_not_join(t):  # 4.4
    larder, origin, gate, waiting = validating(
        t, reply(FRESH, 'ETag: "2"', body=b"new"))
    with larder.client() as writer:
        writer.request("POST", "/a", body=b"x")
    equal(larder.get("/a").body, b"new", "while the old one is asked about")
    gate.set()
    equal(waiting.read().body, b"old")
    equal(restarted(larder).get("/a").body, b"new")
    equal(origin.count(method="GET"), 3, "GETs at the origin")


def test_a_late_304_does_not_touch_a_newer_response(t):  # 4.3.4
    # Without the lock each asks for itself until it is stored.
    new = [reply(FRESH, 'ETag: "2"', body=b"new")] * 1000
    larder, origin, gate, waiting = validating(
        t, *new, conf="CacheLock off")
    with larder.client() as client:
        equal(client.get("/a").body, b"new")
        wait_hit(client, "/a")
    gate.set()
    equal(waiting.read().body, b"old")
    response = restarted(larder).get("/a")
    equal(response.body, b"new")
    equal(response.get("ETag"), '"2"')
    true(response.hit, "it is stored")


def test_a_change_during_a_refresh_is_not_undone(t):  # RFC 5861 3
    control = FRESH + ", stale-while-revalidate=600"
    for late in (SAME, b'HTTP/1.1 200 OK\r\nCache-Control: max-age=600\r\n'
                 b"Content-Length: 3\r\n\r\nold"):
        origin, gate = t.origin(), t.gate()
        gets = iter([reply(control, 'ETag: "1"', body=b"old"), [gate, late],
                     reply(FRESH, 'ETag: "2"', body=b"new")])
        origin.on("/a", lambda request, gets=gets: reply(body=b"done")
                  if request.method == "POST" else next(gets))
        larder = t.larder(origin)
        with larder.client() as client:
            client.get("/a")
            wait_hit(client, "/a")
            t.clock.advance(100)
            equal(client.get("/a").body, b"old")
            origin.wait_count(2)
            client.request("POST", "/a", body=b"x")
            gate.set()
            origin.wait_ended("/a", 3)
        equal(restarted(larder).get("/a").body, b"new")


def test_a_head_that_freshens_is_undone_by_a_change(t):  # 4.3.5, 4.4
    origin, gate = t.origin(), t.gate()
    answers = {"GET": reply(FRESH, body=b"old"),
               "HEAD": [gate, b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n"
                        b"Cache-Control: max-age=600\r\n\r\n"],
               "POST": reply(body=b"done")}
    origin.on("/a", lambda request: answers[request.method])
    larder = t.larder(origin)
    with larder.client() as client:
        client.get("/a")
        wait_hit(client, "/a")
        t.clock.advance(100)
        head = t.client(larder)
        head.ask("HEAD", "/a")
        origin.wait_count(2)
        client.request("POST", "/a", body=b"x")
    answers["GET"] = reply(FRESH, body=b"new")
    gate.set()
    equal(head.read("HEAD").status, 200)
    equal(larder.get("/a").body, b"new")
    equal(restarted(larder).get("/a").body, b"new")


run()
