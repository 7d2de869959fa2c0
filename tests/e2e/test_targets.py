"""The four forms of a request target (RFC 9112 section 3.2)."""

import sys

sys.path.insert(0, sys.path[0] + "/../support")
from origin import cacheable, reply
from runner import equal, run, true, wait_hit


def test_options_of_the_server_itself_is_answered(t):  # 3.2.4
    origin = t.origin()
    client = t.client(t.larder(origin))
    origin.on("*", reply("Allow: GET", body=b""))
    response = client.request("OPTIONS", "*")
    true(response.status in (200, 204), f"status {response.status}")
    equal(client.get("/none").status, 404, "the connection goes on")


def test_an_absolute_target_outranks_host(t):  # 3.2.2
    origin = t.origin()
    origin.on("/a", cacheable(b"x"))
    client = t.client(t.larder(origin, "ProxyPreserveHost On"))
    response = client.get("http://right.test/a", "Host: wrong.test")
    equal(response.status, 200)
    request = origin.seen()[0]
    equal(request.target, "/a", "the target in origin-form")
    equal(request.get("Host"), "right.test")


def test_an_absolute_target_finds_what_was_stored(t):
    origin = t.origin()
    origin.on("/a", cacheable(b"x"))
    client = t.client(t.larder(origin))
    client.get("/a", "Host: some.test:81")
    wait_hit(client, "/a", "Host: some.test:81")
    for host in ("some.test:81", "other.test"):
        response = client.get("HTTP://SOME.test:81/a", "Host: " + host)
        true(response.hit, f"a hit with Host: {host}")


def test_an_absolute_target_without_path_is_the_root(t):
    origin = t.origin()
    origin.on("/", cacheable(b"root"))
    client = t.client(t.larder(origin))
    equal(client.get("http://some.test").body, b"root")
    equal(origin.seen()[0].target, "/")


def test_connect_is_refused(t):  # 3.2.3
    origin = t.origin()
    client = t.client(t.larder(origin))
    response = client.request("CONNECT", "some.test:443",
                              "Host: some.test:443")
    true(response.status in (400, 403, 405, 501), f"{response.status}")
    equal(origin.count(), 0, "requests at the origin")


def test_an_asterisk_is_for_options_alone(t):
    client = t.client(t.larder(t.origin()))
    equal(client.get("*").status, 400)


def test_odd_targets_are_refused(t):
    origin = t.origin()
    larder = t.larder(origin)
    for target in ("a", "/a\x7f", "/a#b", "/%zz", "/a\x80", "/%4",
                   "http://", "http://user@host/", "ftp://h/"):
        equal(larder.get(target).status, 400, repr(target))
    equal(origin.count(), 0, "requests at the origin")


run()
