"""Stale responses are validated with the origin (RFC 9111 section 4.3)."""

import sys

sys.path.insert(0, sys.path[0] + "/../support")
from origin import cacheable, reply, revalidating
from runner import equal, eventually, run, true, wait_hit


def stored(t, origin, path="/a"):
    """A larder with that path in its store, its freshness over."""
    larder = t.larder(origin)
    larder.get(path)
    wait_hit(t.client(larder), path)
    t.clock.advance(100)
    return larder


def outdated(t, answer):
    """A larder with "old" stored at /a, which is stale; the origin gives the
    answer, and then 503."""
    origin = t.origin()
    origin.on("/a", cacheable(b"old", 'ETag: "1"', max_age=60), answer,
              reply(status=503))
    return stored(t, origin)


def test_a_304_makes_the_stored_response_fresh_again(t):  # 4.3.3
    origin = t.origin()
    origin.on("/a", revalidating(b"body", '"1"', "Cache-Control: max-age=60"))
    larder = stored(t, origin)

    again = larder.get("/a")
    equal(again.status, 200)
    equal(again.body, b"body")
    equal(again.cache.get("fwd"), "stale", "Cache-Status fwd")
    equal(again.cache.get("fwd-status"), "304", "Cache-Status fwd-status")
    equal(origin.seen()[1].get("If-None-Match"), '"1"')

    true(wait_hit(t.client(larder), "/a").age < 60, "its age began anew")
    equal(origin.count(), 2, "requests at the origin")


def test_a_304_updates_the_stored_fields(t):  # 3.2, 4.3.4
    origin = t.origin()
    origin.on("/a",
              reply("Cache-Control: max-age=60", 'ETag: "1"', "X-A: old",
                    "X-B: stays", "Content-Type: text/plain", body=b"body"),
              reply("Cache-Control: max-age=600", 'ETag: "1"', "X-A: new",
                    "X-C: added", "Content-Length: 999", status=304))
    larder = stored(t, origin)
    client = t.client(larder)

    for response in (client.get("/a"), wait_hit(client, "/a")):
        equal(response.status, 200)
        equal(response.get("X-A"), "new")
        equal(response.get("X-B"), "stays")
        equal(response.get("X-C"), "added")
        equal(response.get("Content-Type"), "text/plain")
        equal(response.get("Content-Length"), "4",
              "a 304's Content-Length is none of the body's")
        equal(response.body, b"body")
    t.clock.advance(300)
    true(larder.get("/a").hit, "the new max-age holds")


def test_a_200_replaces_the_stored_response(t):  # 4.3.3
    origin = t.origin()
    origin.on("/a",
              reply("Cache-Control: max-age=60", 'ETag: "1"', "X-Old: gone",
                    body=b"first"),
              reply("Cache-Control: max-age=60", 'ETag: "2"', body=b"second"))
    larder = stored(t, origin)
    client = t.client(larder)

    for response in (client.get("/a"), wait_hit(client, "/a")):
        equal(response.body, b"second")
        equal(response.get("ETag"), '"2"')
        equal(response.get("X-Old"), None)
    equal(origin.count(), 2, "requests at the origin")


def test_what_the_origin_has_replaced_or_removed_is_gone(t):  # 4.3.3
    for answer in (reply(status=404, body=b"gone"),
                   reply("Cache-Control: no-store", body=b"new"),
                   reply("Cache-Control: private", body=b"new")):
        larder = outdated(t, answer)
        true(larder.get("/a").body in (b"gone", b"new"), "its answer")
        equal(larder.get("/a").status, 503, "and not the old one")
        equal(larder.get("/a", "Cache-Control: max-stale").status, 503)


def test_an_answer_about_the_request_removes_nothing(t):
    for answer in (reply(status=403), reply(status=429), reply(status=302)):
        larder = outdated(t, answer)
        equal(larder.get("/a").status, answer.status)
        equal(larder.get("/a").body, b"old", f"after a {answer.status}")


def test_an_answer_for_one_client_removes_nothing(t):  # RFC 9111 3.5
    larder = outdated(t, cacheable(b"mine"))
    equal(larder.get("/a", "Authorization: Basic eA==").body, b"mine")
    equal(larder.get("/a").body, b"old")


def test_last_modified_is_the_validator_without_an_etag(t):  # 4.3.1
    origin = t.origin()
    then = t.clock.date(-86400)
    origin.on("/a", reply("Cache-Control: max-age=60",
                          "Last-Modified: " + then, body=b"body"),
              reply(status=304))
    larder = stored(t, origin)
    equal(larder.get("/a").body, b"body")
    equal(origin.seen()[1].get("If-Modified-Since"), then)


def test_a_response_without_validators_is_fetched_again(t):
    origin = t.origin()
    origin.on("/a", reply("Cache-Control: max-age=60", body=b"one"),
              reply("Cache-Control: max-age=60", body=b"two"))
    larder = stored(t, origin)
    equal(larder.get("/a").body, b"two")
    equal(origin.seen()[1].get("If-None-Match"), None)
    equal(origin.seen()[1].get("If-Modified-Since"), None)


def test_the_clients_own_condition_does_not_reach_the_origin(t):  # 4.3.1
    origin = t.origin()
    origin.on("/a", revalidating(b"body", '"1"', "Cache-Control: max-age=60"))
    larder = stored(t, origin)
    response = larder.get("/a", 'If-None-Match: "other"')
    equal(response.status, 200)
    equal(response.body, b"body")
    equal(origin.seen()[1].get("If-None-Match"), '"1"')


def test_a_client_that_has_it_gets_304_after_revalidation(t):  # 4.3.2
    origin = t.origin()
    origin.on("/a", revalidating(b"body", '"1"', "Cache-Control: max-age=60"))
    larder = stored(t, origin)
    response = larder.get("/a", 'If-None-Match: "1"')
    equal(response.status, 304)
    equal(response.body, b"")
    equal(response.get("ETag"), '"1"')


def test_no_cache_is_asked_about_every_time(t):  # 5.2.2.4
    origin = t.origin()
    origin.on("/a", revalidating(b"body", '"1"', "Cache-Control: no-cache"))
    client = t.client(t.larder(origin))
    for n in range(1, 4):
        equal(client.get("/a").body, b"body")
        equal(origin.count(), n, "requests at the origin")

    def validated():
        equal(client.get("/a").body, b"body")
        return origin.seen()[-1].get("If-None-Match") == '"1"'
    eventually(validated, "a conditional request, once it is stored")


def test_a_304_nobody_asked_for_is_not_stored(t):
    origin = t.origin()
    origin.on("/a", reply("Cache-Control: max-age=60", 'ETag: "1"',
                          status=304),
              reply("Cache-Control: max-age=60", 'ETag: "1"', body=b"body"))
    larder = t.larder(origin)
    equal(larder.get("/a", 'If-None-Match: "1"').status, 304)
    response = larder.get("/a")
    equal(response.status, 200)
    equal(response.body, b"body")


def test_a_304_that_forbids_storing_removes_what_is_stored(t):  # 5.2.2.5
    for word in ("no-store", "private"):
        origin = t.origin()
        origin.on("/a",
                  reply("Cache-Control: max-age=60", 'ETag: "1"', body=b"body"),
                  reply("Cache-Control: max-age=60, " + word, 'ETag: "1"',
                        status=304),
                  reply("Cache-Control: max-age=60", 'ETag: "1"', body=b"new"))
        larder = stored(t, origin)
        response = larder.get("/a")
        equal(response.status, 200)
        equal(response.body, b"body", "who asked gets it")
        true(word in response.get("Cache-Control"), "with the new head")
        equal(larder.get("/a").body, b"new", word)
        equal(origin.seen()[2].get("If-None-Match"), None)


def test_a_request_that_forbids_storing_updates_nothing(t):  # 5.2.1.5
    origin = t.origin()
    origin.on("/a", revalidating(b"body", '"1"', "Cache-Control: max-age=60"))
    larder = stored(t, origin)
    equal(larder.get("/a", "Cache-Control: no-store").body, b"body")
    equal(larder.get("/a").body, b"body")
    equal(origin.count(), 3, "it was as stale as before")
    equal(origin.seen()[2].get("If-None-Match"), '"1"')


run()
