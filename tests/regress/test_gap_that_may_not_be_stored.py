"""Who wants more than what is stored gets what he asked for, also where the
rest of it may not be stored: never the rest alone (RFC 9110 15.3.7)."""

import sys

sys.path.insert(0, sys.path[0] + "/../support")
from control import CONTROL, wait_landed
from origin import reply
from runner import equal, run, true

N = 1000
BODY = bytes(i % 251 for i in range(N))
FRESH = "Cache-Control: max-age=60"


def file(*fields):
    def answer(request):
        value = request.get("Range")
        if value is None:
            return reply('ETag: "1"', *fields, body=BODY)
        first, last = value.removeprefix("bytes=").split("-")
        first, last = int(first), int(last or N - 1)
        return reply(f"Content-Range: bytes {first}-{last}/{N}", 'ETag: "1"',
                     *fields, status=206, body=BODY[first:last + 1])
    return answer


def site(t, *parts, conf=""):
    origin = t.origin()
    origin.on("/a", file(FRESH))
    larder = t.larder(origin, conf=CONTROL + conf)
    client = t.client(larder)
    for text in parts:
        client.get("/a", "Range: bytes=" + text)
        wait_landed(larder)
    return origin, larder, client


def expect(response, first=0, last=N - 1):
    equal(response.status, 200 if last - first + 1 == N else 206)
    if response.status == 206:
        equal(response.get("Content-Range"), f"bytes {first}-{last}/{N}")
    equal(response.body, BODY[first:last + 1])


def test_the_origin_forbids_it_meanwhile(t):  # RFC 9111 5.2.2.5
    origin, larder, client = site(t, "0-99")
    origin.on("/a", file("Cache-Control: no-store"))
    expect(client.get("/a", "Range: bytes=50-199"), 50, 199)
    expect(client.get("/a"))


def test_its_vary_names_too_much(t):  # RFC 9111 4.1
    origin, larder, client = site(t, "0-99")
    origin.on("/a", file(FRESH, "Vary: *"))
    expect(client.get("/a", "Range: bytes=50-199"), 50, 199)
    expect(client.get("/a"))


def test_the_client_forbids_it(t):  # RFC 9111 5.2.1.5
    origin, larder, client = site(t, "100-199", "400-499")
    expect(client.get("/a", "Range: bytes=150-299", "Cache-Control: no-store"),
           150, 299)
    expect(client.get("/a", "Cache-Control: no-store"))


def test_the_operator_forbids_it_meanwhile(t):
    for fill in ("Off", "Whole"):
        origin, larder, client = site(t, "100-199", "400-499")
        larder.stop()
        larder.configure(f"CacheRangeFill {fill}\n")
        larder.start()
        client = t.client(larder)
        expect(client.get("/a", "Range: bytes=150-299"), 150, 299)
        expect(client.get("/a"))


run()
