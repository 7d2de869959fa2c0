"""An answer that comes before the request's body was read ends the
connection, and must say so (RFC 9112 9.3, 9.6)."""

import sys

sys.path.insert(0, sys.path[0] + "/../support")
from origin import reply
from runner import equal, run, true


def test_the_backends_early_answer(t):
    origin = t.origin()
    origin.on("/a", reply(status=403, body=b"no"), early=True)
    client = t.client(t.larder(origin))
    client.send(client.head("POST", "/a", "Content-Length: 1000"), b"x")
    response = client.read()
    equal(response.status, 403)
    equal(response.body, b"no")
    equal(response.get("Connection"), "close")
    true(client.closed(), "the connection ends")


def test_an_answer_to_the_whole_request_does_not(t):
    origin = t.origin()
    origin.on("/a", reply(status=403, body=b"no"))
    client = t.client(t.larder(origin))
    for _ in range(2):
        response = client.request("POST", "/a", body=b"x" * 1000)
        equal(response.status, 403)
        equal(response.get("Connection"), None)


run()
