"""X-Cache and X-Cache-Detail, as Apache's CacheHeader and CacheDetailHeader
write them."""

import sys

sys.path.insert(0, sys.path[0] + "/../support")
from origin import cacheable, reply, revalidating
from runner import equal, run, wait_hit

BOTH = "CacheHeader On\nCacheDetailHeader On\n"


def said(response):
    return response.get("X-Cache"), response.get("X-Cache-Detail")


def fields(word, detail):
    return f"{word} from larder.test", f'"{detail}" from larder.test'


def test_nothing_is_said_unless_asked_for(t):
    origin = t.origin()
    origin.on("/a", cacheable(b"a"))
    client = t.client(t.larder(origin))
    equal(said(client.get("/a")), (None, None))
    equal(said(wait_hit(client, "/a")), (None, None))


def test_misses_and_hits(t):
    origin = t.origin()
    origin.on("/a", cacheable(b"a"))
    origin.on("/b", reply("Cache-Control: no-store", body=b"b"))
    origin.on("/c", reply(status=500, body=b"c"))
    client = t.client(t.larder(origin, BOTH))
    equal(said(client.get("/a")),
          fields("MISS", "cache miss: attempting entity save"))
    equal(said(wait_hit(client, "/a")), fields("HIT", "cache hit"))
    equal(said(client.get("/a", "Range: bytes=0-0")),
          fields("HIT", "cache hit"))
    equal(said(client.get("/b")), fields("MISS", "cache miss: no-store"))
    equal(client.get("/c").get("X-Cache"), "MISS from larder.test")


def test_a_confirmed_object_is_revalidate(t):
    origin = t.origin()
    origin.on("/a", revalidating(b"a", '"1"', "Cache-Control: max-age=10"))
    client = t.client(t.larder(origin, BOTH))
    client.get("/a")
    wait_hit(client, "/a")
    t.clock.advance(20)
    equal(said(client.get("/a")),
          fields("REVALIDATE", "conditional cache hit: entity refreshed"))


def test_a_stale_object_in_place_of_an_error_is_a_hit(t):
    origin = t.origin()
    origin.on("/a", cacheable(b"a", max_age=10))
    client = t.client(t.larder(origin, BOTH))
    client.get("/a")
    wait_hit(client, "/a")
    t.clock.advance(20)
    origin.on("/a", reply(status=503))
    equal(said(client.get("/a")),
          fields("HIT", "cache hit: 503 status; stale content returned"))


def test_what_is_not_for_the_cache_has_neither(t):  # as in Apache
    origin = t.origin()
    origin.on("/a", cacheable(b"a"))
    origin.on("/off/a", cacheable(b"a"))
    client = t.client(t.larder(origin, BOTH + "CacheDisable /off"))
    for response in (client.request("POST", "/a", body=b"x"),
                     client.get("/off/a"),
                     client.get("/z", "Cache-Control: only-if-cached")):
        equal(said(response), (None, None))


def test_a_location_may_differ(t):
    origin = t.origin()
    origin.fallback = cacheable(b"a")
    client = t.client(t.larder(origin, BOTH + """
<Location /quiet>
    CacheHeader Off
</Location>"""))
    equal(said(client.get("/a"))[0], "MISS from larder.test")
    equal(said(client.get("/quiet/a")),
          (None, '"cache miss: attempting entity save" from larder.test'))


def test_the_backends_own_are_replaced(t):
    origin = t.origin()
    origin.on("/a", cacheable(b"a", "X-Cache: HIT from elsewhere",
                              "X-Cache-Detail: x"))
    client = t.client(t.larder(origin, "CacheHeader On"))
    equal(client.get("/a").all("X-Cache"), ["MISS from larder.test"])
    hit = wait_hit(client, "/a")
    equal(hit.all("X-Cache"), ["HIT from larder.test"])
    equal(hit.get("X-Cache-Detail"), "x", "the field that is off")


run()
