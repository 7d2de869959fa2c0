"""Without memory a request is answered 5xx or cut off, never wrongly, and
larder lives: failing_malloc.c makes its threads' allocations fail."""

import signal
import sys
import time

sys.path.insert(0, sys.path[0] + "/../support")
from bodies import body_of
from failing_malloc import MAIN, OTHERS, FailingMalloc
from http1 import Ended
from larder import sanitized
from origin import cacheable, chunked, reply, revalidating
from runner import Skip, equal, eventually, run, together, true, wait_hit

BODY_BYTES = 30_000
CONF = ("MaxKeepAliveRequests 0\nLogLevel warn\n"
        "CustomLog {dir}/access.log combined\n"
        "ProxyPassReverse / {origin}/")
CLIENTS = 6
# Each so-manieth allocation fails.  1 leaves nothing at all.
RATES = (200, 50, 20, 10, 7, 5, 3, 2, 1)
MIX_SECONDS = 0.5
LONG = "/" + "x" * 5_000  # does not fit into memory that is at hand


def body(name):
    return body_of(name, BODY_BYTES)


def answer(request):
    """What the origin says; the path's first letter is the kind."""
    whole = body(request.target)
    kind = request.target[1]
    if kind == "c":
        return [b"HTTP/1.1 200 OK\r\nCache-Control: max-age=600\r\n"
                b"Transfer-Encoding: chunked\r\n\r\n",
                chunked(whole[:9_000], whole[9_000:])]
    if kind == "v":
        return cacheable(body(request.target + request.get("X-V")),
                         "Vary: X-V")
    if kind == "r":
        return revalidating(whole, '"1"', "Cache-Control: no-cache")(request)
    if kind == "p":
        return reply("Cache-Control: no-store", body=request.body[::-1])
    if kind == "l":
        return cacheable(whole, "Location: http://" + request.get("Host")
                         + LONG)
    return cacheable(whole, 'ETag: "1"')


def started(t):
    if sanitized():
        raise Skip("a sanitizer has an allocator of its own")
    memory = FailingMalloc(t.dir)
    t.stack.callback(memory.close)
    origin = t.origin()
    origin.fallback = answer
    larder = t.larder(origin, CONF, env=memory.env)
    return memory, origin, larder


# ---- what is asked, and what would be right ----

def get(client, path, *fields):
    response = client.get(path, *fields)
    return response, body(path)


def upload(client, path):
    return client.request("POST", path, body=body(path)), body(path)[::-1]


def upload_chunked(client, path):
    sent = body(path)
    client.send(client.head("POST", path, "Transfer-Encoding: chunked"),
                chunked(sent[:7_000], sent[7_000:]))
    return client.read("POST"), sent[::-1]


def variant(value):
    def ask(client, path):
        return client.get(path, "X-V: " + value), body(path + value)
    return ask


def part(client, path):
    response = client.get(path, "Range: bytes=100-19999")
    whole = body(path)
    return response, whole if response.status == 200 else whole[100:20_000]


def parts(client, path):
    response = client.get(path, "Range: bytes=0-99,20000-20099")
    if response.status == 200:
        return response, body(path)
    whole, text = body(path), response.body
    if response.status == 206:
        true(response.get("Content-Type").startswith("multipart/"), "parts")
        true(whole[:100] in text and whole[20_000:20_100] in text, "bytes")
    return response, text


def location(client, path):
    response = client.get(path)
    if response.status == 200:
        equal(response.get("Location"), f"http://{client.authority}{LONG}")
    return response, body(path)


def condition(client, path):
    response = client.get(path, 'If-None-Match: "1"')
    return response, b"" if response.status == 304 else body(path)


KINDS = (  # path ({n}: another one each time), how to ask
    ("/hit", get), ("/miss/{n}", get), ("/c/{n}", get), ("/c/{n}", get),
    ("/hit", part), ("/miss/{n}", part), ("/hit", parts),
    ("/hit", condition), ("/l/{n}", location), (LONG + "/{n}", get),
    ("/v/{n}", variant("a")), ("/v/{n}", variant("b")), ("/r", get),
    ("/p/{n}", upload), ("/p/{n}", upload_chunked))


def judge(response, right, path):
    """An answer is right or 5xx, nothing else."""
    if response.status >= 500:
        return False
    true(response.status in (200, 206, 304), f"{path}: {response}")
    true(response.body == right, f"the bytes of {path}: {response}")
    return True


def check_forwarded(origin):
    """What reached the origin was nothing less than usual."""
    for request in origin.seen():
        equal(request.get("X-Forwarded-For"), "127.0.0.1", request.target)
        true(request.get("Via"), f"Via of {request.target}")
        if request.complete and request.target[1] == "p":
            true(request.body == body(request.target), "what was uploaded")


class Mix:
    """Clients that ask for everything, some of it at the same time."""

    def __init__(self, larder):
        self.larder = larder
        self.right, self.asked = 0, set()

    def play(self, name, seconds):
        end = time.monotonic() + seconds
        together(CLIENTS, lambda i: self.client(name, i, end))

    def client(self, name, i, end):
        n = 0
        while n < 2 or time.monotonic() < end:
            try:
                with self.larder.client() as client:
                    for _ in range(20):
                        self.one(client, name, i, n)
                        n += 1
            except (Ended, ConnectionError):
                n += 1  # cut off; a time-out would fail the test

    def one(self, client, name, i, n):
        path, ask = KINDS[(n + i // 2 * 5) % len(KINDS)]
        path = path.replace("{n}", f"{name}/{n}")
        self.asked.add((path, ask))
        response, right = ask(client, path)
        self.right += judge(response, right, path)


# ---- the tests ----

def all_is_well(larder, asked):
    """What was asked for under failures is answered rightly, from the
    store and from the origin."""
    with larder.client() as client:
        for path, ask in sorted(asked, key=lambda one: one[0]):
            for _ in range(2):
                response, right = ask(client, path)
                true(judge(response, right, path), f"{path}: {response}")
        client.get("/new")
        true(wait_hit(client, "/new").body == body("/new"), "stores again")


def test_under_any_rate_of_failures_answers_are_right_or_5xx(t):
    memory, origin, larder = started(t)
    mix = Mix(larder)
    for rate in RATES:
        memory.order(OTHERS, every=rate)
        mix.play(str(rate), MIX_SECONDS)
        memory.stop()
        all_is_well(larder, mix.asked)
        mix.asked.clear()
    true(memory.failed > 100, f"{memory.failed} allocations failed")
    true(mix.right > 100, f"{mix.right} answers were right all the same")
    check_forwarded(origin)


def test_what_was_stored_meanwhile_is_right_after_a_restart(t):
    memory, origin, larder = started(t)
    mix = Mix(larder)
    memory.order(OTHERS, every=11)
    mix.play("again", 2 * MIX_SECONDS)
    memory.stop()
    larder.stop()
    larder.start()
    all_is_well(larder, mix.asked)


def sweep(memory, larder, ask, path, most=200):
    """Fails the first allocation of a request, then the second of another
    one, and so on until there are no more.  Returns how many there were."""
    for n in range(1, most):
        here = path.replace("{n}", str(n))
        memory.order(OTHERS, at=n)
        try:
            with larder.client() as client:
                judge(*ask(client, here), here)
        except (Ended, ConnectionError):
            pass
        counted = memory.stop()
        with larder.client() as client:
            true(judge(*ask(client, here), here), f"{here} afterwards")
        if counted < n:
            return n
    raise AssertionError(f"{most} allocations and no end")


def test_each_single_allocation_of_a_request_may_fail(t):
    memory, origin, larder = started(t)
    for path, ask in KINDS:
        sweep(memory, larder, ask, path.replace("{n}", ask.__name__ + "{n}"))
    true(memory.failed > 50, f"{memory.failed} allocations failed")
    check_forwarded(origin)


def test_an_unsafe_request_invalidates_without_memory_too(t):  # RFC 9111 4.4
    memory, origin, larder = started(t)
    for n in range(1, 40):
        path = f"/{n}"
        origin.on(path, cacheable(b"old"), reply("Content-Location: " + LONG),
                  cacheable(b"new"))
        with larder.client() as client:
            client.get(path)
            wait_hit(client, path)
        memory.order(OTHERS, at=n)
        try:
            with larder.client() as client:
                status = client.request("DELETE", path).status
        except (Ended, ConnectionError):
            status = 0
        memory.stop()
        if status == 200:
            equal(larder.get(path).body, b"new", f"{path} after DELETE")


def test_collapsed_requests_are_right_or_5xx_when_memory_fails(t):
    memory, origin, larder = started(t)
    for n in range(1, 40):
        gate = t.gate()
        whole = body(f"/{n}")
        origin.on(f"/{n}", [b"HTTP/1.1 200 OK\r\nCache-Control: max-age=60"
                            b"\r\nContent-Length: %d\r\n\r\n" % BODY_BYTES,
                            whole[:10_000], gate, whole[10_000:]])
        memory.order(OTHERS, at=n)

        def one(i, path=f"/{n}", gate=gate, whole=whole):
            try:
                with larder.client() as client:
                    client.ask("GET", path)
                    if i == 0:
                        gate.set()
                    judge(client.read(), whole, path)
            except (Ended, ConnectionError):
                pass
        together(4, one)
        memory.stop()
        response = larder.get(f"/{n}")
        equal(response.status, 200)
        true(response.body == whole, "all of it afterwards")


def test_a_reload_without_memory_is_done_by_all_workers_or_none(t):
    memory, origin, larder = started(t)
    origin.fallback = lambda request: reply("Cache-Control: no-store",
                                            body=request.target.encode())

    def alike():  # the kernel gives connections to either worker
        return len({larder.get("/now/a").body for _ in range(24)}) == 1

    for n in range(1, 400):
        larder.configure(CONF + "\n<Location /now>\n"
                         f"ProxyPass {origin.url}/{n}\n</Location>")
        memory.order(MAIN, at=n)
        larder.signal(signal.SIGHUP)
        larder.wait_ready()
        counted = memory.stop()
        eventually(alike, f"workers of one mind after reload {n}", 5)
        if counted < n:
            equal(larder.get("/now/a").body, f"/{n}/a".encode())
            return
    raise AssertionError("there was always one more allocation")


run()
