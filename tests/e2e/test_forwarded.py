"""What a request tells the backend, and what an answer tells the client."""

import sys

sys.path.insert(0, sys.path[0] + "/../support")
from origin import reply
from runner import equal, run, true, wait_hit


def asked(t, *fields, conf=""):
    """The request as the origin saw it, and the response."""
    origin = t.origin()
    origin.on("/a", reply("Cache-Control: max-age=60", body=b"x"))
    client = t.client(t.larder(origin, conf))
    response = client.get("/a", "Host: site.test", *fields)
    equal(response.status, 200)
    return origin.seen()[0], response, client, origin


def test_host_is_the_backends(t):
    request, _, _, origin = asked(t)
    equal(request.all("Host"), [f"{origin.ip}:{origin.port}"])


def test_proxy_preserve_host_keeps_the_clients(t):
    request, *_ = asked(t, conf="ProxyPreserveHost On")
    equal(request.all("Host"), ["site.test"])


def test_x_forwarded_fields_tell_where_it_came_from(t):
    request, *_ = asked(t)
    equal(request.all("X-Forwarded-For"), ["127.0.0.1"])
    equal(request.all("X-Forwarded-Host"), ["site.test"])
    equal(request.get("X-Forwarded-Proto"), "http")
    equal(request.get("X-Forwarded-Server"), "larder.test")


def test_they_are_appended_to(t):
    request, *_ = asked(t, "X-Forwarded-For: 192.0.2.1",
                        "X-Forwarded-Host: outer.test")
    equal(request.get("X-Forwarded-For"), "192.0.2.1, 127.0.0.1")
    equal(request.get("X-Forwarded-Host"), "outer.test, site.test")


def test_proxy_add_headers_off_leaves_them_out(t):
    request, *_ = asked(t, conf="ProxyAddHeaders Off")
    for name in ("For", "Host", "Server", "Proto"):
        equal(request.get("X-Forwarded-" + name), None, name)


def test_the_clients_other_fields_are_passed_on(t):
    request, *_ = asked(t, "X-Own: a", "X-Own: b", "Cookie: c=1; d=2",
                        "User-Agent: test", "Accept: */*")
    equal(request.all("X-Own"), ["a", "b"])
    equal(request.get("Cookie"), "c=1; d=2")
    equal(request.get("User-Agent"), "test")
    equal(request.get("Accept"), "*/*")
    equal(request.version, "HTTP/1.1")


def test_hop_by_hop_fields_of_an_answer_stay_here(t):
    origin = t.origin()
    origin.on("/a", reply("Cache-Control: max-age=60", "Connection: X-Hop",
                          "X-Hop: secret", "Keep-Alive: timeout=5",
                          "Proxy-Authenticate: Basic", body=b"x"))
    client = t.client(t.larder(origin))
    for response in (client.get("/a"), wait_hit(client, "/a")):
        for name in ("X-Hop", "Keep-Alive"):
            equal(response.get(name), None, name)


def test_date_is_added_where_it_is_missing(t):  # RFC 9110 6.6.1
    origin = t.origin()
    origin.on("/a", b"HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\n"
              b"Content-Length: 1\r\n\r\nx")
    client = t.client(t.larder(origin))
    true(client.get("/a").get("Date"), "a Date")
    equal(len(wait_hit(client, "/a").all("Date")), 1, "Dates")


def test_fields_of_the_same_name_stay_apart_and_in_order(t):
    origin = t.origin()
    origin.on("/a", reply("Cache-Control: max-age=60", "Link: <a>",
                          "Link: <b>", "X-Odd: \xe9", body=b"x"))
    client = t.client(t.larder(origin))
    for response in (client.get("/a"), wait_hit(client, "/a")):
        equal(response.all("Link"), ["<a>", "<b>"])
        equal(response.get("X-Odd"), "\xe9")


def test_set_cookie_lines_are_kept_apart(t):
    origin = t.origin()
    origin.on("/a", reply("Cache-Control: no-store", "Set-Cookie: a=1",
                          "Set-Cookie: b=2", body=b"x"))
    equal(t.larder(origin).get("/a").all("Set-Cookie"), ["a=1", "b=2"])


def test_via_names_larder_where_it_is_asked_for(t):  # RFC 9110 7.6.3
    request, response, *_ = asked(t, "Via: 1.0 outer", conf="ProxyVia On")
    true(request.get("Via").startswith("1.0 outer, 1.1 "), "the request's")
    true(response.get("Via").startswith("1.1 "), "the response's")


run()
