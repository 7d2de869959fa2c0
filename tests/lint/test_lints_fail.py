"""Each lint passes a clean tree and fails one with its kind of offence."""

import os
import shutil
import subprocess
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.join(HERE, "..", "..")

CLEAN = {
    "Makefile.am": "include store/base/sources.am\ninclude store/sources.am\n"
                   "include proxy/http/sources.am\n",
    "store/base/sources.am": "x = store/base/low.h\n",
    "store/sources.am": "x = store/high.h\n",
    "proxy/http/sources.am": "x = \\\n\tproxy/http/a.c\n",
    "store/base/low.h": "#ifndef LOW_H\n#define LOW_H\n\nint low(void);\n\n"
                        "#endif\n",
    "store/high.h": "#ifndef HIGH_H\n#define HIGH_H\n\n"
                    '#include "store/base/low.h"\n\n#endif\n',
    "proxy/http/a.c": '#include "store/high.h"\n\n#include <stdio.h>\n\n'
                      "int\nlow(void)\n{\n\treturn 0;\n}\n",
    "tests/unit/test_a.c": '#include "store/high.h"\n',
}


def function_of(lines):
    body = "\tlow();\n" * lines
    return f"int low(void);\n\nvoid\nlong_one(void)\n{{\n{body}}}\n"


class Lints(unittest.TestCase):
    def setUp(self):
        self.root = tempfile.mkdtemp(prefix="larder-lint-")
        self.addCleanup(shutil.rmtree, self.root)
        for path, text in CLEAN.items():
            self.write(path, text)
        for path in ("tests/list-files", ".clang-format"):
            self.write(path, "")
            shutil.copy(os.path.join(TOP, path),
                        os.path.join(self.root, path))
        self.list_tests()

    def write(self, path, text):
        path = os.path.join(self.root, path)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)

    def list_tests(self):
        subprocess.run(["sh", os.path.join(self.root, "tests/list-files")],
                       check=True)

    def lint(self, name):
        env = {**os.environ, "SRCDIR": self.root, "LINT_CPPFLAGS": ""}
        return subprocess.run(
            [sys.executable, os.path.join(HERE, f"test_{name}.py")], env=env,
            capture_output=True, text=True, check=False)

    def passes(self, name):
        run = self.lint(name)
        if "# SKIP" in run.stdout:
            self.skipTest(run.stdout)
        self.assertEqual(run.returncode, 0, run.stdout + run.stderr)
        self.assertIn("\nok 1", run.stdout)

    def fails(self, name, saying):
        run = self.lint(name)
        self.assertEqual(run.returncode, 1, run.stderr)
        self.assertIn("\nnot ok 1", run.stdout)
        self.assertIn(saying, run.stdout)

    def test_every_lint_passes_a_clean_tree(self):
        for name in ("layers", "headers", "length", "listed", "format"):
            self.passes(name)

    def test_an_include_that_climbs_fails(self):
        self.write("store/base/low.h", '#include "store/high.h"\n')
        self.fails("layers", "store/base/low.h:1:")

    def test_an_include_between_proxy_layers_that_climbs_fails(self):
        self.write("proxy/cache/key.h", "")
        self.write("proxy/http/a.c", '#include "proxy/cache/key.h"\n')
        self.fails("layers", "proxy/http stands below proxy/cache")

    def test_a_path_not_from_the_top_fails(self):
        self.write("store/high.h", '#include "base/low.h"\n')
        self.fails("layers", "is no file")

    def test_a_source_that_includes_a_test_fails(self):
        self.write("tests/support/fake.h", "")
        self.write("store/high.h", '#include "tests/support/fake.h"\n')
        self.fails("layers", "not a source folder")

    def test_an_unknown_folder_fails(self):
        self.write("proxy/misc/a.c", "")
        self.fails("layers", "has no place")

    def test_a_header_that_needs_another_first_fails(self):
        self.write("store/high.h", "size_t high(void);\n")
        self.fails("headers", "store/high.h")

    def test_a_header_without_a_guard_fails(self):
        self.write("store/high.h", "struct high {\n\tint a;\n};\n")
        self.fails("headers", "store/high.h")

    def test_ill_formatted_code_fails(self):
        self.passes("format")
        self.write("proxy/http/a.c", "int main(void){return 0;}\n")
        self.fails("format", "proxy/http/a.c:1:")

    def test_a_long_function_fails_unless_it_is_allowed(self):
        self.write("proxy/http/a.c", function_of(57))
        self.passes("length")
        self.write("proxy/http/a.c", function_of(58))
        self.fails("length", "long_one has 61 lines")
        self.write("tests/lint/length.allow",
                   "proxy/http/a.c:long_one a table, one line a case\n")
        self.passes("length")

    def test_a_long_file_fails(self):
        self.write("proxy/http/a.c", "\n" * 601)
        self.fails("length", "proxy/http/a.c: 601 lines")

    def test_a_reference_that_is_out_of_date_fails(self):
        prints = os.path.join(self.root, "reference")
        self.write("reference", "#!/bin/sh\necho \"$1: Listen\"\n")
        os.chmod(prints, 0o755)
        os.environ["REFERENCE"] = prints
        self.fails("reference", "out of date")
        self.write("docs/directives.md", "markdown: Listen\n")
        self.passes("reference")

    def test_a_clause_with_a_test_that_is_not_there_fails(self):
        self.write("tests/e2e/test_b.py", "def test_it_caches(t):\n    pass\n")
        for cell, saying in (
                ("`e2e/test_b.py` `test_it_caches`", ""), ("—", ""),
                ("PENDING", ""), ("", "shown by nothing"),
                ("`test_it_caches`", "of which file?"),
                ("`e2e/test_c.py`", "tests/e2e/test_c.py is no file"),
                ("`e2e/test_b.py` `test_it`", "test_b.py has no test_it")):
            self.write("docs/conformance.md",
                       f"| clause | shown by |\n|---|---|\n| 3 | {cell} |\n")
            if saying:
                self.fails("conformance", saying)
            else:
                self.passes("conformance")

    def test_a_new_unit_test_that_is_not_listed_fails(self):
        self.write("tests/unit/test_b.c", "")
        self.fails("listed", "tests/unit/test_b:")

    def test_a_new_end_to_end_test_that_is_not_listed_fails(self):
        self.write("tests/e2e/test_b.py", "")
        self.fails("listed", "tests/e2e/test_b.py:")

    def test_a_source_that_is_not_listed_fails(self):
        self.write("store/new.c", "")
        self.fails("listed", "store/new.c: not listed")

    def test_a_listed_source_that_is_gone_fails(self):
        os.remove(os.path.join(self.root, "store/high.h"))
        self.fails("listed", "store/high.h: listed in store/sources.am")

    def test_a_folder_the_makefile_does_not_include_fails(self):
        self.write("store/new/sources.am", "")
        self.fails("listed", "store/new/sources.am: not included")


class TapResult(unittest.TestResult):
    """Says in TAP what each test came to."""

    def tell(self, test, verdict, comment="", details=""):
        print(f"{verdict} {self.testsRun} - {test.id().split('.')[-1]}"
              + comment, flush=True)
        if details:
            print("# " + details.replace("\n", "\n# "), flush=True)

    def addSuccess(self, test):
        self.tell(test, "ok")

    def addSkip(self, test, reason):
        self.tell(test, "ok", " # SKIP " + reason.strip().split("\n")[-1])

    def addFailure(self, test, err):
        super().addFailure(test, err)
        self.tell(test, "not ok", details=self.failures[-1][1])

    def addError(self, test, err):
        super().addError(test, err)
        self.tell(test, "not ok", details=self.errors[-1][1])


suite = unittest.defaultTestLoader.loadTestsFromTestCase(Lints)
print(f"1..{suite.countTestCases()}")
sys.exit(0 if suite.run(TapResult()).wasSuccessful() else 1)
