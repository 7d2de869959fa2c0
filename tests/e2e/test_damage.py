"""Bytes that were damaged on the disk never reach a client: the object is
dropped, counted, and fetched again."""

import glob
import sys

sys.path.insert(0, sys.path[0] + "/../support")
from control import CONTROL, stats, wait_landed
from http1 import Ended
from origin import cacheable, reply
from runner import equal, eventually, run, true, wait_hit

QUIET = CONTROL + "CacheScrubRate 0\n"
DAMAGED = "is damaged; dropped"


def numbered(n, salt=b""):
    """Bytes in which any 16 are found once."""
    return b"".join(b"%s%015d\n" % (salt, i) for i in range(n // 16))[:n]


def flip(larder, what):
    """Flips a bit of each place in the store that has these bytes."""
    path, = glob.glob(larder.dir + "/cache/**/data.mdb", recursive=True)
    with open(path, "r+b") as file:
        data = file.read()
        at = data.find(what)
        true(at >= 0, "there is something to damage")
        while at >= 0:
            file.seek(at)
            file.write(bytes([what[0] ^ 1]))
            at = data.find(what, at + 1)


def stored(t, *answers, conf=QUIET):
    """A larder that has the first answer stored and is stopped."""
    origin = t.origin()
    origin.on("/file", *answers)
    larder = t.larder(origin, conf=conf)
    with larder.client() as client:
        client.get("/file")
        wait_hit(client, "/file")
    larder.stop()
    return larder


def corrupt(larder):
    return stats(larder)["store"]["corrupt"]


def assert_served(larder, body):
    """The right bytes: from the backend once, then from the store."""
    response = larder.get("/file")
    equal(response.body, body)
    true(not response.hit, "it was fetched again")
    with larder.client() as client:
        equal(wait_hit(client, "/file").body, body)
    equal(corrupt(larder), 1)
    larder.wait_log(DAMAGED)


def test_a_damaged_body_is_fetched_again(t):
    body = numbered(1024)
    larder = stored(t, cacheable(body))
    flip(larder, body[512:528])
    larder.start()
    assert_served(larder, body)


def test_so_is_one_of_many_pages(t):
    body = numbered(200_000)
    larder = stored(t, cacheable(body))
    flip(larder, body[160_000:160_016])
    larder.start()
    assert_served(larder, body)


def test_a_damaged_head_is_fetched_again(t):
    body = numbered(1024)
    larder = stored(t, cacheable(body, "X-Marked: by this text"))
    flip(larder, b"by this text")
    larder.start()
    assert_served(larder, body)
    equal(larder.get("/file").get("X-Marked"), "by this text")


def test_damage_behind_what_was_sent_cuts_the_connection(t):
    body = numbered(8_000_000)
    larder = stored(t, cacheable(body), conf=QUIET + "CacheMaxFileSize 16M\n")
    flip(larder, body[7_000_000 // 16 * 16:][:16])
    larder.start()
    try:
        larder.get("/file")
        true(False, "it was cut")
    except Ended:
        pass
    assert_served(larder, body)


def test_what_is_whole_is_served_after_a_restart(t):
    body = numbered(200_000)
    larder = stored(t, cacheable(body), cacheable(b"other"))
    larder.start()
    for _ in range(2):
        response = larder.get("/file")
        equal(response.body, body)
        true(response.hit, "it is whole")
    equal(corrupt(larder), 0)


def test_a_damaged_part_is_asked_for_again(t):
    body = numbered(100_000)

    def answer(request):
        first, last = map(int, request.get("Range")[6:].split("-"))
        return reply("Cache-Control: max-age=60", 'ETag: "1"',
                     f"Content-Range: bytes {first}-{last}/{len(body)}",
                     status=206, body=body[first:last + 1])

    origin = t.origin()
    origin.on("/file", answer)
    larder = t.larder(origin, conf=QUIET)
    larder.get("/file", "Range: bytes=1000-9999")
    wait_landed(larder)
    larder.stop()
    flip(larder, body[8000:8016])
    larder.start()
    for hit in (False, True):
        response = larder.get("/file", "Range: bytes=2000-9000")
        equal(response.body, body[2000:9001])
        equal(response.hit, hit)
        wait_landed(larder)
    equal(corrupt(larder), 1)


def test_the_scrub_finds_what_nobody_asks_for(t):
    body = numbered(300_000)
    larder = stored(t, cacheable(body), conf=CONTROL)
    flip(larder, body[160_000:160_016])
    larder.start()
    eventually(lambda: corrupt(larder) == 1, "the scrub has come by")
    larder.wait_log(DAMAGED)
    assert_served(larder, body)


run()
