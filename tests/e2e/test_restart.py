"""What was stored is still there after a restart."""

import os
import sys
import threading

sys.path.insert(0, sys.path[0] + "/../support")
from bodies import body_of
from control import CONTROL, ask_json, stats
from origin import cacheable, reply, revalidating
from runner import equal, eventually, run, true, wait_hit

SIZES = (0, 10, 4000, 5000, 100_000, 3_000_000)
LARGE = "CacheMaxFileSize 100000000"


def test_hits_after_a_restart_without_the_origin(t):
    origin = t.origin()
    for n in SIZES:
        origin.on(f"/{n}", cacheable(body_of(str(n), n), f'ETag: "{n}"'))
    larder = t.larder(origin, LARGE)
    with larder.client() as client:
        for n in SIZES:
            client.get(f"/{n}")
            wait_hit(client, f"/{n}")
    larder.stop()
    origin.stop()

    larder.start()
    client = t.client(larder)
    for n in SIZES:
        response = client.get(f"/{n}")
        equal(response.status, 200, f"/{n}")
        true(response.hit, f"/{n} is a hit")
        true(response.body == body_of(str(n), n), f"the bytes of /{n}")
        equal(response.get("ETag"), f'"{n}"')


def test_age_goes_on_through_a_restart(t):
    origin = t.origin()
    origin.on("/a", cacheable(b"x", max_age=100))
    larder = t.larder(origin)
    larder.get("/a")
    with larder.client() as client:
        wait_hit(client, "/a")
    larder.stop()
    t.clock.advance(50)
    larder.start()
    true(50 <= larder.get("/a").age <= 55, "its age")
    t.clock.advance(60)
    equal(larder.get("/a", "Cache-Control: only-if-cached").status, 504)


def test_variants_are_there_too(t):
    origin = t.origin()
    origin.on("/a", lambda request: reply(
        "Cache-Control: max-age=3600", "Vary: X-Kind",
        body=request.get("X-Kind").encode()))
    larder = t.larder(origin)
    with larder.client() as client:
        for kind in "123":
            client.get("/a", "X-Kind: " + kind)
            wait_hit(client, "/a", "X-Kind: " + kind)
    larder.stop()
    larder.start()
    for kind in "123":
        response = larder.get("/a", "X-Kind: " + kind)
        true(response.hit, f"variant {kind} is a hit")
        equal(response.body, kind.encode())


def test_what_a_304_changed_stays_changed(t):
    origin = t.origin()
    origin.on("/a", reply("Cache-Control: max-age=10", 'ETag: "1"',
                          "X-A: old", body=b"x"),
              reply("Cache-Control: max-age=9999", 'ETag: "1"', "X-A: new",
                    status=304))
    larder = t.larder(origin)
    with larder.client() as client:
        client.get("/a")
        wait_hit(client, "/a")
        t.clock.advance(20)
    with larder.client() as client:
        client.get("/a")
        wait_hit(client, "/a")
    larder.stop()
    larder.start()
    response = larder.get("/a")
    true(response.hit, "a hit")
    equal(response.get("X-A"), "new")


def test_what_was_invalidated_does_not_come_back(t):
    origin = t.origin()
    origin.on("/a", cacheable(b"x"))
    larder = t.larder(origin)
    with larder.client() as client:
        client.get("/a")
        wait_hit(client, "/a")
        origin.on("/a", reply(body=b"posted"))
        client.request("POST", "/a", body=b"x")
    larder.stop()
    larder.start()
    equal(larder.get("/a", "Cache-Control: only-if-cached").status, 504)


def test_stale_objects_are_validated_after_a_restart(t):
    origin = t.origin()
    origin.on("/a", revalidating(b"body", '"1"', "Cache-Control: max-age=10"))
    larder = t.larder(origin)
    with larder.client() as client:
        client.get("/a")
        wait_hit(client, "/a")
    larder.stop()
    t.clock.advance(20)
    larder.start()
    equal(larder.get("/a").body, b"body")
    equal(origin.seen()[1].get("If-None-Match"), '"1"')


def first_answer(larder):
    """To who asks as soon as somebody listens; None: nobody does."""
    try:
        return larder.get("/0")
    except ConnectionError:
        return None


def test_who_asks_before_larder_is_ready_gets_a_hit(t):
    larder = with_objects(t, 1)
    for end in (larder.stop, larder.kill):
        end()
        asker = threading.Thread(target=lambda: answers.append(
            eventually(lambda: first_answer(larder), "an answer")))
        answers = []
        asker.start()
        larder.start()
        asker.join()
        true(answers[0].hit, "the first answer is a hit")
        equal(stats(larder)["total"]["misses"], 0)


def opening(larder):
    """What the control socket says of it, but for the time it took."""
    said = ask_json(larder, "GET", "/status")["store"]["opening"]
    true(0 <= said.pop("took_ms") < 30_000, "a time")
    equal(stats(larder)["store"]["loaded"], said["objects"])
    return said["how"], said["why"], said["objects"]


def with_objects(t, n):
    origin = t.origin()
    for i in range(n):
        origin.on(f"/{i}", cacheable(b"x"))
    larder = t.larder(origin, CONTROL + "LogLevel notice")
    equal(opening(larder), ("new", None, 0))
    larder.wait_log("opened new; 0 objects")
    with larder.client() as client:
        for i in range(n):
            client.get(f"/{i}")
            wait_hit(client, f"/{i}")
    return larder


def test_how_the_store_was_opened_is_told(t):
    larder = with_objects(t, 3)
    larder.stop()
    larder.start()
    equal(opening(larder), ("clean", None, 3))
    larder.wait_log(r"opened after an end in order; 3 objects loaded in \d+ ms")
    larder.kill()
    larder.start()
    equal(opening(larder), ("checked", None, 3))
    larder.wait_log("opened after an unclean end, and checked; 3 objects")


def test_why_a_store_was_begun_anew_is_told(t):
    larder = with_objects(t, 3)
    larder.stop()
    os.truncate(larder.dir + "/cache/data.mdb", 8192)
    larder.start()
    how, why, objects = opening(larder)
    equal((how, objects), ("anew", 0))
    true("cut off" in why, why)
    larder.wait_log("the store cannot be read: .*cut off")
    larder.wait_log("opened anew: .*cut off; 0 objects")


def test_a_store_that_cannot_be_read_is_moved_aside(t):
    origin = t.origin()
    origin.on("/a", cacheable(b"x"))
    larder = t.larder(origin)
    larder.get("/a")
    larder.stop()
    for name in os.listdir(larder.dir + "/cache"):
        path = os.path.join(larder.dir, "cache", name)
        if name.endswith(".mdb") or name == "data":
            with open(path, "r+b") as file:
                file.write(b"\xff" * 16384)
    larder.start()
    equal(larder.get("/a").body, b"x", "it serves all the same")
    with larder.client() as client:
        wait_hit(client, "/a")


run()
