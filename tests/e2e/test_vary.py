"""Variants of one resource (RFC 9111 section 4.1)."""

import sys

sys.path.insert(0, sys.path[0] + "/../support")
from control import CONTROL, wait_landed
from origin import reply
from runner import equal, eventually, run, true, wait_hit


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


def test_what_connection_names_selects_nothing(t):  # RFC 9110 7.6.1
    origin = t.origin()
    origin.on("/a", echo("X-Kind"))
    client = t.client(t.larder(origin))
    for _ in range(2):
        equal(client.get("/a", "X-Kind: one", "Connection: X-Kind").body,
              b"none", "what the origin does not see")
    equal(client.get("/a", "X-Kind: one").body, b"one")


def test_a_304_that_changes_vary_ends_the_old_rule(t):
    def answer(request):
        status = 304 if request.get("If-None-Match") else 200
        return reply("Cache-Control: max-age=60", 'ETag: "1"',
                     *(["Vary: X-Kind"] if status == 304 else []),
                     status=status, body=request.get("X-Kind").encode())
    origin = t.origin()
    origin.on("/a", answer)
    client = t.client(t.larder(origin))
    client.get("/a", "X-Kind: one")
    wait_hit(client, "/a", "X-Kind: one")
    t.clock.advance(100)
    equal(client.get("/a", "X-Kind: one").body, b"one")
    equal(client.get("/a", "X-Kind: two").body, b"two")


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


def asks(client, *fields):
    """Is there a stored answer?  Asks the backend nothing."""
    return client.get("/a", "Cache-Control: only-if-cached", *fields).hit


def stored(t, vary, *fields):
    """A client of larder, which has the answer to those fields."""
    origin = t.origin()
    origin.on("/a", reply("Cache-Control: max-age=60", "Vary: " + vary,
                          body=b"a"))
    client = t.client(t.larder(origin))
    client.get("/a", *fields)
    wait_hit(client, "/a", *fields)
    return client


def test_lines_of_a_request_are_combined(t):  # RFC 9110 5.3
    client = stored(t, "X-A", "X-A: 1, 2")
    true(asks(client, "X-A: 1", "X-A: 2"), "two lines")
    true(asks(client, "x-a: 1", "Other: x", "X-A: 2"), "not side by side")
    true(not asks(client, "X-A: 2", "X-A: 1"), "another order")
    true(not asks(client, "X-A: 1"), "one of the two")


def test_blanks_around_commas_do_not_count(t):
    client = stored(t, "X-A", "X-A: 1,2 3")
    for same in ("1 ,  2 3", ", 1,\t2 3,", "  1, 2 3 "):
        true(asks(client, "X-A: " + same), repr(same))
    for other in ("1,2  3", "1,23", "12 3", '"1,2 3"'):
        true(not asks(client, "X-A: " + other), repr(other))


def test_a_field_of_unknown_meaning_is_compared_by_the_letter(t):
    client = stored(t, "X-A, User-Agent", "X-A: One;q=1", "User-Agent: u/1")
    true(asks(client, "user-agent: u/1", "x-a: One;q=1", "X-B: 1"), "same")
    for other in ("one;q=1", "One;q=1.0", "One"):
        true(not asks(client, "User-Agent: u/1", "X-A: " + other), other)
    true(not asks(client, "User-Agent: u/2", "X-A: One;q=1"), "another agent")


def test_an_empty_field_is_not_an_absent_one(t):
    client = stored(t, "X-A", "X-A:")
    true(asks(client, "X-A:"), "empty")
    true(not asks(client), "absent")


def test_qualities_of_accept_encoding_are_numbers(t):  # RFC 9110 12.4.2
    client = stored(t, "Accept-Encoding", "Accept-Encoding: gzip, br;q=0.5")
    for same in ("br;q=0.500, gzip;q=1", "GZIP;Q=1.000,BR ; q=0.5"):
        true(asks(client, "Accept-Encoding: " + same), same)
    for other in ("gzip, br", "gzip, br;q=0.4", "gzip;q=0.5, br", "gzip",
                  "gzip, br;q=0.5, *;q=0", "gzip, br;q=0.5x"):
        true(not asks(client, "Accept-Encoding: " + other), other)


def test_variants_of_several_specifications_stay_reachable(t):
    origin = t.origin()
    origin.on("/a", lambda request: reply(
        "Cache-Control: max-age=60", "Vary: " + request.get("Wanted"),
        body=request.get("Wanted").encode()))
    larder = t.larder(origin, conf=CONTROL)
    client = t.client(larder)
    names = ["X-%d" % i for i in range(6)]
    for name in names:
        fields = (name + ": 1", "Wanted: " + name)
        client.get("/a", *fields)
        wait_landed(larder)
    for name in names + names[::-1]:
        response = client.get("/a", name + ": 1", "Wanted: none")
        true(response.hit, name)
        equal(response.body, name.encode())
    equal(origin.count(), len(names), "requests at the origin")


def test_of_two_that_fit_the_newest_specification_counts(t):
    origin = t.origin()
    larder = t.larder(origin, conf=CONTROL)
    client = t.client(larder)
    for name in ("X-A", "X-B"):
        origin.on("/a", reply("Cache-Control: max-age=60", "Vary: " + name,
                              body=name.encode()))
        client.get("/a", name + ": 1")
        wait_landed(larder)
    equal(client.get("/a", "X-A: 1", "X-B: 1").body, b"X-B")
    equal(client.get("/a", "X-A: 1").body, b"X-A", "where X-B is missing")


def test_a_resource_may_begin_and_cease_to_vary(t):
    origin = t.origin()
    client = t.client(t.larder(origin))
    for vary in ((), ("Vary: X-A",), ()):
        origin.on("/a", reply("Cache-Control: max-age=60", *vary,
                              body=repr(vary).encode()))
        client.get("/a", "Cache-Control: no-cache", "X-A: 1")
        eventually(lambda: client.get("/a", "X-A: 1").body
                   == repr(vary).encode(), vary)
        equal(asks(client, "X-A: 2"), not vary, vary)


run()
