"""What must not be stored (RFC 9111 section 3)."""

import sys

sys.path.insert(0, sys.path[0] + "/../support")
from origin import cacheable, reply
from runner import equal, run, true, wait_hit


def never_a_hit(t, answer, *fields, conf=""):
    origin = t.origin()
    origin.on("/a", answer)
    client = t.client(t.larder(origin, conf))
    for _ in range(3):
        true(not client.get("/a", *fields).hit, "no hit")
    equal(origin.count(), 3, "requests at the origin")
    equal(client.get("/a", "Cache-Control: only-if-cached", *fields).status,
          504, "nothing is stored")


def test_no_store_is_not_stored(t):  # 5.2.2.5
    never_a_hit(t, reply("Cache-Control: no-store, max-age=60", body=b"x"))


def test_private_is_not_stored(t):  # 5.2.2.7
    never_a_hit(t, reply("Cache-Control: private, max-age=60", body=b"x"))


def test_a_request_with_no_store_leaves_nothing_behind(t):  # 5.2.1.5
    origin = t.origin()
    origin.on("/a", cacheable(b"x"))
    client = t.client(t.larder(origin))
    client.get("/a", "Cache-Control: no-store")
    equal(client.get("/a", "Cache-Control: only-if-cached").status, 504)


def test_a_500_without_a_lifetime_is_not_stored(t):
    never_a_hit(t, reply(status=500, body=b"broken"))


def test_a_206_is_not_stored_as_the_whole(t):
    never_a_hit(t, reply("Cache-Control: max-age=60",
                         "Content-Range: bytes 0-1/10", status=206,
                         body=b"xy"))


def test_a_status_nobody_knows_is_not_stored_without_freshness(t):
    never_a_hit(t, reply(status=299, body=b"x"))


def test_an_authorized_answer_is_not_shared(t):  # 3.5
    never_a_hit(t, cacheable(b"yours"), "Authorization: Basic Zm9v")


def test_an_authorized_answer_is_not_for_others_either(t):
    origin = t.origin()
    origin.on("/a", cacheable(b"yours"))
    larder = t.larder(origin)
    larder.get("/a", "Authorization: Basic Zm9v")
    equal(larder.get("/a", "Cache-Control: only-if-cached").status, 504)


def test_public_s_maxage_and_must_revalidate_let_it_be_shared(t):  # 3.5
    origin = t.origin()
    client = t.client(t.larder(origin))
    for i, control in enumerate(("public, max-age=60", "s-maxage=60",
                                 "max-age=60, must-revalidate")):
        path = f"/{i}"
        origin.on(path, reply("Cache-Control: " + control, body=b"x"))
        client.get(path, "Authorization: Basic Zm9v")
        true(wait_hit(client, path).body == b"x", control)


def test_an_authorized_request_may_have_what_is_public_already(t):
    origin = t.origin()
    origin.on("/a", cacheable(b"x"))
    client = t.client(t.larder(origin))
    client.get("/a")
    wait_hit(client, "/a")
    true(client.get("/a", "Authorization: Basic Zm9v").hit, "it is a hit")


def test_cache_disable_keeps_a_path_out(t):
    origin = t.origin()
    origin.on("/a/x", cacheable(b"x"))
    origin.on("/b/x", cacheable(b"x"))
    client = t.client(t.larder(origin, "CacheDisable /b"))
    for path in ("/a/x", "/b/x"):
        client.get(path)
    wait_hit(client, "/a/x")
    for _ in range(2):
        true(not client.get("/b/x").hit, "no hit")
    equal(origin.count("/b/x"), 3, "requests at the origin")


def test_cache_store_private_and_no_store_override_it(t):
    origin = t.origin()
    larder = t.larder(origin, "CacheStorePrivate On\nCacheStoreNoStore On")
    client = t.client(larder)
    for i, control in enumerate(("private, max-age=60",
                                 "no-store, max-age=60")):
        origin.on(f"/{i}", reply("Cache-Control: " + control, body=b"x"))
        client.get(f"/{i}")
        wait_hit(client, f"/{i}")


run()
