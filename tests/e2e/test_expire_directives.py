"""Apache's directives for how long, each with a value of its own in a
<Location>."""

import sys

sys.path.insert(0, sys.path[0] + "/../support")
from origin import reply
from runner import equal, run, true, wait_hit

INNER = "\n<Location /in/>\n    {}\n</Location>"


def ttls(t, *fields, outer, inner):
    """What is left of an answer as it arrives, outside the Location and
    inside; None when it is not stored."""
    origin = t.origin()
    larder = t.larder(origin, outer + INNER.format(inner))
    out = []
    for path in ("/a", "/in/a"):
        origin.on(path, reply(*fields, body=b"x"))
        cache = larder.get(path).cache
        out.append(int(cache["ttl"]) if "stored" in cache else None)
    return out


def changed(t, seconds_ago):
    return "Last-Modified: " + t.clock.date(-seconds_ago)


def near(got, want, what):
    """Equal but for a tick of the clock between two lines of the test."""
    true(abs(got - want) <= 2, f"{what} is {want}, not {got}")


def test_cache_last_modified_factor(t):
    outer, inner = ttls(t, changed(t, 10000),
                        outer="CacheLastModifiedFactor 0.5",
                        inner="CacheLastModifiedFactor 0.01")
    near(outer, 5000, "half of it")
    near(inner, 100, "a hundredth of it")


def test_cache_min_expire_is_for_what_states_no_lifetime(t):
    conf = dict(outer="CacheMinExpire 50", inner="CacheMinExpire 3000")
    equal(ttls(t, changed(t, 10), **conf), [50, 3000])
    equal(ttls(t, "Cache-Control: max-age=7", **conf), [7, 7])


def test_cache_max_expire_is_for_every_answer(t):
    conf = dict(outer="CacheMaxExpire 500", inner="CacheMaxExpire 20")
    equal(ttls(t, "Cache-Control: max-age=600", **conf), [500, 20])
    equal(ttls(t, "Cache-Control: max-age=7", **conf), [7, 7])
    equal(ttls(t, changed(t, 1000000), **conf), [500, 20])


def test_cache_default_expire_is_for_what_says_nothing_at_all(t):
    conf = dict(outer="CacheIgnoreNoLastMod On\nCacheDefaultExpire 90",
                inner="CacheDefaultExpire 30")
    equal(ttls(t, **conf), [90, 30])
    equal(ttls(t, "Cache-Control: max-age=7", **conf), [7, 7])


def test_cache_ignore_no_last_mod_lets_it_be_kept(t):
    equal(ttls(t, outer="CacheDefaultExpire 90",
               inner="CacheIgnoreNoLastMod On"), [None, 90])


def test_cache_store_expired_keeps_what_is_stale_at_once(t):
    equal(ttls(t, "Expires: 0", 'ETag: "1"', outer="",
               inner="CacheStoreExpired On"), [None, 0])


def test_cache_stale_on_error_has_its_section(t):
    origin = t.origin()
    larder = t.larder(origin, INNER.format("CacheStaleOnError Off"))
    for path in ("/a", "/in/a"):
        origin.on(path, reply("Cache-Control: max-age=60", body=b"x"))
        larder.get(path)
        wait_hit(t.client(larder), path)
    t.clock.advance(100)
    origin.stop()
    equal([larder.get(path).status for path in ("/a", "/in/a")], [200, 503])


def test_what_needs_nothing_here_is_accepted_with_a_notice(t):
    larder = t.larder(t.origin(), "CacheLockPath /tmp/x\nCacheDirLevels 2\n"
                                  "CacheDirLength 1")
    for name in ("CacheLockPath", "CacheDirLevels", "CacheDirLength"):
        larder.wait_log(f"notice: {name}: Accepted, without effect")


run()
