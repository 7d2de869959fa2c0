"""Requests that want something else than the whole response, while that is
being fetched: conditions, ranges, HEAD, only-if-cached."""

import sys

sys.path.insert(0, sys.path[0] + "/../support")
from origin import CLOSE, reply
from runner import equal, run, true, wait_hit

BODY = bytes(range(100)) * 10
MODIFIED = "Sat, 21 Nov 2020 12:00:00 GMT"
HEAD = (b'HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\nETag: "1"\r\n'
        b"Last-Modified: " + MODIFIED.encode() + b"\r\n"
        b"Content-Length: 1000\r\n\r\n")


def thinking(t, *others):
    """A larder whose fetch of /a waits for its head; the leader's client;
    a gate that lets it go on."""
    origin, gate = t.origin(), t.gate()
    origin.on("/a", [gate, HEAD, BODY], *others)
    larder = t.larder(origin)
    leader = t.client(larder)
    leader.ask("GET", "/a")
    origin.wait_count(1)
    return larder, origin, gate, leader


def sending(t, *others):
    """The same, and the leader has head and half of the body."""
    origin, gate = t.origin(), t.gate()
    origin.on("/a", [HEAD, BODY[:500], gate, BODY[500:]], *others)
    larder = t.larder(origin)
    leader = t.client(larder)
    leader.ask("GET", "/a")
    leader.read_head()
    equal(leader.reader.exactly(500), BODY[:500])
    return larder, origin, gate, leader


def test_a_condition_that_holds_is_answered_from_the_fetch(t):  # 9111 4.3.2
    for field in ('If-None-Match: "0", W/"1"',
                  "If-Modified-Since: " + MODIFIED):
        larder, origin, gate, leader = thinking(t)
        follower = t.client(larder)
        follower.ask("GET", "/a", field)
        follower.silent()
        gate.set()
        response = follower.read()
        equal(response.status, 304, field)
        equal(response.get("ETag"), '"1"')
        equal(leader.read().body, BODY)
        equal(origin.count(), 1, "requests at the origin")


def test_one_that_does_not_is_given_the_whole(t):  # RFC 9110 13.1.2
    for field in ('If-None-Match: "2"',
                  "If-Modified-Since: Sat, 21 Nov 2015 12:00:00 GMT"):
        larder, origin, gate, leader = thinking(t)
        follower = t.client(larder)
        follower.ask("GET", "/a", field)
        follower.silent()
        gate.set()
        equal(follower.read().body, BODY, field)
        equal(leader.read().body, BODY)
        equal(origin.count(), 1, "requests at the origin")


def test_a_condition_is_answered_before_the_body_is_complete(t):
    larder, origin, gate, leader = sending(t)
    equal(larder.get("/a", 'If-None-Match: "1"').status, 304)
    gate.set()
    equal(leader.reader.exactly(500), BODY[500:])
    equal(origin.count(), 1, "requests at the origin")


def test_a_condition_does_not_lead(t):
    origin, gate = t.origin(), t.gate()
    origin.on("/a", lambda request: reply('ETag: "1"', status=304)
              if request.get("If-None-Match")
              else [gate, HEAD, BODY])
    larder = t.larder(origin)
    other = t.client(larder)
    equal(larder.get("/a", 'If-None-Match: "1"').status, 304)
    other.ask("GET", "/a")
    origin.wait_count(2)
    gate.set()
    equal(other.read().body, BODY)


def test_a_condition_survives_the_failure_of_the_fetch(t):
    origin, gate = t.origin(), t.gate()
    origin.on("/a", [gate, CLOSE], [HEAD, BODY])
    larder = t.larder(origin)
    leader, follower = t.client(larder), t.client(larder)
    leader.ask("GET", "/a")
    origin.wait_count(1)
    follower.ask("GET", "/a", 'If-None-Match: "1"')
    follower.silent()
    gate.set()
    equal(leader.read().status, 502)
    equal(follower.read().status, 304, "of the origin's second answer")
    equal(origin.seen()[1].get("If-None-Match"), '"1"')


def test_a_range_is_answered_rightly(t):  # RFC 9110 14.2
    def answer(request):
        if request.get("Range"):
            return reply('ETag: "1"', "Content-Range: bytes 10-19/1000",
                         status=206, body=BODY[10:20])
        return [HEAD, BODY]

    for state in (thinking, sending):
        larder, origin, gate, leader = state(t, answer)
        other = t.client(larder)
        other.ask("GET", "/a", "Range: bytes=10-19")
        other.silent()
        gate.set()
        response = other.read()
        equal(response.status, 206)
        equal(response.body, BODY[10:20])
        equal(response.get("Content-Range"), "bytes 10-19/1000")


def test_a_head_is_answered_while_the_body_is_on_its_way(t):
    larder, origin, gate, leader = sending(
        t, reply('ETag: "1"', body=BODY))
    with larder.client() as client:
        response = client.request("HEAD", "/a")
    equal(response.status, 200)
    equal(response.get("Content-Length"), "1000")
    gate.set()
    equal(leader.reader.exactly(500), BODY[500:])
    with larder.client() as client:
        equal(wait_hit(client, "/a").body, BODY)


def test_only_if_cached_does_not_wait(t):  # RFC 9111 5.2.1.7
    for state in (thinking, sending):
        larder, origin, gate, leader = state(t)
        equal(larder.get("/a", "Cache-Control: only-if-cached").status, 504)
        equal(origin.count(), 1, "requests at the origin")
        gate.set()


def test_a_request_that_forbids_storing_asks_for_itself(t):  # 5.2.1.5
    larder, origin, gate, leader = thinking(t, reply(body=b"own"))
    equal(larder.get("/a", "Cache-Control: no-store").body, b"own")
    gate.set()
    equal(leader.read().body, BODY)


run()
