"""What larder passes on, and serves from its store, as it came."""

import gzip
import sys

sys.path.insert(0, sys.path[0] + "/../support")
from origin import reply
from runner import equal, run, true, wait_hit

DIRECTIVES = 'max-age=60, community="UCI", x-y=1, no-transform'


def twice(t, *fields, body=b"body", asking=()):
    """The answers of a backend and of the store, in this order."""
    origin = t.origin()
    origin.on("/a", reply(*fields, body=body))
    client = t.client(t.larder(origin))
    return client.get("/a", *asking), wait_hit(client, "/a", *asking)


def test_a_content_coding_stays_for_any_client(t):  # RFC 9110 7.7
    body = gzip.compress(b"text" * 1000)
    for asking in ((), ("Accept-Encoding: identity",),
                   ("Accept-Encoding: br", "Cache-Control: no-transform")):
        for response in twice(t, "Cache-Control: " + DIRECTIVES,
                              "Content-Encoding: gzip",
                              "Content-Type: text/plain",
                              body=body, asking=asking):
            equal(response.get("Content-Encoding"), "gzip")
            equal(response.get("Content-Type"), "text/plain")
            true(response.body == body, "the very bytes")


def test_directives_nobody_knows_are_kept(t):  # RFC 9111 5.2, 5.2.3
    for response in twice(t, "Cache-Control: " + DIRECTIVES):
        equal(response.get("Cache-Control"), DIRECTIVES)


def test_a_warning_is_kept_and_none_is_added(t):  # RFC 9111 5.5
    text = '214 elsewhere "Transformation Applied"'
    for response in twice(t, "Cache-Control: max-age=60", "Warning: " + text):
        equal(response.get("Warning"), text)
    origin = t.origin()
    origin.on("/a", reply("Cache-Control: max-age=60", body=b"body"))
    larder = t.larder(origin)
    larder.get("/a")
    wait_hit(t.client(larder), "/a")
    t.clock.advance(100)
    origin.stop()
    response = larder.get("/a")
    equal(response.status, 200, "a stale answer")
    equal(response.get("Warning"), None)


def test_what_other_caches_say_comes_before_our_own(t):  # RFC 9211 2
    theirs = "elsewhere; hit; ttl=9"
    origin = t.origin()
    origin.on("/b", reply("Cache-Control: no-store",
                          "Cache-Status: " + theirs, body=b"body"))
    for response in (*twice(t, "Cache-Control: max-age=60",
                            "Cache-Status: " + theirs),
                     t.larder(origin).get("/b")):
        lines = [value for name, value in response.fields
                 if name.lower() == "cache-status"]
        members = ", ".join(lines).split(", ")
        equal(members[0], theirs)
        equal(len(members), 2)
        true(members[1].startswith("larder; "), "the last is larder's")


run()
