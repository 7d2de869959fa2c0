"""larder --listen PORT --origin URL, without a configuration file."""

import os
import sys

sys.path.insert(0, sys.path[0] + "/../support")
import ports
from larder import program
from origin import reply
from runner import Skip, equal, eventually, run, true


def one_liner(t, origin, *more, env=None):
    larder = t.larder(start=False, env=env)
    larder.port = ports.free_port(larder.ip)
    larder.notices = larder.notify_socket()
    larder.launch([program(), "--listen", f"{larder.ip}:{larder.port}",
                   "--origin", origin, *more])
    larder.wait_ready()
    return larder


def test_it_caches(t):
    origin = t.origin()
    origin.on("/a", reply("Cache-Control: max-age=60", body=b"a"))
    larder = one_liner(t, origin.url, "--store", t.dir + "/my store",
                       "--size", "64M")
    equal(larder.get("/a").body, b"a")
    eventually(lambda: larder.get("/a").hit, "a hit")
    equal(origin.count("/a"), 1)
    true(os.path.exists(t.dir + "/my store/data.mdb"), "the store is there")
    larder.wait_log(f"serves on {larder.ip}:{larder.port}")


def test_the_store_is_in_the_users_cache_folder(t):
    if os.geteuid() == 0:
        raise Skip("root's is /var/cache/larder, which no test touches")
    origin = t.origin()
    one_liner(t, origin.url, "--size", "64M", env={"XDG_CACHE_HOME": t.dir})
    true(os.path.exists(t.dir + "/larder/data.mdb"), "the store is there")


def test_a_server_next_door_sees_the_name_that_was_asked_for(t):
    origin = t.origin()
    origin.on("/a", reply(body=b"a"))
    larder = one_liner(t, origin.url, "--store", t.dir + "/store",
                       "--size", "64M")
    larder.get("/a", "Host: www.example.com")
    equal(origin.seen("/a")[0].get("Host"), "www.example.com")


def test_redirects_of_the_origin_lead_back_here(t):
    origin = t.origin()
    origin.on("/a", reply(f"Location: {origin.url}/b", status=302))
    larder = one_liner(t, origin.url, "--store", t.dir + "/store",
                       "--size", "64M")
    equal(larder.get("/a").get("Location"),
          f"http://{larder.ip}:{larder.port}/b")


run()
