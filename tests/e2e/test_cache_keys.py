"""Which requests ask for the same thing (RFC 9110 4.2.3, RFC 9111 2)."""

import sys

sys.path.insert(0, sys.path[0] + "/../support")
from origin import cacheable
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
