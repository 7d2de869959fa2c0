"""HEAD (RFC 9110 9.3.2, RFC 9111 section 4)."""

import sys

sys.path.insert(0, sys.path[0] + "/../support")
from origin import reply
from runner import equal, run, true, wait_hit


def test_a_stored_get_answers_a_head(t):
    origin = t.origin()
    origin.on("/a", reply("Cache-Control: max-age=60", 'ETag: "1"',
                          body=b"body"))
    client = t.client(t.larder(origin))
    client.get("/a")
    wait_hit(client, "/a")

    head = client.request("HEAD", "/a")
    equal(head.status, 200)
    equal(head.get("Content-Length"), "4")
    equal(head.get("ETag"), '"1"')
    true(head.hit, "it is a hit")
    equal(client.get("/a").body, b"body", "the connection goes on")
    equal(origin.count(), 1, "requests at the origin")


def test_a_head_of_something_cold_reaches_the_origin_as_head(t):
    origin = t.origin()
    origin.on("/a", reply("Cache-Control: max-age=60", body=b"body"))
    client = t.client(t.larder(origin))
    head = client.request("HEAD", "/a")
    equal(head.status, 200)
    equal(head.get("Content-Length"), "4")
    equal(client.get("/a").body, b"body", "the GET that follows")


def test_the_answer_to_a_head_is_not_taken_for_a_body(t):
    origin = t.origin()
    origin.on("/a", reply("Cache-Control: max-age=60", body=b"body"))
    larder = t.larder(origin)
    for _ in range(3):
        with larder.client() as client:
            client.request("HEAD", "/a")
    equal(larder.get("/a").body, b"body")


def test_a_hit_from_a_head_reaches_no_origin_that_is_gone(t):
    origin = t.origin()
    origin.on("/a", reply("Cache-Control: max-age=60", body=b"body"))
    client = t.client(t.larder(origin))
    client.get("/a")
    wait_hit(client, "/a")
    origin.stop()
    equal(client.request("HEAD", "/a").status, 200)


def stored(t, *answers, first=('ETag: "1"',), conf=""):
    """A larder whose /a is stale, and its origin; the answers come after
    the first."""
    origin = t.origin()
    origin.on("/a", reply("Cache-Control: max-age=60", "X-A: old",
                          "X-B: old", *first, body=b"body"), *answers)
    larder = t.larder(origin, conf)
    larder.get("/a")
    wait_hit(t.client(larder), "/a")
    t.clock.advance(100)
    return larder, origin


def head(larder, *fields):
    with larder.client() as client:
        return client.request("HEAD", "/a", *fields)


def in_store(larder):
    """What the store has of /a, fresh or not; None when nothing.  At its end
    larder has stored what was to be stored."""
    larder.stop()
    larder.start()
    response = larder.get(
        "/a", "Cache-Control: only-if-cached, max-stale=100000")
    return response if response.status == 200 else None


def test_a_304_to_a_head_freshens_the_get(t):  # 9111 4.3.4
    larder, origin = stored(t, reply("Cache-Control: max-age=600",
                                     'ETag: "1"', "X-A: new", status=304))
    response = head(larder)
    equal(response.status, 200)
    equal(response.get("X-A"), "new")
    equal(response.get("Content-Length"), "4")
    equal(origin.seen()[1].method, "HEAD")
    equal(origin.seen()[1].get("If-None-Match"), '"1"')
    with larder.client() as client:
        equal(wait_hit(client, "/a").body, b"body")
    equal(origin.count(), 2, "requests at the origin")


def test_a_200_to_a_head_that_matches_freshens_the_get(t):  # 9111 4.3.5
    for fields in (('ETag: "1"',), ("Content-Length: 4",),
                   ("Content-Length: -",)):
        larder, origin = stored(
            t, reply("Cache-Control: max-age=600", "X-A: new", "X-C: new",
                     *fields, body=b"body"))
        response = head(larder)
        equal(response.status, 200)
        equal([response.get("X-" + x) for x in "ABC"], ["new", "old", "new"])
        equal(response.cache.get("fwd-status"), "200")
        with larder.client() as client:
            hit = wait_hit(client, "/a")
        equal(hit.body, b"body")
        equal([hit.get("X-" + x) for x in "ABC"], ["new", "old", "new"])
        equal(hit.get("Content-Length"), "4")
        equal(hit.get("ETag"), '"1"')
        t.clock.advance(300)
        true(larder.get("/a").hit, "the new max-age holds")
        equal(origin.count(), 2, "requests at the origin")


def test_a_200_to_a_head_freshens_what_has_no_validator(t):  # 9111 4.3.5
    larder, origin = stored(t, reply("Cache-Control: max-age=600",
                                     body=b"body"), first=())
    head(larder)
    equal(origin.seen()[1].get("If-None-Match"), None)
    with larder.client() as client:
        equal(wait_hit(client, "/a").body, b"body")
    equal(origin.count(), 2, "requests at the origin")


def test_a_200_to_a_head_that_contradicts_removes_the_get(t):  # 9111 4.3.5
    for fields in (('ETag: "2"',), ('ETag: W/"1"',), ("Content-Length: 5",),
                   ('ETag: "1"', "Last-Modified: "
                    "Sat, 21 Nov 2020 12:00:00 GMT")):
        larder, origin = stored(t, reply("Cache-Control: max-age=600",
                                         "X-A: new", *fields, body=b"body"))
        response = head(larder)
        equal(response.get("X-A"), "new")
        equal(response.get("X-B"), None, "it is the origin's own answer")
        equal(in_store(larder), None, f"after {fields}")


def test_a_contradicted_response_covers_no_error(t):  # RFC 5861 4
    larder, origin = stored(t, reply("Cache-Control: max-age=600",
                                     'ETag: "2"', body=b"body"))
    head(larder)
    origin.stop()
    equal(larder.get("/a").status, 503)


def test_other_statuses_leave_the_get_as_it_is(t):  # 9111 4.3.5
    for status in (204, 302, 404, 410):
        larder, origin = stored(
            t, reply("Cache-Control: max-age=600", 'ETag: "2"', "X-A: new",
                     status=status),
            reply('ETag: "1"', "Cache-Control: max-age=60", status=304))
        equal(head(larder).status, status)
        equal(in_store(larder).get("X-A"), "old", f"after a {status}")
        equal(larder.get("/a").cache.get("fwd"), "stale", "and it is stale")


def test_a_server_error_to_a_head_is_covered_by_the_get(t):  # RFC 5861 4
    larder, origin = stored(t, reply(status=503))
    equal(head(larder).status, 200)
    equal(in_store(larder).body, b"body")


def test_a_head_that_must_not_be_stored_updates_nothing(t):  # 9111 3
    for control, asks in (("no-store", ""), ("private, max-age=600", ""),
                          ("max-age=600", "Authorization: Basic YTpi"),
                          ("max-age=600", "Cache-Control: no-store")):
        larder, _ = stored(t, reply("Cache-Control: " + control, 'ETag: "1"',
                                    "X-A: new", body=b"body"),
                           conf="CacheStoreNoStore Off")
        response = head(larder, *([asks] if asks else []))
        equal(response.get("X-A"), "new")
        equal(in_store(larder).get("X-A"), "old", f"after {control} {asks}")


def test_fields_that_are_not_stored_reach_who_asked(t):  # 9111 5.2.2.4
    larder, _ = stored(t, reply('Cache-Control: max-age=60, no-cache="X-A"',
                                'ETag: "1"', "X-A: new", body=b"body"))
    with larder.client() as client:
        response = client.request("HEAD", "/a")
        equal(response.get("X-A"), "new")
        equal(client.get("/b").status, 404, "the connection goes on")
    equal(in_store(larder).get("X-A"), None)


def test_a_head_freshens_the_variant_it_selects(t):  # 9111 4.3.5, 4.1
    origin = t.origin()

    def answer(request):
        kind = request.get("X-Kind")
        return reply(f"Cache-Control: max-age={60 + len(origin.seen())}",
                     "Vary: X-Kind", body=kind.encode())

    origin.on("/a", answer)
    larder = t.larder(origin)
    client = t.client(larder)
    for kind in ("X-Kind: 1", "X-Kind: 2"):
        client.get("/a", kind)
        wait_hit(client, "/a", kind)
    t.clock.advance(100)
    head(larder, "X-Kind: 1")
    equal(wait_hit(client, "/a", "X-Kind: 1").body, b"1")
    equal(origin.count(), 3, "requests at the origin")
    true(not client.get("/a", "X-Kind: 2").hit, "the other is stale")


def test_a_head_that_finds_nothing_stores_nothing(t):  # 9110 9.3.2
    origin = t.origin()
    origin.on("/a", reply("Cache-Control: max-age=60", body=b"body"))
    larder = t.larder(origin)
    for _ in range(2):
        equal(head(larder).get("Content-Length"), "4")
    equal(in_store(larder), None)
    equal(origin.count(method="HEAD"), 2, "HEAD requests at the origin")


run()
