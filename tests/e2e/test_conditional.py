"""Conditional requests are answered from the store (RFC 9111 4.3.2)."""

import sys

sys.path.insert(0, sys.path[0] + "/../support")
from origin import reply
from runner import equal, run, true, wait_hit

HOUR = 3600


def stored(t, *fields):
    origin = t.origin()
    origin.on("/a", reply("Cache-Control: max-age=86400", *fields,
                          "Content-Type: text/plain", body=b"body"))
    client = t.client(t.larder(origin))
    client.get("/a")
    wait_hit(client, "/a")
    t.origins[0].stop()
    return client


def test_if_none_match_with_the_stored_etag_gives_304(t):
    client = stored(t, 'ETag: "1"')
    for tags in ('"1"', 'W/"1"', '"0", "1"', "*", '"0",W/"1" , "2"'):
        response = client.get("/a", "If-None-Match: " + tags)
        equal(response.status, 304, tags)
        equal(response.body, b"")
        equal(response.get("ETag"), '"1"')
        true(response.get("Cache-Control"), "Cache-Control goes with a 304")
        true(response.get("Date"), "Date goes with a 304")
        equal(response.get("Content-Type"), None, "Content-Type in a 304")


def test_if_none_match_with_another_etag_gives_200(t):
    client = stored(t, 'ETag: "1"')
    for tags in ('"2"', '1', '"1', 'W/"2", "3"'):
        response = client.get("/a", "If-None-Match: " + tags)
        equal(response.status, 200, tags)
        equal(response.body, b"body")


def test_if_modified_since_compares_with_last_modified(t):
    client = stored(t, "Last-Modified: " + t.clock.date(-HOUR))
    for seconds, status in ((-HOUR, 304), (-HOUR + 1, 304), (-1, 304),
                            (-HOUR - 60, 200), (-2 * HOUR, 200)):
        response = client.get(
            "/a", "If-Modified-Since: " + t.clock.date(seconds))
        equal(response.status, status, f"since {seconds} s")


def test_if_none_match_outranks_if_modified_since(t):  # RFC 9110 13.2.2
    client = stored(t, 'ETag: "1"', "Last-Modified: " + t.clock.date(-HOUR))
    since = "If-Modified-Since: " + t.clock.date()
    equal(client.get("/a", since, 'If-None-Match: "2"').status, 200)
    equal(client.get("/a", since, 'If-None-Match: "1"').status, 304)


def test_a_date_that_is_none_is_ignored(t):
    client = stored(t, "Last-Modified: " + t.clock.date(-HOUR))
    equal(client.get("/a", "If-Modified-Since: yesterday").status, 200)


def test_the_connection_goes_on_after_a_304(t):
    client = stored(t, 'ETag: "1"')
    client.ask("GET", "/a", 'If-None-Match: "1"')
    client.ask("GET", "/a")
    equal(client.read().status, 304)
    equal(client.read().body, b"body")


def test_a_head_is_conditional_too(t):
    client = stored(t, 'ETag: "1"')
    response = client.request("HEAD", "/a", 'If-None-Match: "1"')
    equal(response.status, 304)


run()
