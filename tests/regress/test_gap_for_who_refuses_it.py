"""Who does not take what is stored without asking does not take a part that
was asked for before he came, either (RFC 9111 5.2.1.4)."""

import sys

sys.path.insert(0, sys.path[0] + "/../support")
from control import CONTROL, wait_landed
from origin import reply
from runner import equal, run

N = 1000
BODY = bytes(i % 251 for i in range(N))
FIELDS = ("Cache-Control: max-age=60", 'ETag: "1"')


def part(first, last, tag='"1"', body=BODY):
    return reply(f"Content-Range: bytes {first}-{last}/{N}", FIELDS[0],
                 f"ETag: {tag}", status=206, body=body[first:last + 1])


def test_a_part_on_its_way(t):
    origin, gate = t.origin(), t.gate()
    origin.on("/a", part(0, 99))
    larder = t.larder(origin, conf=CONTROL)
    client = t.client(larder)
    client.get("/a", "Range: bytes=0-99")
    wait_landed(larder)
    rest = part(100, 199).script("GET", t.clock.date())
    origin.on("/a", [rest[0], rest[1][:50], gate, rest[1][50:]])
    client.ask("GET", "/a", "Range: bytes=0-199")
    client.read_head()
    newer = bytes(reversed(BODY))
    origin.on("/a", part(50, 199, '"2"', newer))
    late = t.client(larder)
    late.ask("GET", "/a", "Range: bytes=50-199", "Cache-Control: no-cache")
    head = late.read_head()
    gate.set()
    equal(head.get("ETag"), '"2"')
    equal(late.read_body(head).body, newer[50:200])


run()
