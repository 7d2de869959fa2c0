"""What a request's Cache-Control asks for (RFC 9111 section 5.2.1)."""

import sys

sys.path.insert(0, sys.path[0] + "/../support")
from origin import cacheable, revalidating
from runner import equal, run, true, wait_hit


def stored(t, *fields, age=0, conf=""):
    """A larder with /a stored, that many seconds ago."""
    origin = t.origin()
    origin.on("/a", revalidating(b"body", '"1"', *fields))
    larder = t.larder(origin, conf)
    larder.get("/a")
    wait_hit(t.client(larder), "/a")
    t.clock.advance(age)
    return larder, origin


def test_only_if_cached_gives_504_for_a_miss(t):  # 5.2.1.7
    origin = t.origin()
    origin.on("/a", cacheable(b"x"))
    larder = t.larder(origin)
    equal(larder.get("/a", "Cache-Control: only-if-cached").status, 504)
    equal(origin.count(), 0, "requests at the origin")


def test_only_if_cached_gives_the_hit(t):
    larder, _ = stored(t, "Cache-Control: max-age=60")
    equal(larder.get("/a", "Cache-Control: only-if-cached").body, b"body")


def test_only_if_cached_gives_504_for_what_is_stale(t):
    larder, origin = stored(t, "Cache-Control: max-age=60", age=100)
    equal(larder.get("/a", "Cache-Control: only-if-cached").status, 504)
    equal(origin.count(), 1, "requests at the origin")


def test_only_if_cached_gives_what_was_validated_just_now(t):
    larder, origin = stored(t, "Cache-Control: max-age=60", age=100,
                            conf="CacheSyncInterval 1000")
    larder.get("/a")  # its 304 is not in the store yet
    equal(larder.get("/a", "Cache-Control: only-if-cached").status, 200)
    equal(origin.count(), 2, "requests at the origin")


def test_no_cache_asks_the_origin(t):  # 5.2.1.4
    larder, origin = stored(t, "Cache-Control: max-age=60")
    response = larder.get("/a", "Cache-Control: no-cache")
    equal(response.body, b"body")
    equal(response.cache.get("fwd"), "request", "Cache-Status fwd")
    equal(origin.count(), 2, "requests at the origin")


def test_pragma_no_cache_counts_without_cache_control(t):  # 5.4
    larder, origin = stored(t, "Cache-Control: max-age=60")
    larder.get("/a", "Pragma: no-cache")
    equal(origin.count(), 2, "requests at the origin")
    true(larder.get("/a", "Pragma: no-cache",
                    "Cache-Control: max-age=60").hit,
         "Cache-Control outranks it")


def test_max_age_bounds_the_age_that_is_accepted(t):  # 5.2.1.1
    larder, origin = stored(t, "Cache-Control: max-age=600", age=100)
    true(larder.get("/a", "Cache-Control: max-age=200").hit, "young enough")
    larder.get("/a", "Cache-Control: max-age=50")
    equal(origin.count(), 2, "requests at the origin")


def test_max_age_0_asks_the_origin(t):
    larder, origin = stored(t, "Cache-Control: max-age=600", age=1)
    larder.get("/a", "Cache-Control: max-age=0")
    equal(origin.count(), 2, "requests at the origin")


def test_min_fresh_wants_some_freshness_left(t):  # 5.2.1.3
    larder, origin = stored(t, "Cache-Control: max-age=600", age=500)
    true(larder.get("/a", "Cache-Control: min-fresh=50").hit, "50 s are left")
    larder.get("/a", "Cache-Control: min-fresh=200")
    equal(origin.count(), 2, "requests at the origin")


def test_max_stale_accepts_what_is_stale(t):  # 5.2.1.2
    larder, origin = stored(t, "Cache-Control: max-age=60", age=100)
    true(larder.get("/a", "Cache-Control: max-stale").hit, "however stale")
    true(larder.get("/a", "Cache-Control: max-stale=60").hit, "40 s stale")
    equal(origin.count(), 1, "requests at the origin")
    larder.get("/a", "Cache-Control: max-stale=20")
    equal(origin.count(), 2, "requests at the origin")


def test_must_revalidate_outranks_max_stale(t):  # 5.2.2.2
    for control in ("must-revalidate", "proxy-revalidate", "s-maxage=60"):
        larder, origin = stored(t, "Cache-Control: max-age=60, " + control,
                                age=100)
        larder.get("/a", "Cache-Control: max-stale")
        equal(origin.count(), 2, "requests at the origin with " + control)


def test_cache_ignore_cache_control_ignores_the_requests(t):
    larder, origin = stored(t, "Cache-Control: max-age=60",
                            conf="CacheIgnoreCacheControl On")
    true(larder.get("/a", "Cache-Control: no-cache").hit, "a hit all the same")
    true(larder.get("/a", "Pragma: no-cache").hit, "a hit all the same")
    equal(origin.count(), 1, "requests at the origin")


run()
