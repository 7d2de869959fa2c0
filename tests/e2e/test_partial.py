"""Parts of responses that are not stored as a whole (RFC 9111 3.3, 3.4)."""

import contextlib
import sys

sys.path.insert(0, sys.path[0] + "/../support")
from control import CONTROL, stats, wait_landed
from http1 import Ended
from origin import CLOSE, reply
from runner import equal, eventually, run, together, true, wait_hit

N = 1_000_000
BODY = bytes(i * 13 % 251 for i in range(N))
HUGE = 4_000_000_000


def ranged(body=BODY, *fields, total=None):
    """An origin's answer function for a file: whole or in one range."""
    def answer(request):
        value = request.get("Range")
        tag = next((f[6:] for f in fields if f.startswith("ETag: ")), None)
        if_range = request.get("If-Range")
        if request.get("If-None-Match") and request.get("If-None-Match") == tag:
            return reply(*fields, status=304)
        if value is None or (if_range and if_range != tag):
            return reply(*fields, body=body)
        first, last = value.removeprefix("bytes=").split("-")
        if not first:
            first, last = len(body) - int(last), ""
        first = int(first)
        last = min(int(last), len(body) - 1) if last else len(body) - 1
        return reply(
            f"Content-Range: bytes {first}-{last}/{total or len(body)}",
            *fields, status=206, body=body[first:last + 1])
    return answer


FRESH = "Cache-Control: max-age=3600"


def site(t, *fields, conf="", body=BODY):
    origin = t.origin()
    origin.on("/a", ranged(body, *fields))
    larder = t.larder(origin, conf=CONTROL + "CacheMaxFileSize 10G\n" + conf)
    return origin, larder


def ask(client, text, *fields):
    return client.get("/a", "Range: bytes=" + text, *fields)


def expect(response, first, last, body=BODY):
    equal(response.status, 206)
    equal(response.get("Content-Range"), f"bytes {first}-{last}/{len(body)}")
    true(response.body == body[first:last + 1], f"bytes {first}-{last}")


def fetch(larder, client, text):
    """Has a range stored."""
    ask(client, text)
    wait_landed(larder)


def expect_hit(client, text, first, last, body=BODY):
    response = ask(client, text)
    expect(response, first, last, body)
    true(response.hit, f"{text} is a hit")


def test_a_part_is_stored_and_used_for_ranges_within_it(t):  # 3.3
    origin, larder = site(t, FRESH, 'ETag: "1"')
    client = t.client(larder)
    response = ask(client, "1000-9999")
    expect(response, 1000, 9999)
    true("stored" in response.get("Cache-Status"), "it is stored")
    wait_landed(larder)
    expect_hit(client, "1000-9999", 1000, 9999)
    n = origin.count("/a")
    for text, first, last in (("1000-1000", 1000, 1000),
                              ("5000-6000", 5000, 6000),
                              ("9999-9999", 9999, 9999)):
        expect_hit(client, text, first, last)
    origin.stop()
    equal(origin.count("/a"), n)


def test_what_is_incomplete_answers_nothing_else(t):  # 3.3
    origin, larder = site(t, FRESH, 'ETag: "1"')
    client = t.client(larder)
    fetch(larder, client, "1000-9999")
    n = origin.count("/a")
    expect(ask(client, "20000-20009"), 20000, 20009)
    equal(origin.count("/a"), n + 1)
    equal(origin.seen("/a")[-1].get("Range"), "bytes=20000-20009")
    equal(client.request("HEAD", "/a").status, 200)
    equal(origin.count("/a", "HEAD"), 1)


def test_parts_are_joined_under_a_strong_entity_tag(t):  # 3.4
    origin, larder = site(t, FRESH, 'ETag: "1"')
    client = t.client(larder)
    for text in ("0-9999", "10000-19999", "30000-39999", "20000-29999"):
        fetch(larder, client, text)
    n = origin.count("/a")
    response = ask(client, "5-39990")
    expect(response, 5, 39990)
    true(response.hit, "it is put together from parts")
    equal(origin.count("/a"), n)


def test_parts_without_a_strong_validator_are_not_joined(t):  # 3.4
    for fields in ((), ('ETag: W/"1"',)):
        origin, larder = site(t, FRESH, *fields)
        client = t.client(larder)
        fetch(larder, client, "0-9999")
        fetch(larder, client, "10000-19999")
        n = origin.count("/a")
        expect(ask(client, "5000-14999"), 5000, 14999)
        equal(origin.seen("/a")[n].get("Range"), "bytes=5000-14999")


def test_parts_of_another_version_replace(t):  # 3.4
    origin, larder = site(t, FRESH, 'ETag: "1"')
    client = t.client(larder)
    fetch(larder, client, "0-9999")
    newer = bytes(reversed(BODY))
    origin.on("/a", ranged(newer, FRESH, 'ETag: "2"'))
    expect(ask(client, "10000-19999"), 10000, 19999, newer)
    wait_landed(larder)
    expect_hit(client, "10000-19999", 10000, 19999, newer)
    expect(ask(client, "0-9999"), 0, 9999, newer)


def test_the_rest_is_asked_for_and_the_whole_is_put_together(t):  # 3.4
    origin, larder = site(t, FRESH, 'ETag: "1"', "X-Kind: file")
    client = t.client(larder)
    fetch(larder, client, "0-399999")
    response = client.get("/a")
    equal(response.status, 200)
    equal(response.get("Content-Length"), str(N))
    equal(response.get("X-Kind"), "file")
    true(response.body == BODY, "every byte")
    true("fwd=partial" in response.get("Cache-Status"), "it says partial")
    asked = origin.seen("/a")[-1]
    equal(asked.get("Range"), "bytes=400000-")
    equal(asked.get("If-Range"), '"1"')
    n = origin.count("/a")
    true(wait_hit(client, "/a").body == BODY, "it is whole now")
    equal(origin.count("/a"), n)
    equal(client.request("HEAD", "/a").hit, True)


def test_only_the_holes_are_asked_for(t):
    origin, larder = site(t, FRESH, 'ETag: "1"')
    client = t.client(larder)
    for text in ("100000-199999", "400000-499999", "900000-999999"):
        fetch(larder, client, text)
    n = origin.count("/a")
    response = client.get("/a")
    true(response.body == BODY, "every byte")
    equal([r.get("Range") for r in origin.seen("/a")[n:]],
          ["bytes=0-99999", "bytes=200000-399999", "bytes=500000-899999"])
    true(wait_hit(client, "/a").body == BODY, "it is whole now")


def test_a_range_that_is_half_there_costs_its_other_half(t):
    origin, larder = site(t, FRESH, 'ETag: "1"')
    client = t.client(larder)
    fetch(larder, client, "1000-1999")
    expect(ask(client, "1500-2999"), 1500, 2999)
    equal(origin.seen("/a")[-1].get("Range"), "bytes=2000-2999")
    expect(ask(client, "500-1499"), 500, 1499)
    equal(origin.seen("/a")[-1].get("Range"), "bytes=500-999")


def test_when_it_has_changed_the_whole_comes_anew(t):  # 9110 13.1.5
    origin, larder = site(t, FRESH, 'ETag: "1"')
    client = t.client(larder)
    fetch(larder, client, "0-399999")
    newer = bytes(reversed(BODY))
    origin.on("/a", ranged(newer, FRESH, 'ETag: "2"'))
    response = client.get("/a")
    equal(response.get("ETag"), '"2"')
    true(response.body == newer, "nothing of the old version")
    true(wait_hit(client, "/a").body == newer, "nor later")


def test_when_it_has_changed_a_range_is_all_of_the_new_version(t):
    origin, larder = site(t, FRESH, 'ETag: "1"')
    client = t.client(larder)
    fetch(larder, client, "1000-1999")
    newer = bytes(reversed(BODY))
    origin.on("/a", ranged(newer, FRESH, 'ETag: "2"'))
    expect(ask(client, "1500-2999"), 1500, 2999, newer)


def test_it_changes_while_its_holes_are_fetched(t):
    """The head promised one version: the connection is cut."""
    origin, larder = site(t, FRESH, 'ETag: "1"')
    client = t.client(larder)
    for text in ("100000-199999", "400000-499999"):
        fetch(larder, client, text)
    first = ranged(BODY, FRESH, 'ETag: "1"')
    newer = ranged(bytes(reversed(BODY)), FRESH, 'ETag: "2"')
    origin.on("/a", lambda r: first(r) if r.get("Range") == "bytes=0-99999"
              else newer(r))
    try:
        response = client.get("/a")
    except (Ended, ConnectionError):
        return
    raise AssertionError(f"a whole answer of status {response.status}")


def test_a_stale_part_is_validated_with_its_range(t):  # 4.3.1
    origin, larder = site(t, "Cache-Control: max-age=10", 'ETag: "1"')
    client = t.client(larder)
    fetch(larder, client, "0-99")
    t.clock.advance(60)
    client = t.client(larder)
    expect(ask(client, "0-99"), 0, 99)
    asked = origin.seen("/a")[-1]
    equal(asked.get("If-None-Match"), '"1"')
    equal(asked.get("Range"), "bytes=0-99")
    n = origin.count("/a")
    wait_landed(larder)
    expect_hit(client, "10-20", 10, 20)
    equal(origin.count("/a"), n)
    t.clock.advance(60)
    newer = bytes(reversed(BODY))
    origin.on("/a", ranged(newer, FRESH, 'ETag: "2"'))
    expect(ask(t.client(larder), "0-99"), 0, 99, newer)


def test_a_stored_whole_is_validated_with_the_range(t):
    origin, larder = site(t, "Cache-Control: max-age=10", 'ETag: "1"')
    client = t.client(larder)
    client.get("/a")
    wait_hit(client, "/a")
    t.clock.advance(60)
    client = t.client(larder)
    expect(ask(client, "0-99"), 0, 99)
    equal(origin.seen("/a")[-1].get("Range"), "bytes=0-99")
    true(wait_hit(client, "/a").body == BODY, "it is fresh again, and whole")


def test_a_small_range_of_a_huge_file_never_pulls_the_file(t):
    origin = t.origin()

    def answer(request):
        value = request.get("Range")
        if value is None:
            raise AssertionError("all of it was asked for")
        first, last = map(int, value.removeprefix("bytes=").split("-"))
        n = last - first + 1
        return reply(f"Content-Range: bytes {first}-{last}/{HUGE}", FRESH,
                     'ETag: "huge"', status=206,
                     body=(b"%d" % first * n)[:n])

    origin.on("/a", answer)
    larder = t.larder(origin, conf=CONTROL + "CacheMaxFileSize 10G")
    client = t.client(larder)
    for first in (0, 3_999_999_900, 2_000_000_000):
        response = ask(client, f"{first}-{first + 99}")
        equal(response.status, 206)
        equal(response.body, (b"%d" % first * 100)[:100])
    wait_landed(larder)
    n = origin.count("/a")
    for first in (0, 3_999_999_900, 2_000_000_000):
        response = ask(client, f"{first + 10}-{first + 19}")
        equal(response.get("Content-Range"),
              f"bytes {first + 10}-{first + 19}/{HUGE}")
    equal(origin.count("/a"), n)


def test_several_ranges_are_served_from_parts(t):
    origin, larder = site(t, FRESH, 'ETag: "1"')
    client = t.client(larder)
    for text in ("0-999", "5000-5999"):
        fetch(larder, client, text)
    n = origin.count("/a")
    response = ask(client, "10-19,5000-5009")
    equal(response.status, 206)
    true(response.hit, "both are there")
    true(BODY[10:20] in response.body and BODY[5000:5010] in response.body,
         "both parts")
    equal(origin.count("/a"), n)


def test_a_range_beyond_the_known_end_is_416(t):
    origin, larder = site(t, FRESH, 'ETag: "1"')
    client = t.client(larder)
    fetch(larder, client, "0-999")
    n = origin.count("/a")
    response = ask(client, f"{N}-{N + 5}")
    equal(response.status, 416)
    equal(response.get("Content-Range"), f"bytes */{N}")
    equal(origin.count("/a"), n)


def test_an_unsafe_request_removes_parts_too(t):  # 4.4
    origin, larder = site(t, FRESH, 'ETag: "1"')
    client = t.client(larder)
    fetch(larder, client, "0-999")
    plain = ranged(BODY, FRESH, 'ETag: "1"')
    origin.on("/a", lambda r: reply(status=204) if r.method == "POST"
              else plain(r))
    equal(client.request("POST", "/a", body=b"x").status, 204)
    response = ask(client, "0-999")
    true(not response.hit, "it was invalidated")


def test_a_crowd_for_one_range_costs_one_request(t):
    gate = t.gate()
    origin = t.origin()
    origin.on("/a", ranged(BODY, FRESH, 'ETag: "1"'), hold=gate)
    larder = t.larder(origin)
    clients = [t.client(larder) for _ in range(20)]

    def one(i):
        if i == 19:
            origin.wait_count(1, "/a")
            gate.set()
        return ask(clients[i], "0-99999")

    for response in together(20, one):
        expect(response, 0, 99999)
    true(origin.count("/a") <= 2, f"{origin.count('/a')} requests")


def test_range_fill_whole_fetches_all_and_serves_the_range(t):
    origin, larder = site(t, FRESH, 'ETag: "1"', conf="CacheRangeFill Whole")
    client = t.client(larder)
    expect(ask(client, "500000-500099"), 500000, 500099)
    equal(origin.seen("/a")[-1].get("Range"), None)
    true(wait_hit(client, "/a").body == BODY, "all of it is stored")
    equal(origin.count("/a"), 1)


def test_range_fill_off_stores_no_parts(t):
    origin, larder = site(t, FRESH, 'ETag: "1"', conf="CacheRangeFill Off")
    client = t.client(larder)
    for n in (1, 2):
        response = ask(client, "0-99")
        expect(response, 0, 99)
        true(not response.hit, "it is not stored")
        equal(origin.count("/a"), n)


def test_a_range_of_what_is_on_its_way_is_served_from_that(t):
    origin = t.origin()
    gate = t.gate()
    head = (b"HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\n"
            b"Content-Length: %d\r\n\r\n" % N)
    origin.on("/a", [head, BODY[:500000], gate, BODY[500000:]])
    larder = t.larder(origin)
    first, second = t.client(larder), t.client(larder)

    def one(i):
        if i == 0:
            return first.get("/a")
        origin.wait_count(1, "/a")
        response = ask(second, "1000-2000")
        gate.set()
        return response

    whole, part = together(2, one)
    true(whole.body == BODY, "the whole")
    expect(part, 1000, 2000)
    equal(origin.count("/a"), 1)


def wait_kept(larder):
    """What is kept of a part that ended early is committed a moment later."""
    eventually(lambda: stats(larder)["store"]["published"] == 1, "it is kept")


def growing(*steps):
    """A range from the beginning, in pieces."""
    head = (b"HTTP/1.1 206 Partial Content\r\nCache-Control: max-age=60\r\n"
            b'ETag: "1"\r\nContent-Range: bytes 0-%d/%d\r\n'
            b"Content-Length: %d\r\n\r\n" % (N - 1, N, N))
    return [head, BODY[:600000], *steps]


def test_a_part_that_breaks_off_is_kept_as_far_as_it_came(t):
    origin = t.origin()
    origin.on("/a", growing(CLOSE))
    larder = t.larder(origin, conf=CONTROL)
    client = t.client(larder)
    with contextlib.suppress(Ended, ConnectionError):
        equal(ask(client, "0-").status, 502)
    wait_kept(larder)
    expect_hit(t.client(larder), "0-599999", 0, 599999)


def test_a_part_that_nobody_wants_any_more_is_fetched_no_further(t):
    origin = t.origin()
    gate = t.gate()
    origin.on("/a", growing(gate, BODY[600000:600100], t.gate()))
    larder = t.larder(origin, conf=CONTROL)
    client = t.client(larder)
    client.ask("GET", "/a", "Range: bytes=0-")
    client.read_head()
    client.reader.exactly(500000)
    client.close()
    gate.set()
    wait_kept(larder)
    expect_hit(t.client(larder), "0-599999", 0, 599999)


def test_what_is_whole_by_parts_is_validated_as_a_whole(t):  # 4.3.1
    fresh = "Cache-Control: max-age=10, stale-if-error=600"
    origin, larder = site(t, fresh, 'ETag: "1"')
    client = t.client(larder)
    for text in ("0-499999", "500000-"):
        fetch(larder, client, text)
    wait_hit(client, "/a")
    t.clock.advance(60)
    client = t.client(larder)
    true(client.get("/a").body == BODY, "it has not changed")
    equal(origin.seen("/a")[-1].get("If-None-Match"), '"1"')
    t.clock.advance(60)
    origin.on("/a", reply(status=503))
    response = t.client(larder).get("/a")  # RFC 5861 4
    equal(response.status, 200)
    true(response.body == BODY, "the stale one")


def test_a_part_that_is_shorter_than_said_is_not_joined(t):  # 9110 14.4
    origin, larder = site(t, FRESH, 'ETag: "1"')
    origin.on("/a", reply(f"Content-Range: bytes 500000-{N}/{N + 1}", FRESH,
                          'ETag: "1"', status=206, body=BODY[500000:]))
    client = t.client(larder)
    fetch(larder, client, f"500000-{N}")
    origin.on("/a", ranged(BODY, FRESH, 'ETag: "1"'))
    n = origin.count("/a")
    expect(ask(client, "0-799999"), 0, 799999)
    equal(origin.seen("/a")[n].get("Range"), "bytes=0-799999")
    wait_landed(larder)
    equal(ask(client, "900000-900009").hit, False)


def larder_log(larder, n):
    """The lines of its access log, once there are n."""
    def read():
        with open(larder.dir + "/access.log", encoding="utf-8") as file:
            found = file.read().splitlines()
        return found if len(found) >= n else None
    return eventually(read, f"{n} lines")


def test_parts_of_one_version_do_not_overtake_each_other(t):  # 3.4
    origin, gate = t.origin(), t.gate()
    whole = ranged(BODY, FRESH, 'ETag: "1"')
    slow = ranged(BODY, FRESH, 'ETag: "1"', "X-Kind: old")

    def answer(request):
        if request.get("Range") != "bytes=0-9999":
            return whole(request)
        head, body = slow(request).script("GET", t.clock.date())
        return [head, body[:5000], gate, body[5000:]]

    origin.on("/a", answer)
    larder = t.larder(origin, conf=CONTROL)
    first, second = t.client(larder), t.client(larder)
    first.ask("GET", "/a", "Range: bytes=0-9999")
    first.read_head()
    t.clock.advance(5)
    ask(second, "20000-29999")
    eventually(lambda: stats(larder)["store"]["published"] == 1, "the second")
    gate.set()
    eventually(lambda: origin.ended["/a"] == 2, "the first's end")
    wait_landed(larder)
    expect_hit(second, "0-9999", 0, 9999)
    response = ask(second, "20000-29999")
    true(response.hit, "both are there")
    equal(response.get("X-Kind"), None, "of the older head")


def test_a_request_for_holes_is_told_of_once(t):
    origin, larder = site(t, FRESH, 'ETag: "1"',
                          conf='CustomLog access.log "%{cache}x"\n')
    client = t.client(larder)
    for text in ("100000-199999", "400000-499999"):
        fetch(larder, client, text)
    misses = stats(larder)["total"]["misses"]
    response = client.get("/a")
    true(response.body == BODY, "every byte")
    equal(stats(larder)["total"]["misses"], misses + 1)
    equal(response.cache.get("fwd-status"), "206")
    true("stored" in response.cache, "it is stored")
    equal(larder_log(larder, 3)[-1], "miss")


run()
