"""Which path goes to which backend (ProxyPass, ProxyPassReverse)."""

import sys

sys.path.insert(0, sys.path[0] + "/../support")
from origin import reply
from runner import Skip, equal, run, true, wait_hit


def who(name):
    """A fallback that says which origin this is and what it was asked."""
    return lambda request: reply("Cache-Control: no-store",
                                 body=f"{name} {request.target}".encode())


def two(t, conf):
    one, two = t.origin(), t.origin()
    one.fallback, two.fallback = who("one"), who("two")
    conf = conf.replace("ONE", one.url).replace("TWO", two.url)
    return t.client(t.larder(conf=conf)), one, two


def body(client, target):
    response = client.get(target)
    return response.body.decode() if response.status == 200 else (
        response.status)


def test_the_first_that_matches_wins(t):
    client, *_ = two(t, "ProxyPass /images/ ONE/img/\nProxyPass / TWO/")
    equal(body(client, "/images/a.png"), "one /img/a.png")
    equal(body(client, "/images/"), "one /img/")
    equal(body(client, "/images"), "two /images")
    equal(body(client, "/imagesx"), "two /imagesx")
    equal(body(client, "/"), "two /")
    equal(body(client, "/x?q=/images/"), "two /x?q=/images/")


def test_a_path_without_slash_matches_whole_segments(t):
    client, *_ = two(t, "ProxyPass /app ONE/base\nProxyPass / TWO/")
    equal(body(client, "/app"), "one /base")
    equal(body(client, "/app/x"), "one /base/x")
    equal(body(client, "/apple"), "two /apple")


def test_an_exclamation_mark_excludes(t):
    client, *_ = two(t, "ProxyPass /a/private !\nProxyPass /a/ ONE/")
    equal(body(client, "/a/x"), "one /x")
    equal(body(client, "/a/private/x"), 404)
    equal(body(client, "/elsewhere"), 404)


def test_it_may_stand_in_a_location(t):
    client, *_ = two(t, """
<Location /one/>
    ProxyPass ONE/
</Location>
<Location /two/>
    ProxyPass TWO/deep/
</Location>""")
    equal(body(client, "/one/x"), "one /x")
    equal(body(client, "/two/x"), "two /deep/x")


def test_the_query_goes_along(t):
    client, *_ = two(t, "ProxyPass /a/ ONE/b/")
    equal(body(client, "/a/x?k=v&k=w"), "one /b/x?k=v&k=w")
    equal(body(client, "/a/x?"), "one /b/x?")


def test_encoded_characters_arrive_as_they_were_meant(t):
    client, *_ = two(t, "ProxyPass /a/ ONE/b/")
    equal(body(client, "/a/with%20blank%2Fslash"),
          "one /b/with%20blank%2Fslash")
    equal(body(client, "/a/%C3%A9?q=%26"), "one /b/%C3%A9?q=%26")


def test_dot_segments_do_not_lead_out_of_a_mapping(t):
    client, *_ = two(t, "ProxyPass /a/ ONE/b/")
    for target in ("/a/../../etc/passwd", "/a/%2e%2e/secret", "/a/./../x"):
        true(body(client, target) in (400, 404), target)
    equal(body(client, "/a/x/../y"), "one /b/y")


def test_a_path_nobody_maps_gives_404(t):
    client = t.client(t.larder())
    response = client.get("/anything")
    equal(response.status, 404)
    true(b"404" in response.body, "an error page")


def test_proxy_pass_reverse_rewrites_redirects(t):
    one = t.origin()
    url = one.url
    one.on("/b/x", reply(f"Location: {url}/b/y?z", status=302),
           reply("Location: http://elsewhere.test/b/y", status=302),
           reply(f"Content-Location: {url}/b/z", body=b""),
           reply("Location: /b/y", status=302))
    larder = t.larder(
        conf=f"ProxyPass /a/ {url}/b/\nProxyPassReverse /a/ {url}/b/")
    client = t.client(larder)
    here = f"http://{client.authority}"
    equal(client.get("/a/x").get("Location"), here + "/a/y?z")
    equal(client.get("/a/x").get("Location"), "http://elsewhere.test/b/y")
    equal(client.get("/a/x").get("Content-Location"), here + "/a/z")


def test_a_rewritten_redirect_is_right_for_every_host(t):
    one = t.origin()
    one.on("/x", reply(f"Location: {one.url}/y", "Cache-Control: max-age=60",
                       status=301))
    larder = t.larder(one, f"ProxyPassReverse / {one.url}/")
    client = t.client(larder)
    for host in ("a.test", "b.test"):
        for response in (client.get("/x", "Host: " + host),
                         wait_hit(client, "/x", "Host: " + host)):
            equal(response.get("Location"), f"http://{host}/y")


def test_a_backend_over_a_unix_socket(t):
    origin = t.origin(local_path=t.dir + "/origin.sock")
    origin.on("/b/x", reply("Cache-Control: no-store", body=b"local"))
    larder = t.larder(
        conf=f"ProxyPass /a/ unix:{origin.local_path}|http://named.test/b/")
    equal(larder.get("/a/x").body, b"local")
    equal(origin.seen()[0].get("Host"), "named.test")


def test_a_backend_over_ipv6(t):
    try:
        origin = t.origin(ip="::1")
    except OSError:
        raise Skip("no IPv6 here")
    origin.on("/x", reply(body=b"six"))
    equal(t.larder(origin).get("/x").body, b"six")


def test_a_backend_by_name(t):
    origin = t.origin(ip="127.0.0.1")
    origin.on("/x", reply("Cache-Control: no-store", body=b"named"))
    larder = t.larder(origin_url=f"http://localhost:{origin.port}")
    for _ in range(3):
        equal(larder.get("/x").body, b"named")
    equal(origin.seen()[0].get("Host"), f"localhost:{origin.port}")


run()
