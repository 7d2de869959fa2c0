"""Variants of one resource (RFC 9111 section 4.1)."""

import sys

sys.path.insert(0, sys.path[0] + "/../support")
from origin import reply
from runner import equal, run, true, wait_hit


def echo(name, *fields):
    """Answers with the request's value of that field; varies by it."""
    def answer(request):
        return reply("Cache-Control: max-age=60", "Vary: " + name, *fields,
                     body=(request.get(name) or "none").encode())
    return answer


def test_each_value_of_the_field_is_a_variant(t):
    origin = t.origin()
    origin.on("/a", echo("X-Kind"))
    client = t.client(t.larder(origin))

    for kind in ("one", "two", "three"):
        equal(client.get("/a", "X-Kind: " + kind).body, kind.encode())
    for kind in ("one", "two", "three"):
        hit = wait_hit(client, "/a", "X-Kind: " + kind)
        equal(hit.body, kind.encode())
    equal(origin.count(), 3, "requests at the origin")


def test_an_absent_field_is_a_variant_of_its_own(t):
    origin = t.origin()
    origin.on("/a", echo("X-Kind"))
    client = t.client(t.larder(origin))
    client.get("/a", "X-Kind: one")
    equal(client.get("/a").body, b"none")
    equal(wait_hit(client, "/a").body, b"none")
    equal(wait_hit(client, "/a", "X-Kind: one").body, b"one")


def test_a_variant_not_stored_yet_is_a_vary_miss(t):  # RFC 9211 2.2
    origin = t.origin()
    origin.on("/a", echo("X-Kind"))
    client = t.client(t.larder(origin))
    client.get("/a", "X-Kind: one")
    wait_hit(client, "/a", "X-Kind: one")
    equal(client.get("/a", "X-Kind: two").cache.get("fwd"), "vary-miss")


def test_vary_star_is_never_reused(t):
    origin = t.origin()
    origin.on("/a", reply("Cache-Control: max-age=60", "Vary: *", body=b"x"))
    client = t.client(t.larder(origin))
    for _ in range(3):
        true(not client.get("/a").hit, "no hit")
    equal(origin.count(), 3, "requests at the origin")


def test_accept_encoding_is_compared_in_normal_form(t):
    origin = t.origin()
    origin.on("/a", echo("Accept-Encoding"))
    client = t.client(t.larder(origin))
    client.get("/a", "Accept-Encoding: gzip, br")
    wait_hit(client, "/a", "Accept-Encoding: gzip, br")
    for same in ("gzip,br", "br, gzip", "GZIP , br;q=1.0"):
        true(client.get("/a", "Accept-Encoding: " + same).hit,
             f"{same!r} is the same")
    equal(origin.count(), 1, "requests at the origin")


def test_two_vary_lines_are_one_list(t):
    origin = t.origin()
    origin.on("/a", lambda request: reply(
        "Cache-Control: max-age=60", "Vary: X-A", "Vary: X-B",
        body=f"{request.get('X-A')}{request.get('X-B')}".encode()))
    client = t.client(t.larder(origin))
    for a, b in ("11", "12", "21"):
        response = client.get("/a", "X-A: " + a, "X-B: " + b)
        equal(response.body, (a + b).encode())
    for a, b in ("11", "12", "21"):
        hit = wait_hit(client, "/a", "X-A: " + a, "X-B: " + b)
        equal(hit.body, (a + b).encode())


def test_the_selecting_fields_are_those_of_the_newest_answer(t):
    origin = t.origin()
    origin.on("/a", lambda request: reply(
        "Cache-Control: max-age=60",
        "Vary: X-A" if request.get("X-A") == "1" else "Vary: X-A, X-B",
        body=f"{request.get('X-A')}{request.get('X-B')}".encode()))
    client = t.client(t.larder(origin))
    client.get("/a", "X-A: 1", "X-B: 1")
    equal(wait_hit(client, "/a", "X-A: 1", "X-B: 9").body, b"11",
          "X-B plays no part for X-A: 1")
    for b in "12":
        equal(client.get("/a", "X-A: 2", "X-B: " + b).body, b"2" + b.encode())
    for b in "12":
        equal(wait_hit(client, "/a", "X-A: 2", "X-B: " + b).body,
              b"2" + b.encode())


run()
