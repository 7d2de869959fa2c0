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


run()
