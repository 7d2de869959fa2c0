"""What a 304 says, here and from the backend (RFC 9110 15.4.5, 9111 4.3.4)."""

import sys

sys.path.insert(0, sys.path[0] + "/../support")
from origin import reply
from runner import equal, run, true, wait_hit


def test_a_304_has_the_fields_that_the_200_would_have(t):  # 9110 15.4.5
    fields = {"Cache-Control": "max-age=60", "Content-Location": "/a.html",
              "ETag": '"1"', "Expires": t.clock.date(60), "Vary": "X-Kind",
              "Date": t.clock.date()}
    origin = t.origin()
    origin.on("/a", reply(*(": ".join(pair) for pair in fields.items()),
                          body=b"body"))
    client = t.client(t.larder(origin))
    client.get("/a")
    wait_hit(client, "/a")
    response = client.get("/a", 'If-None-Match: "1"')
    equal(response.status, 304)
    equal({name: response.get(name) for name in fields}, fields)


def test_a_condition_changes_nothing_but_a_200(t):  # 9110 13.2.1
    origin = t.origin()
    origin.on("/a", reply("Cache-Control: max-age=60", 'ETag: "1"',
                          status=404, body=b"none"))
    client = t.client(t.larder(origin))
    client.get("/a")
    wait_hit(client, "/a")
    response = client.get("/a", 'If-None-Match: "1"')
    true(response.hit, "it is a hit")
    equal(response.status, 404)
    equal(response.body, b"none")


def test_a_304_about_another_response_is_followed_by_the_whole(t):  # 4.3.4
    def answer(request):
        if request.get("If-None-Match"):
            return reply("Cache-Control: max-age=60", 'ETag: "2"',
                         "X-A: of the second", status=304)
        return reply("Cache-Control: max-age=60", 'ETag: "2"', body=b"second")

    origin = t.origin()
    origin.on("/a", reply("Cache-Control: max-age=60", 'ETag: "1"',
                          body=b"first"))
    larder = t.larder(origin)
    larder.get("/a")
    wait_hit(t.client(larder), "/a")
    t.clock.advance(100)
    origin.on("/a", answer)
    response = larder.get("/a")
    equal(response.body, b"second")
    equal(response.get("X-A"), None, "a field of the 304")
    equal([request.get("If-None-Match") for request in origin.seen()[1:]],
          ['"1"', None], "what was asked")
    true(wait_hit(t.client(larder), "/a").body == b"second", "it is stored")


run()
