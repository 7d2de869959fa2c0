"""Where the operator decides instead of the origin (CacheOverride)."""

import sys

sys.path.insert(0, sys.path[0] + "/../support")
from origin import CLOSE, Reply, reply
from runner import equal, eventually, run, true, wait_hit


def stored(t, conf, answer, *fields):
    """Asks twice; the first answer and the hit that follows."""
    origin = t.origin()
    origin.on("/a", answer)
    client = t.client(t.larder(origin, conf))
    first = client.get("/a", *fields)
    return first, wait_hit(client, "/a", *fields), client, origin


def detail(response):
    """What Cache-Status gives as its reason."""
    return response.get("Cache-Status").partition('detail="')[2].rstrip('"')


def test_a_ttl_is_for_answers_that_state_none(t):  # RFC 9111 4.2.2
    first, _, client, _ = stored(t, "CacheOverride ttl=300",
                                 reply(body=b"x"))
    equal(detail(first), "CacheOverride ttl over RFC 9111 4.2.2")
    true("ttl=300" in first.get("Cache-Status"), "its ttl")
    t.clock.advance(299)
    true(client.get("/a").hit, "still fresh")
    t.clock.advance(2)
    true(not client.get("/a").hit, "stale")


def test_a_forced_ttl_is_for_all(t):  # RFC 9111 4.2.1
    first, _, client, _ = stored(
        t, "CacheOverride ttl=2d force\nCacheMaxExpire 60",
        reply("Cache-Control: max-age=5", "Age: 100", body=b"x"))
    equal(detail(first), "CacheOverride ttl over RFC 9111 4.2.1")
    t.clock.advance(2 * 86400 - 1)
    true(client.get("/a").hit, "still fresh")


def test_errors_are_kept_for_a_moment(t):  # RFC 9111 3
    conf = "CacheOverride status=404,5xx ttl=10"
    _, hit, client, origin = stored(t, conf, reply(status=503, body=b"no"))
    equal(hit.status, 503)
    origin.on("/b", reply(status=403, body=b"no"))
    client.get("/b")
    true(not client.get("/b").hit, "403 is not in the list")


def test_a_media_type_selects_a_rule(t):
    conf = """
CacheOverride type=image/*,font/woff2 ttl=1d
CacheOverride type=text/html ttl=10
"""
    origin = t.origin()
    for path, kind in (("/i", "image/png"), ("/f", "font/woff2"),
                       ("/h", "Text/HTML; charset=utf-8"),
                       ("/j", "text/javascript")):
        origin.on(path, reply("Content-Type: " + kind, body=b"x"))
    client = t.client(t.larder(origin, conf))
    for path in "/i", "/f", "/h", "/j":
        client.get(path)
    for path in "/i", "/f", "/h":
        wait_hit(client, path)
    true(not client.get("/j").hit, "no rule, no lifetime")
    t.clock.advance(60)
    true(client.get("/i").hit and client.get("/f").hit, "for a day")
    true(not client.get("/h").hit, "for ten seconds")


def test_inner_sections_and_earlier_rules_go_first(t):
    conf = """
CacheOverride ttl=10
<Location /a>
    CacheOverride status=200 ttl=100
    CacheOverride ttl=1000
</Location>
<LocationMatch "\\.css$">
    CacheOverride status=404 ttl=1
</LocationMatch>
"""
    origin = t.origin()
    origin.fallback = reply(body=b"x")
    client = t.client(t.larder(origin, conf))
    for path, ttl in (("/", 10), ("/a/", 100), ("/a/x.css", 100),
                      ("/x.css", 10)):
        true(f"ttl={ttl};" in client.get(path).get("Cache-Status"), path)
    origin.fallback = reply(status=404, body=b"x")
    for path, ttl in (("/n", 10), ("/a/n", 1000), ("/a/n.css", 1)):
        true(f"ttl={ttl};" in client.get(path).get("Cache-Status"), path)


def test_a_rule_without_effect_exempts_from_those_behind(t):
    origin = t.origin()
    origin.on("/a", reply("Content-Type: text/html", body=b"x"))
    client = t.client(t.larder(origin, "CacheOverride type=text/html\n"
                               "CacheOverride ttl=100"))
    client.get("/a")
    true(not client.get("/a").hit, "not stored")


def test_prohibitions_can_be_ignored(t):  # RFC 9111 5.2.2
    control = "no-store, private, no-cache, max-age=60"
    first, hit, _, _ = stored(
        t, "CacheOverride ignore=no-store,private,no-cache",
        reply("Cache-Control: " + control, body=b"x"))
    equal(detail(first), "CacheOverride ignore=private over RFC 9111 5.2.2.7")
    for response in (first, hit):
        equal(response.get("Cache-Control"), control)


def test_expires_and_pragma_can_be_ignored(t):  # RFC 9111 5.3, 5.4
    _, hit, client, _ = stored(
        t, "CacheOverride ttl=60 ignore=expires,pragma",
        reply("Expires: 0", "Pragma: no-cache", body=b"x"))
    equal(hit.get("Expires"), "0")
    equal(hit.get("Pragma"), "no-cache")
    t.clock.advance(59)
    true(client.get("/a").hit, "fresh by the ttl")


def test_an_ignored_cookie_is_the_first_clients_alone(t):
    origin = t.origin()
    origin.on("/a", reply("Set-Cookie: a=b", "Cache-Control: max-age=60",
                          body=b"x"))
    larder = t.larder(origin, "CacheOverride ignore=set-cookie")
    client = t.client(larder)
    equal(client.get("/a").get("Set-Cookie"), "a=b")
    equal(wait_hit(client, "/a").get("Set-Cookie"), None)
    larder.stop()
    true("Set-Cookie" not in larder.log, "no warning")


def test_an_authorized_answer_can_be_shared(t):  # RFC 9111 3.5
    first, _, client, _ = stored(
        t, "CacheOverride ignore=authorization",
        reply("Cache-Control: max-age=60", body=b"x"),
        "Authorization: Basic eA==")
    equal(detail(first), "CacheOverride ignore=authorization over "
                         "RFC 9111 3.5")
    true(client.get("/a").hit, "for others, too")


def test_a_name_can_be_taken_out_of_vary(t):  # RFC 9111 4.1
    origin = t.origin()
    origin.on("/a", reply("Vary: User-Agent, Accept-Language",
                          "Cache-Control: max-age=60", body=b"x"))
    client = t.client(t.larder(origin,
                               "CacheOverride ignore=vary:user-agent"))
    english, german = "Accept-Language: en", "Accept-Language: de"
    client.get("/a", "User-Agent: one", english)
    hit = wait_hit(client, "/a", "User-Agent: two", english)
    equal(hit.get("Vary"), "User-Agent, Accept-Language")
    true(not client.get("/a", "User-Agent: one", german).hit,
         "the other name counts")


def test_without_any_name_left_it_does_not_vary(t):  # RFC 9111 4.1
    origin = t.origin()
    origin.on("/a", reply("Vary: User-Agent", 'ETag: "1"',
                          "Cache-Control: max-age=60", body=b"x"),
              Reply('ETag: "1"', "Vary: User-Agent", status=304))
    client = t.client(t.larder(origin,
                               "CacheOverride ignore=vary:User-Agent"))
    client.get("/a", "User-Agent: one")
    wait_hit(client, "/a", "User-Agent: two")
    t.clock.advance(100)
    equal(client.get("/a", "User-Agent: three").body, b"x")
    equal(wait_hit(client, "/a", "User-Agent: four").get("Vary"),
          "User-Agent")
    equal(origin.count(), 2)


def test_grace_serves_stale_and_refreshes(t):  # RFC 5861 3
    _, _, client, origin = stored(
        t, "CacheOverride grace=60",
        reply("Cache-Control: max-age=10", body=b"x"))
    t.clock.advance(30)
    true(client.get("/a").hit, "stale, within the grace")
    origin.wait_count(2)
    t.clock.advance(200)
    eventually(lambda: not client.get("/a").hit, "past the grace it is asked")


def test_must_revalidate_outranks_grace_unless_ignored(t):  # RFC 9111 4.2.4
    origin = t.origin()
    for path in "/a", "/b":
        origin.on(path, reply("Cache-Control: max-age=10, must-revalidate",
                              body=b"x"))
    client = t.client(t.larder(origin, """
CacheOverride grace=60
<Location /b>
    CacheOverride grace=60 ignore=must-revalidate
</Location>
"""))
    for path in "/a", "/b":
        client.get(path)
        wait_hit(client, path)
    t.clock.advance(30)
    true(not client.get("/a").hit, "must-revalidate holds")
    true(client.get("/b").hit, "it is ignored")


def test_keep_is_for_errors_after_the_grace(t):  # RFC 5861 4
    conf = "CacheStaleOnError Off\nCacheOverride ttl=10 grace=10 keep=100"
    origin = t.origin()
    origin.on("/a", reply('ETag: "1"', body=b"x"), [CLOSE])
    client = t.client(t.larder(origin, conf))
    client.get("/a")
    wait_hit(client, "/a")
    t.clock.advance(119)
    equal(client.get("/a").body, b"x")
    t.clock.advance(2)
    equal(client.get("/a").status, 502)


run()
