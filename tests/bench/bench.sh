#!/bin/bash
# tests/bench/bench.sh: all benchmarks, one after the other, as `make bench`
# runs them from the build folder.  Each prints what it measured, and fails
# when that is not what it is to be.
set -u

BENCHMARKS=(store_bench cache_hit cost.py collapse_10mb.py
	idle_connections.py nginx_docs.py)

# run NAME: a script from among the sources, or a program that was built
run()
{
	case $1 in
	*.py) timeout -k 5 200 "${PYTHON:-python3}" "$SRCDIR/tests/bench/$1" ;;
	*) timeout -k 5 60 "tests/bench/$1" ;;
	esac
}

failed=()
for name in "${BENCHMARKS[@]}"; do
	printf '\n==== %s\n' "$name"
	run "$name" || failed+=("$name")
done
[ ${#failed[@]} = 0 ] || {
	printf '\nbench: failed: %s\n' "${failed[*]}" >&2
	exit 1
}
