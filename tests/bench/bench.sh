#!/bin/bash
# tests/bench/bench.sh: all benchmarks, one after the other, as `make bench`
# runs them from the build folder.  Each prints what it measured, and fails
# when that is not what it is to be.  Together they end within BENCH_SECONDS.
set -u

BENCHMARKS=(store_bench cache_hit cost.py collapse_10mb.py
	idle_connections.py nginx_docs.py)
GRACE=15 # for one that is out of time to clean up

# run NAME: a script from among the sources, or a program that was built
run()
{
	local left=$((${BENCH_SECONDS:-285} - SECONDS))

	[ "$left" -gt 0 ] || {
		echo 'no time is left'
		return 1
	}
	case $1 in
	*.py) set -- "${PYTHON:-python3}" "$SRCDIR/tests/bench/$1" ;;
	*) set -- "tests/bench/$1" ;;
	esac
	timeout -k "$GRACE" "$left" "$@"
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
