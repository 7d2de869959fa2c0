"""Two variants that only an older Vary tells apart are validated each for
itself (RFC 9111 4.1)."""

import sys

sys.path.insert(0, sys.path[0] + "/../support")
from origin import reply
from runner import equal, run, together

CONTROL = "Cache-Control: max-age=10"


def variants(t, again):
    """/a varies by B; another answer has made A the newest name to look
    at.  again answers when it is asked about B's variants once more."""
    origin, gate = t.origin(), t.gate()

    def answer(request):
        b = request.get("B")
        if request.get("A") == "9":
            return reply(CONTROL, "Vary: A", 'ETag: "9"', body=b"nine")
        if request.get("If-None-Match"):
            gate.wait(60)
            return again(b)
        return reply(CONTROL + ", stale-if-error=1000", "Vary: B",
                     f'ETag: "{b}"', body=b.encode())

    origin.on("/a", answer)
    larder = t.larder(origin, "CacheLockMaxAge 60")
    asked = [("A: 1", "B: one"), ("A: 1", "B: two")]
    for fields in [*asked, ("A: 9", "B: nine")]:
        larder.get("/a", *fields)
        larder.stop()  # so that it is on disk
        larder.start()
    t.clock.advance(20)
    clients = [t.client(larder) for _ in asked]
    for client, fields in zip(clients, asked):
        client.ask("GET", "/a", *fields)
        client.silent(0.3)
    gate.set()
    equal(together(2, lambda i: clients[i].read().body), [b"one", b"two"])


def test_with_304(t):
    variants(t, lambda b: reply(CONTROL, f'ETag: "{b}"', status=304))


def test_with_an_error_and_stale_answers(t):
    variants(t, lambda b: reply(status=500, body=b"broken"))


run()
