"""Unsafe methods pass, and invalidate (RFC 9111 section 4.4)."""

import sys

sys.path.insert(0, sys.path[0] + "/../support")
from origin import cacheable, reply
from runner import equal, run, true, wait_hit


def warm(t, *paths):
    """A client of a larder that has the paths stored, and the origin."""
    origin = t.origin()
    for path in paths:
        origin.on(path, cacheable(path.encode()))
    client = t.client(t.larder(origin))
    for path in paths:
        client.get(path)
        wait_hit(client, path)
    return client, origin


def is_hit(client, path):
    return client.get(path, "Cache-Control: only-if-cached").status == 200


def by_method(answers):
    return lambda request: answers[request.method]


def test_post_put_patch_and_delete_reach_the_origin_with_their_body(t):
    origin = t.origin()
    client = t.client(t.larder(origin))
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        origin.on("/form", reply(status=201, body=b"done " + method.encode()))
        response = client.request(method, "/form", body=b"a=1&b=2")
        equal(response.status, 201, method)
        equal(response.body, b"done " + method.encode())
        request = origin.seen()[-1]
        equal(request.method, method)
        equal(request.body, b"a=1&b=2")
        true(not response.hit, "no hit")


def test_their_answers_are_not_stored(t):
    origin = t.origin()
    origin.on("/form", cacheable(b"answer"))
    client = t.client(t.larder(origin))
    for _ in range(2):
        client.request("POST", "/form", body=b"x")
    equal(origin.count("/form"), 2, "requests at the origin")
    true(not is_hit(client, "/form"), "a GET finds nothing")


def test_the_target_is_invalidated(t):
    for method in ("POST", "PUT", "DELETE", "PATCH", "LOCK"):
        client, origin = warm(t, "/a")
        origin.on("/a", reply(status=200, body=b"changed"))
        client.request(method, "/a", body=b"x")
        true(not is_hit(client, "/a"), f"{method} removed it")


def test_every_variant_of_the_target_is_invalidated(t):
    origin = t.origin()
    origin.on("/a", lambda request: reply(
        "Cache-Control: max-age=60", "Vary: X-Kind",
        body=(request.get("X-Kind") or "").encode()))
    client = t.client(t.larder(origin))
    for kind in "12":
        client.get("/a", "X-Kind: " + kind)
        wait_hit(client, "/a", "X-Kind: " + kind)
    client.request("POST", "/a", body=b"x")
    for kind in "12":
        true(not client.get("/a", "X-Kind: " + kind).hit, f"variant {kind}")


def test_an_error_invalidates_nothing(t):
    client, origin = warm(t, "/a")
    for status in (400, 404, 500, 503):
        origin.on("/a", reply(status=status, body=b"no"))
        client.request("POST", "/a", body=b"x")
        true(is_hit(client, "/a"), f"still there after a {status}")


def test_safe_methods_invalidate_nothing(t):
    client, origin = warm(t, "/a")
    origin.on("/a", reply(body=b""))
    client.request("OPTIONS", "/a")
    client.request("HEAD", "/a")
    true(is_hit(client, "/a"), "still there")


def test_location_and_content_location_are_invalidated_too(t):
    client, origin = warm(t, "/a", "/b", "/c", "/d")
    origin.on("/a", reply("Location: /b", status=201,
                          body=b""))
    client.request("POST", "/a", body=b"x")
    true(not is_hit(client, "/b"), "Location's")
    origin.on("/a", reply("Content-Location: /c",
                          f"Location: http://{client.authority}/d",
                          body=b""))
    client.request("PUT", "/a", body=b"x")
    true(not is_hit(client, "/c"), "Content-Location's")
    true(not is_hit(client, "/d"), "an absolute Location's")


def test_another_origins_uri_is_left_alone(t):
    client, origin = warm(t, "/b")
    origin.on("/a", reply("Location: http://elsewhere.test/b",
                          "Content-Location: //elsewhere.test/b", body=b""))
    client.request("POST", "/a", body=b"x")
    true(is_hit(client, "/b"), "our /b is not elsewhere's")


def test_a_post_during_a_fetch_is_not_undone_by_its_answer(t):
    origin = t.origin()
    gate = t.gate()
    larder = t.larder(origin)
    head = b"HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\n"
    origin.on("/a", [head + b"Content-Length: 6\r\n\r\nold", gate, b"old"],
              reply(body=b"posted"),
              cacheable(b"new"))
    slow = t.client(larder)
    slow.ask("GET", "/a")
    slow.read_head()
    larder_client = t.client(larder)
    equal(larder_client.request("POST", "/a", body=b"x").body, b"posted")
    gate.set()
    origin.wait_ended("/a", 2)
    equal(wait_hit(larder_client, "/a").body, b"new")


run()
