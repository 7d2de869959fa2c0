"""Methods that are neither GET nor HEAD (RFC 9110 section 9.3)."""

import sys

sys.path.insert(0, sys.path[0] + "/../support")
from origin import cacheable, reply
from runner import equal, run, true, wait_hit


def test_trace_is_refused_here(t):  # 9.3.8
    origin = t.origin()
    client = t.client(t.larder(origin))
    response = client.request("TRACE", "/a")
    equal(response.status, 405)
    true("TRACE" not in response.get("Allow").split(", "), "15.5.6: Allow")
    equal(origin.count(), 0, "requests at the origin")


def test_answers_to_put_delete_and_options_are_not_stored(t):  # 9.3.4 to 9.3.7
    origin = t.origin()
    client = t.client(t.larder(origin))
    origin.on("/a", cacheable(b"answer"))
    for number, method in enumerate(("PUT", "DELETE", "OPTIONS", "LOCK"), 1):
        for _ in range(2):
            equal(client.request(method, "/a").body, b"answer")
        equal(origin.count("/a"), 2 * number, f"requests, {method} included")
        equal(client.get("/a", "Cache-Control: only-if-cached").status, 504,
              f"a GET after {method}")


def test_a_stored_answer_is_not_for_other_methods(t):  # RFC 9111 4
    origin = t.origin()
    client = t.client(t.larder(origin))
    origin.on("/a", cacheable(b"to GET"))
    client.get("/a")
    origin.on("/a", reply("Allow: GET", body=b"to OPTIONS"))
    equal(client.request("OPTIONS", "/a").body, b"to OPTIONS")


def test_the_condition_of_a_put_is_the_origins(t):  # 13.1.1, RFC 9111 4.3.2
    origin = t.origin()
    client = t.client(t.larder(origin))
    origin.on("/a", reply("Cache-Control: max-age=60", 'ETag: "1"', body=b"x"))
    client.get("/a")
    wait_hit(client, "/a")
    origin.on("/a", reply(status=412, body=b"no"))
    response = client.request("PUT", "/a", 'If-Match: "0"', body=b"y")
    equal(response.status, 412)
    equal(origin.seen()[-1].get("If-Match"), '"0"')
    true(client.get("/a", 'If-Match: "0"').hit, "a GET is not judged by it")


run()
