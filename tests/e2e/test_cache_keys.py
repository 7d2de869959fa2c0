"""Which requests ask for the same thing (RFC 9110 4.2.3, RFC 9111 2)."""

import sys

sys.path.insert(0, sys.path[0] + "/../support")
import ports
from client import Client
from origin import cacheable, reply
from runner import equal, run, true, wait_hit


def stored(t, target, *fields, conf=""):
    origin = t.origin()
    origin.fallback = lambda request: cacheable(request.target.encode())
    client = t.client(t.larder(origin, conf))
    client.get(target, *fields)
    wait_hit(client, target, *fields)
    return client


def same(client, target, *fields):
    response = client.get(target, "Cache-Control: only-if-cached", *fields)
    return response.status == 200


def test_spellings_of_one_path_are_one(t):
    client = stored(t, "/a/~b/c")
    for target in ("/a/%7Eb/c", "/a/%7eb/c", "/a/./~b/c", "/a/x/../~b/c",
                   "/%61/~b/c", "/../a/~b/c"):
        true(same(client, target), target)


def test_other_paths_are_others(t):
    client = stored(t, "/a/b")
    for target in ("/a%2Fb", "/A/b", "/a/b/", "/a//b", "/a/b?", "/a/b?x",
                   "/a/b%20", "/a/b;v=1", "/a/b.",
                   "/"):
        true(not same(client, target), target)


def test_the_query_counts_in_every_letter(t):
    client = stored(t, "/a?x=1&y=2")
    true(same(client, "/a?x=1&%79=2"), "an encoded unreserved letter")
    for target in ("/a", "/a?", "/a?y=2&x=1", "/a?X=1&y=2", "/a?x=1&y=2&",
                   "/a?x=1%26y=2"):
        true(not same(client, target), target)


def test_cache_ignore_query_string_ignores_it(t):
    client = stored(t, "/a?x=1", conf="CacheIgnoreQueryString On")
    for target in ("/a?x=2", "/a", "/a?"):
        true(same(client, target), target)


def test_cache_key_query_drops_and_sorts(t):
    client = stored(t, "/a?b=1&utm_source=x&a=2&a=1",
                    conf="CacheKeyQuery drop utm_* fbclid\n"
                         "CacheKeyQuery sort")
    for target in ("/a?b=1&a=2&a=1", "/a?a=2&fbclid=9&b=1&a=1",
                   "/a?a=2&a=1&b=1&utm_medium="):
        true(same(client, target), target)
    for target in ("/a?b=1&a=1&a=2", "/a?b=1&a=2", "/a", "/a?b=1&a=2&a=1&c"):
        true(not same(client, target), target)


def test_cache_key_query_is_of_a_location(t):
    client = stored(t, "/all/a?b=1", conf="""
CacheKeyQuery ignore
<Location /all>
    CacheKeyQuery keep page b
</Location>""")
    client.get("/x?b=1")
    wait_hit(client, "/x?b=1")
    true(same(client, "/x?b=2"), "another query elsewhere")
    true(same(client, "/all/a?b=1&x"), "another parameter")
    true(not same(client, "/all/a?b=2"), "another value")


def test_the_origin_is_asked_for_all_of_the_query(t):
    origin = t.origin()
    origin.fallback = lambda request: cacheable(request.target.encode())
    client = t.client(t.larder(origin, "CacheKeyQuery drop x\n"
                                       "CacheKeyQuery sort"))
    equal(client.get("/a?b&x=1&a").body, b"/a?b&x=1&a")


def test_session_identifiers_do_not_count(t):
    client = stored(t, "/a;jsessionid=1?sid=2&b=3", conf="""
CacheIgnoreURLSessionIdentifiers jsessionid
CacheIgnoreURLSessionIdentifiers sid""")
    for target in ("/a?b=3", "/a;jsessionid=9?b=3&sid=8", "/a?b=3&sid="):
        true(same(client, target), target)
    for target in ("/a;v=1?b=3", "/a?b=3&xsid=1", "/a"):
        true(not same(client, target), target)


def test_an_answer_without_expiry_is_kept_when_no_query_is_left(t):
    origin = t.origin()
    origin.fallback = lambda request: reply(
        "Last-Modified: " + t.clock.date(-864000), body=b"x")
    client = t.client(t.larder(origin, "CacheKeyQuery drop utm_*"))
    client.get("/a?utm_x=1")
    wait_hit(client, "/a?utm_x=1")
    true(same(client, "/a"), "and is that of the URL without")
    for _ in range(2):
        equal(client.get("/a?b&utm_x=1").hit, False)


SHARED = """
Listen {ip}:SECOND
<VirtualHost {ip}:{port}>
    ServerName one.test
    CacheKeyBaseURL http://base.test/
    ProxyPass / ORIGIN/
</VirtualHost>
<VirtualHost {ip}:SECOND>
    ServerName two.test
    CacheKeyBaseURL http://base.test/
    ProxyPass / ORIGIN/
</VirtualHost>
"""


def test_virtual_hosts_of_one_base_url_share_objects(t):
    origin = t.origin()
    origin.on("/a", cacheable(b"a"))
    origin.on("/b", lambda request: reply(
        f"Location: http://two.test:{second}/a", status=201))
    second = ports.free_port()
    larder = t.larder(conf=SHARED.replace("SECOND", str(second))
                      .replace("ORIGIN", origin.url))
    one = t.client(larder)
    one.get("/a", "Host: one.test")
    wait_hit(one, "/a", "Host: one.test")
    with Client((larder.ip, second)) as two:
        host = f"Host: two.test:{second}"
        true(same(two, "/a", host), "found by the other")
        equal(two.request("POST", "/b", host, body=b"x").status, 201)
        true(not same(two, "/a", host), "Location invalidates (4.4)")
    true(not same(one, "/a", "Host: one.test"), "for both")


def test_the_host_and_port_count_but_not_their_case(t):
    client = stored(t, "/a", "Host: Some.Test:80")
    for host in ("some.test:80", "SOME.TEST:80"):
        true(same(client, "/a", "Host: " + host), host)
    true(same(client, "HTTP://SOME.test:80/a"), "in absolute-form")
    for host in ("some.test:81", "other.test:80", "some", "ome.test:80"):
        true(not same(client, "/a", "Host: " + host), host)


def test_the_origin_is_asked_in_the_clients_spelling(t):
    origin = t.origin()
    origin.fallback = lambda request: cacheable(request.target.encode())
    larder = t.larder(origin)
    for target in ("/a%20b", "/x?q=%20%2B+", "/%C3%A9", "/a;b=c,d:e@f!$&'()*"):
        equal(larder.get(target).body.decode(), target)


run()
