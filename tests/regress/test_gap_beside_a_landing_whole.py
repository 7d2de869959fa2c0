"""Who has got half of a stored body, and asks for the rest of it, is not cut
off because the whole has just been fetched for somebody else."""

import sys

sys.path.insert(0, sys.path[0] + "/../support")
from control import CONTROL, wait_landed
from origin import reply
from runner import equal, run

N = 1000
BODY = bytes(i % 251 for i in range(N))
FIELDS = ("Cache-Control: max-age=60", 'ETag: "1"')


def test_a_whole_that_is_not_committed_yet(t):
    origin, gate = t.origin(), t.gate()

    def answer(request):
        if request.method == "POST":
            return reply(status=204)
        value = request.get("Range")
        if value is None:
            return reply(*FIELDS, body=BODY)
        first, last = value.removeprefix("bytes=").split("-")
        first, last = int(first), int(last or N - 1)
        head, body = reply(
            f"Content-Range: bytes {first}-{last}/{N}", *FIELDS, status=206,
            body=BODY[first:last + 1]).script("GET", t.clock.date())
        return [head, body[:10], gate, body[10:]] if first == 0 else \
            [head, body]

    origin.on("/a", answer)
    larder = t.larder(origin, conf=CONTROL)
    client = t.client(larder)
    for text in ("100-199", "400-499"):
        client.get("/a", "Range: bytes=" + text)
        wait_landed(larder)
    larder.stop()
    larder.configure("CacheSyncInterval 60000\n")
    larder.start()
    client, other = t.client(larder), t.client(larder)
    client.ask("GET", "/a")
    head = client.read_head()
    equal(other.request("POST", "/a", body=b"x").status, 204)
    equal(other.get("/a").body, BODY)
    gate.set()
    equal(client.read_body(head).body, BODY)


run()
