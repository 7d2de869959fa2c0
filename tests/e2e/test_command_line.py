"""What larder prints and how it exits (larder(8), EXIT STATUS)."""

import os
import subprocess
import sys

sys.path.insert(0, sys.path[0] + "/../support")
from larder import program
from runner import equal, run, true

OK, FAILED, USAGE, CONFIGURATION = 0, 1, 2, 3


def call(*args, **more):
    return subprocess.run([program(), *args], capture_output=True, text=True,
                          timeout=60, stdin=subprocess.DEVNULL, **more)


def write(t, text, name="test.conf"):
    path = os.path.join(t.dir, name)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    return path


GOOD = """\
Listen 127.0.0.1:1
ServerName main.example
<VirtualHost *:1>
    ServerName one.example
    ServerAlias *.one.example
    ErrorLog error-of-one.log
</VirtualHost>
"""

BAD = """\
Listen 127.0.0.1:1
Lisen 80
CacheSize much
<Location /a>
    Listen 81
</Location>
"""


def test_a_good_configuration_is_ok(t):
    result = call("-t", "-f", write(t, GOOD))
    equal(result.returncode, OK, result.stderr)
    equal(result.stdout, "Syntax OK\n")


def test_checking_makes_no_files(t):
    path = write(t, f"ServerRoot {t.dir}\nCacheRoot store\n" + GOOD)
    before = set(os.listdir(t.dir))
    equal(call("-t", "-f", path).returncode, OK)
    equal(call("-S", "-f", path).returncode, OK)
    equal(set(os.listdir(t.dir)), before)


def test_every_mistake_is_told_with_its_line(t):
    path = write(t, BAD)
    result = call("-t", "-f", path)
    equal(result.returncode, CONFIGURATION)
    for line, word in ((2, "Listen?"), (3, "CacheSize"), (5, "Listen")):
        true(any(m.startswith(f"{path}:{line}: ") and word in m
                 for m in result.stderr.splitlines()),
             f"line {line} is told: {result.stderr}")


def test_a_bad_configuration_is_not_served(t):
    result = call("-f", write(t, BAD))
    equal(result.returncode, CONFIGURATION)
    true("did you mean Listen?" in result.stderr, result.stderr)


def test_a_file_that_is_not_there_is_named(t):
    path = os.path.join(t.dir, "none.conf")
    result = call("-t", "-f", path)
    true(result.returncode in (FAILED, CONFIGURATION), "it fails")
    true(path in result.stderr, result.stderr)


def test_defines_choose_sections(t):
    path = write(t, GOOD + "<IfDefine Broken>\nNonsense\n</IfDefine>\n")
    equal(call("-t", "-f", path).returncode, OK)
    equal(call("-t", "-f", path, "-D", "Broken").returncode, CONFIGURATION)


def test_hosts_are_listed_as_understood(t):
    result = call("-S", "-f", write(t, GOOD))
    equal(result.returncode, OK, result.stderr)
    for name in ("main.example", "one.example", "*.one.example"):
        true(name in result.stdout, result.stdout)


def test_directives_are_listed_with_their_help(_):
    text = call("-L").stdout
    for name in ("CacheEnable", "ProxyPass", "ControlSocket", "LogFormat"):
        true(name in text, f"{name} is listed")
    for form in ("text", "markdown", "mdoc"):
        result = call(f"--list-directives={form}")
        equal(result.returncode, OK)
        true("CacheEnable" in result.stdout, f"{form} has CacheEnable")
        result = call(f"--list-log-fields={form}")
        equal(result.returncode, OK)
        true("%{cache-status}x" in result.stdout, f"{form} has a field")


def test_versions_of_all_libraries_are_told(_):
    own = call("-v").stdout
    true(own.startswith("larder ") and own.count("\n") == 1, own)
    text = call("-V").stdout
    true(text.startswith(own), text)
    for name in ("libevent", "LMDB", "xxHash", "PCRE2", "jansson"):
        true(f"\n{name} " in text, f"{name} is told")


def test_help_goes_to_standard_output(_):
    result = call("--help")
    equal(result.returncode, OK)
    equal(result.stderr, "")
    true("--origin URL" in result.stdout, result.stdout)


def test_wrong_usage_is_status_2(_):
    for args in (("-x",), ("--nothing",), ("-f",), ("word",),
                 ("--listen", "80"), ("-f", "x", "--origin", "http://o"),
                 ("--origin", "http://o", "--size", "much")):
        result = call(*args)
        equal(result.returncode, USAGE, f"exit status for {args}")
        equal(result.stdout, "")
        true(result.stderr.startswith("larder: "), result.stderr)


def test_output_that_cannot_be_written_is_a_failure(_):
    with open("/dev/full", "w", encoding="ascii") as full:
        result = subprocess.run([program(), "-L"], stdout=full, timeout=60,
                                stderr=subprocess.DEVNULL)
    equal(result.returncode, FAILED)


run()
