"""Fields that speak to caches like larder alone (RFC 9213)."""

import sys

sys.path.insert(0, sys.path[0] + "/../support")
from origin import Reply, reply
from runner import equal, run, true, wait_hit


def age_over(t, answer, seconds, conf=""):
    """Stores the answer and lets it grow old; what comes then."""
    origin = t.origin()
    origin.on("/a", answer)
    client = t.client(t.larder(origin, conf))
    client.get("/a")
    hit = wait_hit(client, "/a")
    t.clock.advance(seconds)
    return hit, client.get("/a")


def test_a_targeted_field_outranks_cache_control_and_expires(t):  # 2.2
    hit, later = age_over(t, reply(
        "Cache-Control: no-store", "Pragma: no-cache", "Expires: 0",
        "CDN-Cache-Control: max-age=60", body=b"x"), 30)
    true(later.hit, "still fresh")
    for r in (hit, later):
        equal(r.get("Cache-Control"), "no-store")
        equal(r.get("CDN-Cache-Control"), "max-age=60")
        equal(r.get("Pragma"), "no-cache")
        equal(r.get("Expires"), "0")


def test_the_more_specific_field_goes_first(t):  # 2.2
    _, later = age_over(t, reply(
        "CDN-Cache-Control: max-age=3600",
        "Larder-Cache-Control: max-age=10", body=b"x"), 30)
    true(not later.hit, "stale after ten seconds")


def test_an_invalid_field_is_as_if_absent(t):  # 2.1
    _, later = age_over(t, reply(
        "Cache-Control: max-age=60", "CDN-Cache-Control: no-store,",
        body=b"x"), 30)
    true(later.hit, "fresh by Cache-Control")


def test_no_store_for_us_does_not_concern_others(t):  # 2.2
    origin = t.origin()
    origin.on("/a", reply("Cache-Control: max-age=60",
                          "CDN-Cache-Control: no-store", body=b"x"))
    client = t.client(t.larder(origin))
    client.get("/a")
    response = client.get("/a")
    true(not response.hit, "no hit")
    equal(response.get("Cache-Control"), "max-age=60")
    equal(origin.count(), 2)


def test_a_304_may_bring_a_new_targeted_field(t):  # RFC 9111 3.2
    origin = t.origin()
    origin.on("/a",
              reply('ETag: "1"', "Cache-Control: no-store",
                    "CDN-Cache-Control: max-age=10", body=b"x"),
              Reply('ETag: "1"', "CDN-Cache-Control: max-age=100",
                    status=304))
    client = t.client(t.larder(origin))
    client.get("/a")
    wait_hit(client, "/a")
    t.clock.advance(20)
    equal(client.get("/a").body, b"x")
    equal(origin.count(), 2, "it was asked about")
    hit = wait_hit(client, "/a")
    equal(hit.get("CDN-Cache-Control"), "max-age=100")
    t.clock.advance(50)
    true(client.get("/a").hit, "fresh by the new field")


def test_the_list_is_configured_per_location(t):
    origin = t.origin()
    for path in ("/a", "/b/x", "/c/x"):
        origin.on(path, reply("Cache-Control: max-age=60",
                              "My-Cache-Control: no-store",
                              "CDN-Cache-Control: max-age=1", body=b"x"))
    client = t.client(t.larder(origin, """
CacheControlTargets None
<Location /b>
    CacheControlTargets My-Cache-Control CDN-Cache-Control
</Location>
<Location /c>
    CacheControlTargets CDN-Cache-Control My-Cache-Control
</Location>
"""))
    for path in ("/a", "/b/x", "/c/x"):
        client.get(path)
    wait_hit(client, "/a")
    wait_hit(client, "/c/x")
    true(not client.get("/b/x").hit, "not stored")
    t.clock.advance(30)
    true(client.get("/a").hit, "fresh by Cache-Control")
    true(not client.get("/c/x").hit, "stale after a second")


SURROGATE = "CacheControlTargets Surrogate-Control"


def test_surrogate_control_ends_here_and_its_effect_stays(t):
    hit, later = age_over(t, reply(
        "Cache-Control: no-store",
        'Surrogate-Control: max-age=60, content="ESI/1.0";other',
        body=b"x"), 30, SURROGATE)
    true(later.hit, "fresh by Surrogate-Control")
    equal(hit.get("Surrogate-Control"), None)
    equal(hit.get("Cache-Control"), "no-store")


def test_the_first_client_does_not_see_surrogate_control_either(t):
    origin = t.origin()
    origin.on("/a", reply("Surrogate-Control: max-age=60", body=b"x"))
    origin.on("/b", reply("Surrogate-Control: no-store", body=b"x"))
    client = t.client(t.larder(
        origin, SURROGATE + "\nCacheIgnoreHeaders X-None"))
    for path in ("/a", "/b"):
        equal(client.get(path).get("Surrogate-Control"), None)
    equal(client.request("POST", "/b", body=b"y").get("Surrogate-Control"),
          None)
    equal(origin.seen("/a")[0].get("Surrogate-Capability"),
          'larder="Surrogate/1.0"')


def test_surrogate_control_outlives_a_304(t):  # RFC 9111 3.2
    origin = t.origin()
    origin.on("/a",
              reply('ETag: "1"', "Cache-Control: no-store",
                    "Surrogate-Control: max-age=10", body=b"x"),
              Reply('ETag: "1"', status=304))
    client = t.client(t.larder(origin, SURROGATE))
    client.get("/a")
    wait_hit(client, "/a")
    t.clock.advance(20)
    equal(client.get("/a").get("Surrogate-Control"), None)
    equal(origin.count(), 2, "it was asked about")
    equal(wait_hit(client, "/a").get("Surrogate-Control"), None)


def test_without_the_list_surrogate_control_is_for_others(t):
    origin = t.origin()
    origin.on("/a", reply("Cache-Control: max-age=60",
                          "Surrogate-Control: no-store", body=b"x"))
    client = t.client(t.larder(origin))
    client.get("/a")
    equal(wait_hit(client, "/a").get("Surrogate-Control"), "no-store")
    equal(origin.seen("/a")[0].get("Surrogate-Capability"), None)


run()
