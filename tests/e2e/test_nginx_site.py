"""A site that nginx serves, fetched twice: the second time from here."""

import os
import sys
import urllib.parse

sys.path.insert(0, sys.path[0] + "/../support")
from bodies import body_of, size_of
from runner import Skip, equal, eventually, run, true
from site_nginx import Nginx, files_below, nginx_program

KINDS = ("html", "css", "js", "svg", "txt", "png", "bin")


def make_site(root):
    for i in range(150):
        folder = os.path.join(root, f"part {i % 7}")
        os.makedirs(folder, exist_ok=True)
        path = os.path.join(folder, f"päge{i}.{KINDS[i % len(KINDS)]}")
        with open(path, "wb") as file:
            file.write(body_of(path, size_of(path, 400_000)))


def test_the_second_pass_is_all_hits_and_the_origin_hears_nothing(t):
    if not nginx_program():
        raise Skip("nginx is not installed")
    root = os.path.join(t.dir, "site")
    make_site(root)
    os.mkdir(t.dir + "/nginx")
    nginx = Nginx(t.dir + "/nginx", root)
    t.stack.callback(nginx.stop)
    larder = t.larder(origin_url=nginx.url, conf="MaxKeepAliveRequests 0")
    pages = [("/" + urllib.parse.quote(name), path)
             for name, path in files_below(root)]
    client = t.client(larder)

    def one_pass():
        hits = 0
        for target, path in pages:
            response = client.get(target)
            equal(response.status, 200, target)
            with open(path, "rb") as file:
                true(response.body == file.read(), f"the bytes of {target}")
            hits += response.hit
        return hits

    equal(one_pass(), 0, "hits of the first pass")
    eventually(lambda: client.get(pages[-1][0]).hit, "all is stored")
    asked = len(nginx.requests())
    equal(one_pass(), len(pages), "hits of the second pass")
    equal(len(nginx.requests()), asked, "requests at the origin")
    equal(asked, len(pages), "requests at the origin in all")


run()
