"""Settings that hold for a part of the site (Location, LocationMatch)."""

import sys

sys.path.insert(0, sys.path[0] + "/../support")
from origin import cacheable, reply
from runner import equal, run, true, wait_hit

IF_STORED = "Cache-Control: only-if-cached"


def test_caching_is_enabled_where_it_is_said(t):
    origin = t.origin()
    for path in ("/on/a", "/off/a", "/on/off/a"):
        origin.on(path, cacheable(b"x"))
    larder = t.larder(origin, template="""
Listen {listen}
ServerName larder.test
CacheRoot {dir}/cache
CacheSize 64M
CacheEnable disk /on
CacheDisable /on/off
{mapping}
""")
    client = t.client(larder)
    for path in ("/on/a", "/off/a", "/on/off/a"):
        equal(client.get(path).status, 200)
    wait_hit(client, "/on/a")
    for path in ("/off/a", "/on/off/a"):
        true(not client.get(path).hit, path)


def test_a_location_changes_the_rules_below_it(t):
    origin = t.origin()
    for path in ("/a", "/short/a"):
        origin.on(path, reply("Last-Modified: " + t.clock.date(-1000000),
                              body=b"x"))
    larder = t.larder(origin, """
<Location /short>
    CacheMaxExpire 100
</Location>""")
    client = t.client(larder)
    for path in ("/a", "/short/a"):
        client.get(path)
        wait_hit(client, path)
    t.clock.advance(200)
    equal(larder.get("/a", IF_STORED).status, 200)
    equal(larder.get("/short/a", IF_STORED).status, 504)


def test_a_later_and_deeper_section_wins(t):
    origin = t.origin()
    for path in ("/a/x", "/a/b/x"):
        origin.on(path, cacheable(b"x" * 100))
    client = t.client(t.larder(origin, """
<Location /a>
    CacheMaxFileSize 10
</Location>
<Location /a/b>
    CacheMaxFileSize 1000
</Location>"""))
    for path in ("/a/x", "/a/b/x"):
        client.get(path)
    wait_hit(client, "/a/b/x")
    equal(client.get("/a/x", IF_STORED).status, 504)


def test_location_match_takes_an_expression(t):
    origin = t.origin()
    for path in ("/a.php", "/a.css"):
        origin.on(path, cacheable(b"x"))
    client = t.client(t.larder(origin, r"""
<LocationMatch "\.php$">
    CacheDisable On
</LocationMatch>"""))
    for path in ("/a.php", "/a.css"):
        client.get(path)
    wait_hit(client, "/a.css")
    true(not client.get("/a.php").hit, "not cached")


def test_an_encoded_path_does_not_slip_by(t):
    origin = t.origin()
    origin.fallback = cacheable(b"x")
    client = t.client(t.larder(origin, """
<Location /private>
    CacheDisable On
</Location>"""))
    for target in ("/private/a", "/%70rivate/a", "/./private/a",
                   "/x/../private/a"):
        client.get(target)
        true(not client.get(target).hit, target)
    client.get("/elsewhere")
    wait_hit(client, "/elsewhere")


run()
