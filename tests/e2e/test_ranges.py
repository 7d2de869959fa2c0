"""Parts of stored responses (RFC 9110 section 14)."""

import email
import sys

sys.path.insert(0, sys.path[0] + "/../support")
from origin import reply
from runner import equal, run, true, wait_hit

BODY = bytes(i * 13 % 251 for i in range(100_000))


def stored(t, *fields):
    origin = t.origin()
    origin.on("/a", reply("Cache-Control: max-age=3600", *fields, body=BODY))
    client = t.client(t.larder(origin))
    client.get("/a")
    wait_hit(client, "/a")
    origin.stop()
    return client


def test_a_single_range_gives_206_with_just_those_bytes(t):
    client = stored(t, 'ETag: "1"')
    for text, first, last in (
            ("0-0", 0, 0), ("0-99", 0, 99), ("4079-4080", 4079, 4080),
            ("100-90000", 100, 90000), ("99999-", 99999, 99999),
            ("50000-", 50000, 99999), ("99990-200000", 99990, 99999),
            ("-1", 99999, 99999), ("-70000", 30000, 99999),
            ("-200000", 0, 99999)):
        response = client.get("/a", "Range: bytes=" + text)
        equal(response.status, 206, text)
        equal(response.get("Content-Range"), f"bytes {first}-{last}/100000")
        true(response.body == BODY[first:last + 1], f"the bytes of {text}")
        equal(response.get("ETag"), '"1"')
        true(response.hit, f"{text} is a hit")


def test_a_range_beyond_the_end_gives_416(t):
    client = stored(t)
    for text in ("100000-", "100000-100001", "-0"):
        response = client.get("/a", "Range: bytes=" + text)
        equal(response.status, 416, text)
        equal(response.get("Content-Range"), "bytes */100000")
    equal(client.get("/a").status, 200, "the connection goes on")


def test_a_malformed_range_is_ignored(t):
    client = stored(t)
    for text in ("bytes=", "bytes=9-1", "bytes=a-b", "lines=1-2", "bytes 1-2",
                 "bytes=1-2;3-4", "bytes=--5", "bytes=5"):
        response = client.get("/a", "Range: " + text)
        equal(response.status, 200, text)
        equal(response.body_bytes, len(BODY))


def test_several_ranges_come_as_multipart(t):  # 14.6
    client = stored(t, "Content-Type: text/plain")
    response = client.get("/a", "Range: bytes=0-9,50000-50019,-5")
    equal(response.status, 206)
    equal(response.get("Content-Range"), None)
    kind = response.get("Content-Type")
    true(kind.startswith("multipart/byteranges"), f"Content-Type {kind}")
    parts = email.message_from_bytes(
        b"Content-Type: " + kind.encode() + b"\r\n\r\n"
        + response.body).get_payload()
    equal([part["Content-Range"] for part in parts],
          ["bytes 0-9/100000", "bytes 50000-50019/100000",
           "bytes 99995-99999/100000"])
    equal({part["Content-Type"] for part in parts}, {"text/plain"})
    for piece in (BODY[:10], BODY[50000:50020], BODY[-5:]):
        true(b"\r\n\r\n" + piece + b"\r\n--" in response.body, "its bytes")


def test_many_small_overlapping_ranges_do_not_multiply_the_body(t):  # 17.15
    client = stored(t)
    ranges = ",".join("0-" for _ in range(200))
    response = client.get("/a", "Range: bytes=" + ranges)
    true(response.status in (200, 206, 416), f"status {response.status}")
    true(response.body_bytes < 2 * len(BODY), "not more than the body twice")


def test_if_range_with_the_etag_honours_the_range(t):  # 13.1.5
    client = stored(t, 'ETag: "1"')
    response = client.get("/a", "Range: bytes=0-9", 'If-Range: "1"')
    equal(response.status, 206)
    equal(response.body, BODY[:10])


def test_if_range_with_another_or_a_weak_etag_gives_all(t):  # 13.1.5
    client = stored(t, 'ETag: "1"')
    for tag in ('"2"', 'W/"1"'):
        response = client.get("/a", "Range: bytes=0-9", "If-Range: " + tag)
        equal(response.status, 200, tag)
        equal(response.body_bytes, len(BODY))


def test_if_range_with_the_exact_date_honours_the_range(t):
    then = t.clock.date(-86400)
    client = stored(t, "Last-Modified: " + then)
    equal(client.get("/a", "Range: bytes=0-9", "If-Range: " + then).status,
          206)
    other = t.clock.date(-86000)
    equal(client.get("/a", "Range: bytes=0-9", "If-Range: " + other).status,
          200)


def test_a_condition_comes_before_the_range(t):  # 13.2.2
    client = stored(t, 'ETag: "1"')
    response = client.get("/a", "Range: bytes=0-9", 'If-None-Match: "1"')
    equal(response.status, 304)


def test_range_means_nothing_to_head(t):  # 14.2
    client = stored(t)
    response = client.request("HEAD", "/a", "Range: bytes=0-9")
    equal(response.status, 200)
    equal(response.get("Content-Length"), "100000")


def test_a_range_of_a_cold_object_is_answered_rightly(t):
    def answer(request):
        if request.get("Range") == "bytes=10-19":
            return reply("Cache-Control: max-age=60",
                         "Content-Range: bytes 10-19/100000", status=206,
                         body=BODY[10:20])
        return reply("Cache-Control: max-age=60", body=BODY)

    origin = t.origin()
    origin.on("/a", answer)
    larder = t.larder(origin)
    response = larder.get("/a", "Range: bytes=10-19")
    true(response.status in (200, 206), f"status {response.status}")
    true(response.body == (BODY if response.status == 200 else BODY[10:20]),
         "the bytes asked for")
    true(larder.get("/a").body == BODY, "a part never passes for the whole")


run()
