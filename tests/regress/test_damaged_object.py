"""A stored object whose bytes are damaged is as good as none: it is fetched
again, once, and nobody hangs."""

import ctypes
import ctypes.util
import glob
import os
import struct
import sys

sys.path.insert(0, sys.path[0] + "/../support")
from control import CONTROL, wait_landed
from origin import cacheable, reply, revalidating
from runner import Skip, equal, run, true, wait_hit

HEAD_BEFORE_KEY = 88  # proxy/cache/entry.h


def damage(larder, what, back, byte):
    """Overwrites the byte that stands so far before each what."""
    done = 0
    for path in glob.glob(larder.dir + "/cache/**/data.mdb", recursive=True):
        with open(path, "r+b") as file:
            data = file.read()
            at = data.find(what)
            while at >= 0:
                file.seek(at - back)
                file.write(byte)
                done += 1
                at = data.find(what, at + 1)
    true(done > 0, "something is damaged")


def test_a_head_that_cannot_be_read(t):
    origin = t.origin()
    origin.on("/damaged", cacheable(b"first"), cacheable(b"second"))
    larder = t.larder(origin)
    with larder.client() as client:
        client.get("/damaged")
        wait_hit(client, "/damaged")
    larder.stop()
    damage(larder, f"http://{larder.ip}:{larder.port}/damaged".encode(),
           HEAD_BEFORE_KEY, b"\xff")
    larder.start()
    client = t.client(larder)
    equal(client.get("/damaged").body, b"second")
    equal(wait_hit(client, "/damaged").body, b"second")


class Value(ctypes.Structure):
    _fields_ = [("n", ctypes.c_size_t), ("p", ctypes.c_void_p)]


MDB_RDWR, MDB_FIRST, MDB_NEXT = 0, 0, 8


def remove_bodies(larder):
    """Deletes what is not page 0 of an object (store/schema.h)."""
    name = ctypes.util.find_library("lmdb")
    if not name:
        raise Skip("there is no liblmdb to load")
    lmdb = ctypes.CDLL(name)
    env, txn, cursor = (ctypes.c_void_p() for _ in range(3))
    dbi, key, data = ctypes.c_uint(), Value(), Value()
    path = glob.glob(larder.dir + "/cache/**/data.mdb", recursive=True)[0]

    def call(function, *args):
        equal(function(*args), 0, function.__name__)

    call(lmdb.mdb_env_create, ctypes.byref(env))
    call(lmdb.mdb_env_set_maxdbs, env, 8)
    call(lmdb.mdb_env_set_mapsize, env, ctypes.c_size_t(64 << 20))
    call(lmdb.mdb_env_open, env, os.path.dirname(path).encode(), 0, 0o600)
    call(lmdb.mdb_txn_begin, env, None, MDB_RDWR, ctypes.byref(txn))
    call(lmdb.mdb_dbi_open, txn, b"dat", 0, ctypes.byref(dbi))
    call(lmdb.mdb_cursor_open, txn, dbi, ctypes.byref(cursor))
    step = MDB_FIRST
    while lmdb.mdb_cursor_get(cursor, ctypes.byref(key), ctypes.byref(data),
                              step) == 0:
        if ctypes.string_at(key.p, key.n)[8:] != bytes(4):
            call(lmdb.mdb_cursor_del, cursor, 0)
        step = MDB_NEXT
    call(lmdb.mdb_txn_commit, txn)
    lmdb.mdb_env_close(env)


BODY = b"x" * 100_000


def without_body(t, *answers, conf=""):
    origin = t.origin()
    origin.on("/damaged", *answers)
    larder = t.larder(origin, conf)
    with larder.client() as client:
        client.get("/damaged")
        wait_hit(client, "/damaged")
    larder.stop()
    remove_bodies(larder)
    larder.start()
    return origin, larder


def test_a_body_that_is_not_there(t):
    _, larder = without_body(t, cacheable(BODY))
    client = t.client(larder)
    for _ in range(2):
        equal(client.get("/damaged").body, BODY)
    equal(wait_hit(client, "/damaged").body, BODY)


def test_a_body_that_is_not_there_after_its_validation(t):
    origin, larder = without_body(
        t, revalidating(BODY, '"1"', "Cache-Control: max-age=60"))
    t.clock.advance(100)
    client = t.client(larder)
    equal(client.get("/damaged").body, BODY)
    equal(wait_hit(client, "/damaged").body, BODY)


def test_a_list_of_parts_that_cannot_be_read(t):
    body = bytes(range(250)) * 40

    def answer(request):
        return reply("Cache-Control: max-age=60", 'ETag: "1"',
                     "Content-Range: bytes 1000-1999/10000", status=206,
                     body=body[1000:2000])

    origin = t.origin()
    origin.on("/damaged", answer)
    larder = t.larder(origin, conf=CONTROL)
    larder.get("/damaged", "Range: bytes=1000-1999")
    wait_landed(larder)
    larder.stop()
    damage(larder, struct.pack("<QQ", 1000, 2000), 0, b"\x77")
    larder.start()
    for hit in (False, True):
        response = larder.get("/damaged", "Range: bytes=1000-1999")
        equal(response.body, body[1000:2000])
        equal(response.hit, hit, "dropped once, and stored again")
        wait_landed(larder)


run()
