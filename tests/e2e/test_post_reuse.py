"""The answer to a POST that is the target's own content serves later GETs
(RFC 9110 section 9.3.3)."""

import sys

sys.path.insert(0, sys.path[0] + "/../support")
from origin import CLOSE, reply
from runner import equal, run, true, wait_hit

FRESH, HERE = "Cache-Control: max-age=60", "Content-Location: /a"
REUSABLE = (FRESH, HERE)
HEAD = (b"HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\n"
        b"Content-Location: /a\r\nContent-Length: 10\r\n\r\n")


def by_method(**answers):
    """A resource that answers each method with that."""
    return lambda request: answers[request.method]


def posted(t, answer, *asks, conf="", target="/a"):
    """A larder through which /a was posted to, and its origin; a GET of /a
    that reaches it brings "got"."""
    origin = t.origin()
    origin.on("/a", by_method(POST=answer, GET=reply(FRESH, body=b"got")))
    larder = t.larder(origin, conf)
    with larder.client() as client:
        client.request("POST", target, *asks, body=b"x")
    return larder, origin


def is_stored(larder):
    """Not what is on its way: a stop waits for that."""
    larder.stop()
    larder.start()
    return larder.get("/a", "Cache-Control: only-if-cached").hit


def test_a_get_finds_the_answer_to_a_post(t):
    larder, origin = posted(t, reply(*REUSABLE, "X-A: b", body=b"posted"))
    client = t.client(larder)
    hit = wait_hit(client, "/a")
    equal(hit.body, b"posted")
    equal(hit.get("X-A"), "b")
    head = client.request("HEAD", "/a")
    true(head.hit, "HEAD is a hit, too")
    equal(head.get("Content-Length"), "6")
    equal(origin.count(), 1, "requests at the origin")


def test_who_posted_gets_it_as_it_came(t):
    origin = t.origin()
    origin.on("/a", reply('Cache-Control: max-age=60, no-cache="X-A"', HERE,
                          'ETag: "1"', "X-A: b", body=b"posted"))
    client = t.client(t.larder(origin))
    response = client.request("POST", "/a", 'If-None-Match: "1"',
                              "Range: bytes=0-1", body=b"x")
    equal(response.status, 200)
    equal(response.body, b"posted")
    equal(response.get("X-A"), "b")
    equal(wait_hit(client, "/a").get("X-A"), None)


def test_a_post_is_never_answered_with_it(t):
    larder, origin = posted(t, reply(*REUSABLE, body=b"posted"))
    client = t.client(larder)
    wait_hit(client, "/a")
    for _ in range(2):
        true(not client.request("POST", "/a", body=b"x").hit, "no hit")
    equal(origin.count(method="POST"), 3, "POSTs at the origin")
    equal([r.body for r in origin.seen(method="POST")], [b"x"] * 3)


def test_it_takes_the_place_of_what_was_stored(t):  # RFC 9111 4.4
    larder, origin = posted(t, reply(status=404))
    client = t.client(larder)
    client.get("/a")
    equal(wait_hit(client, "/a").body, b"got")
    origin.on("/a", reply(*REUSABLE, body=b"posted"))
    client.request("POST", "/a", body=b"x")
    equal(wait_hit(client, "/a").body, b"posted")
    equal(origin.count(method="GET"), 1, "GETs at the origin")


def test_errors_and_statuses_of_the_action_are_not_kept(t):
    for status in (201, 202, 204, 303, 400, 404, 500):
        larder, _ = posted(t, reply(*REUSABLE, status=status))
        true(not is_stored(larder), f"not after a {status}")


def test_the_content_of_something_else_is_not_kept(t):  # RFC 9110 8.7
    for where in ("/b", "/a?b", "http://elsewhere.test/a"):
        larder, _ = posted(t, reply(FRESH, "Content-Location: " + where,
                                    body=b"posted"))
        true(not is_stored(larder), f"not for {where}")
    larder, _ = posted(t, reply(FRESH, body=b"posted"))
    true(not is_stored(larder), "not without Content-Location")


def test_content_location_is_what_clients_see(t):
    origin = t.origin()
    origin.on("/b/a", lambda _: reply(
        FRESH, f"Content-Location: {origin.url}/b/a", body=b"posted"))
    url = origin.url
    larder = t.larder(origin_url=None, conf=f"ProxyPass / {url}/b/\n"
                      f"ProxyPassReverse / {url}/b/")
    client = t.client(larder)
    client.request("POST", "/a", body=b"x")
    hit = wait_hit(client, "/a")
    equal(hit.body, b"posted")
    equal(hit.get("Content-Location"), f"http://{client.authority}/a")
    equal(origin.count(), 1, "requests at the origin")


def test_a_lifetime_must_be_stated(t):
    for fields in ((), ("Cache-Control: public",),
                   ("Last-Modified: Sat, 21 Nov 2020 12:00:00 GMT",)):
        larder, _ = posted(t, reply(HERE, *fields, body=b"posted"),
                           conf="CacheDefaultExpire 3600")
        true(not is_stored(larder), f"not with {fields}")


def test_the_rules_for_storing_a_get_hold(t):  # RFC 9111 3
    def stored(*fields, asks=(), body=b"posted", conf=""):
        larder, _ = posted(t, reply(HERE, *fields, body=body), *asks,
                           conf=conf)
        return is_stored(larder)

    authorized = ("Authorization: Basic YTpi",)
    true(not stored("Cache-Control: max-age=60, no-store"), "no-store")
    true(not stored("Cache-Control: max-age=60, private"), "private")
    true(not stored(FRESH, asks=authorized), "Authorization")
    true(stored("Cache-Control: public, max-age=60", asks=authorized),
         "Authorization and public")
    true(not stored(FRESH, asks=("Cache-Control: no-store",)),
         "no-store of the request")
    true(not stored(FRESH, "Vary: *"), "Vary: *")
    true(not stored(FRESH, conf="CacheMaxFileSize 5"), "a size")
    true(not stored(FRESH, conf="CacheDisable /a"), "CacheDisable")


def test_vary_goes_by_the_fields_of_the_post(t):  # RFC 9111 4.1
    larder, origin = posted(t, reply(*REUSABLE, "Vary: X-Kind",
                                     body=b"posted"), "X-Kind: 1")
    client = t.client(larder)
    equal(wait_hit(client, "/a", "X-Kind: 1").body, b"posted")
    equal(client.get("/a", "X-Kind: 2").body, b"got")


def test_a_get_during_the_transfer_joins_it(t):
    origin, gate = t.origin(), t.gate()
    origin.on("/a", by_method(POST=[HEAD, b"first", gate, b"-last"],
                              GET=reply(FRESH, body=b"got")))
    larder = t.larder(origin)
    writer, reader = t.client(larder), t.client(larder)
    writer.ask("POST", "/a", body=b"x")
    writer.read_head()
    reader.ask("GET", "/a")
    equal(reader.read_head().status, 200)
    equal(reader.reader.exactly(5), b"first")
    gate.set()
    equal(reader.reader.exactly(5), b"-last")
    equal(origin.count(), 1, "requests at the origin")


def test_a_second_post_during_the_transfer_undoes_it(t):  # RFC 9111 4.4
    for second in (reply(body=b"done"), reply(*REUSABLE, body=b"newer")):
        origin, gate = t.origin(), t.gate()
        posts = iter([[HEAD, b"first", gate, b"-last"], second])
        origin.on("/a", lambda request, posts=posts: next(posts)
                  if request.method == "POST" else reply(FRESH, body=b"got"))
        larder = t.larder(origin)
        with larder.client() as slow:
            slow.ask("POST", "/a", body=b"1")
            head = slow.read_head()
            with larder.client() as other:
                equal(other.request("POST", "/a", body=b"2").body,
                      second.body)
            gate.set()
            equal(slow.read_body(head).body, b"first-last")
        larder.stop()
        larder.start()
        equal(larder.get("/a").body,
              b"newer" if second.body == b"newer" else b"got")


def test_a_body_that_breaks_off_is_not_kept(t):
    origin, gate = t.origin(), t.gate()
    origin.on("/a", [HEAD, b"first", gate, CLOSE])
    larder = t.larder(origin)
    with larder.client() as client:
        client.ask("POST", "/a", body=b"x")
        client.read_head()
        gate.set()
        equal(client.reader.exactly(5), b"first")
        true(client.closed(), "it is cut off")
    true(not is_stored(larder), "half a body")


def test_who_posted_may_leave(t):
    origin, gate = t.origin(), t.gate()
    origin.on("/a", by_method(POST=[HEAD, b"first", gate, b"-last"],
                              GET=reply(FRESH, body=b"got")))
    larder = t.larder(origin)
    with larder.client() as writer:
        writer.ask("POST", "/a", body=b"x")
        writer.read_head()
    gate.set()
    client = t.client(larder)
    equal(wait_hit(client, "/a").body, b"first-last")
    equal(origin.count(), 1, "requests at the origin")


def test_an_answer_before_the_end_of_the_request_is_not_kept(t):
    origin, gate = t.origin(), t.gate()
    origin.on("/a", [HEAD, b"first-last"], early=True)
    larder = t.larder(origin)
    with larder.client() as client:
        client.send(client.head("POST", "/a", "Content-Length: 10"), b"x")
        equal(client.read().body, b"first-last")
    true(not is_stored(larder), "half a question")


run()
