"""An interim answer to the request for a hole does not get into the body
that is being sent (RFC 9110 15.2)."""

import sys

sys.path.insert(0, sys.path[0] + "/../support")
from control import CONTROL, wait_landed
from origin import reply
from runner import equal, run, true

N = 1000
BODY = bytes(i % 251 for i in range(N))
EARLY = b"HTTP/1.1 103 Early Hints\r\nLink: </b>\r\n\r\n"
FIELDS = ("Cache-Control: max-age=60", 'ETag: "1"')


def test_holes_with_early_hints(t):
    origin = t.origin()

    def answer(request, before=b""):
        first, last = request.get("Range").removeprefix("bytes=").split("-")
        first, last = int(first), int(last or N - 1)
        head = reply(f"Content-Range: bytes {first}-{last}/{N}", *FIELDS,
                     status=206, body=BODY[first:last + 1])
        return [before, *head.script("GET", t.clock.date())]

    origin.on("/a", answer)
    larder = t.larder(origin, conf=CONTROL)
    client = t.client(larder)
    for text in ("100-199", "400-499"):
        client.get("/a", "Range: bytes=" + text)
        wait_landed(larder)
    origin.on("/a", lambda r: answer(r, EARLY))
    response = client.get("/a")
    equal(response.status, 200)
    equal(response.body, BODY)
    equal(origin.count("/a"), 5)


run()
