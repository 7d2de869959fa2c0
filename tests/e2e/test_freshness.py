"""How long a response is fresh (RFC 9111 section 4.2)."""

import sys

sys.path.insert(0, sys.path[0] + "/../support")
from origin import reply
from runner import equal, run, true, wait_hit


def lifetime(t, *fields, conf="", **more):
    """Stores a response with these fields; returns a function that moves
    time to that many seconds after and says whether it is still a hit."""
    origin = t.origin()
    origin.on("/a", reply(*fields, body=b"x", **more))
    larder = t.larder(origin, conf)
    larder.get("/a")
    wait_hit(t.client(larder), "/a")
    start = t.clock.offset_s

    def fresh_after(seconds):
        t.clock.advance(start + seconds - t.clock.offset_s)
        return larder.get("/a", "Cache-Control: only-if-cached").status == 200
    return fresh_after


def test_max_age_bounds_the_lifetime(t):  # 5.2.2.1
    fresh_after = lifetime(t, "Cache-Control: max-age=100")
    true(fresh_after(90), "fresh after 90 s of 100")
    true(not fresh_after(101), "stale after 101 s of 100")


def test_s_maxage_outranks_max_age(t):  # 5.2.2.10
    fresh_after = lifetime(t, "Cache-Control: max-age=10, s-maxage=100")
    true(fresh_after(90), "fresh after 90 s")
    true(not fresh_after(101), "stale after 101 s")


def test_max_age_outranks_expires(t):  # 5.3
    fresh_after = lifetime(t, "Cache-Control: max-age=100",
                           "Expires: " + t.clock.date(10))
    true(fresh_after(90), "fresh after 90 s")


def test_expires_is_measured_from_date(t):  # 4.2.1
    fresh_after = lifetime(t, "Date: " + t.clock.date(),
                           "Expires: " + t.clock.date(100))
    true(fresh_after(90), "fresh after 90 s")
    true(not fresh_after(102), "stale after 102 s")


def test_an_old_last_modified_gives_a_heuristic_lifetime(t):  # 4.2.2
    fresh_after = lifetime(t, "Last-Modified: " + t.clock.date(-10000))
    true(fresh_after(900), "fresh within a tenth of its age")
    true(not fresh_after(1100), "stale after that")


def test_an_invalid_expires_means_already_stale(t):  # 5.3
    origin = t.origin()
    origin.on("/a", reply("Expires: 0", 'ETag: "1"', body=b"x"))
    client = t.client(t.larder(origin))
    client.get("/a")
    true(not client.get("/a").hit, "no hit")
    equal(origin.count(), 2, "requests at the origin")


def test_a_date_in_the_past_counts_as_age(t):  # 4.2.3
    origin = t.origin()
    origin.on("/a", reply("Cache-Control: max-age=100",
                          "Date: " + t.clock.date(-50), body=b"x"))
    larder = t.larder(origin)
    larder.get("/a")
    hit = wait_hit(t.client(larder), "/a")
    true(50 <= hit.age <= 54, f"Age {hit.age} is about 50")


def test_cache_default_expire_serves_where_nothing_is_said(t):
    fresh_after = lifetime(
        t, conf="CacheDefaultExpire 500\nCacheIgnoreNoLastMod On")
    true(fresh_after(400), "fresh after 400 s")
    true(not fresh_after(501), "stale after 501 s")


def test_a_404_with_max_age_is_stored(t):
    origin = t.origin()
    origin.on("/a", reply("Cache-Control: max-age=60", status=404,
                          body=b"none here"))
    client = t.client(t.larder(origin))
    client.get("/a")
    hit = wait_hit(client, "/a")
    equal(hit.status, 404)
    equal(hit.body, b"none here")


def test_a_redirect_with_max_age_is_stored(t):
    origin = t.origin()
    origin.on("/a", reply("Cache-Control: max-age=60", "Location: /b",
                          status=301))
    client = t.client(t.larder(origin))
    client.get("/a")
    hit = wait_hit(client, "/a")
    equal(hit.status, 301)
    equal(hit.get("Location"), "/b")


run()
