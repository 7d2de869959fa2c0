#!/bin/bash
# Generates the build system and, with a TARGET, goes all the way there.
#
#   ./autogen.sh                   only generate configure and Makefile.in
#   ./autogen.sh TARGET [OPTION…]   install missing packages, generate,
#                                  configure, build, make TARGET
#
# A fresh clone on a bare Debian 12 or 13 needs nothing else.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

usage()
{
	cat <<-'END'
	usage: ./autogen.sh                     generate the build system only
	       ./autogen.sh TARGET [--no-install] [CONFIGURE-OPTION...]

	Goes from a fresh clone to TARGET: installs missing Debian packages (with
	sudo when not root; --no-install lists them and stops), generates,
	configures in a build folder, builds and makes the target.

	  demo         a tour of larder in front of a sample site
	  check        the whole test suite
	  bench        the benchmarks
	  install      install below --prefix (/usr/local)
	  distcheck    make a source release and test it
	  check-lint   only the checks of the sources themselves
	  all          only build

	What continuous integration runs besides:
	  check-conformance
	               the public suite http-cache-tests, fetched from the npm
	               registry
	and, each in a folder of its own:
	  check-clang  the unit tests, compiled by clang   (build-clang)
	  check-asan   the test suite under the address and undefined-behaviour
	               sanitizers                          (build-asan)
	  check-tsan   the threaded parts under the thread sanitizer
	                                                   (build-tsan)
	  check-fuzz   every fuzz target, for FUZZ_SECONDS (build-fuzz)

	JOBS=N in the environment sets how many jobs run in parallel.
	END
}

say()
{
	printf '== %s\n' "$*" >&2
}

die()
{
	printf 'autogen.sh: %s\n' "$*" >&2
	exit 2
}

# --- what a target needs ---------------------------------------------------

BUILD_PACKAGES=(autoconf automake pkgconf make gcc libc6-dev libevent-dev
	liblmdb-dev libxxhash-dev libpcre2-dev libjansson-dev python3)
CHECK_PACKAGES=(libcmocka-dev clang-format apache2-bin)
CLANG_PACKAGES=(clang llvm libclang-rt-dev)

# packages_of TARGET: the Debian packages it needs, one a line
packages_of()
{
	printf '%s\n' "${BUILD_PACKAGES[@]}"
	case $1 in
	check | distcheck | check-lint | check-asan | check-tsan | check-dist)
		printf '%s\n' "${CHECK_PACKAGES[@]}" ;;
	check-clang | check-fuzz)
		printf '%s\n' "${CHECK_PACKAGES[@]}" "${CLANG_PACKAGES[@]}" ;;
	check-conformance)
		package_of_command node nodejs
		package_of_command npm npm ;;
	esac
}

# package_of_command COMMAND PACKAGE: the package, unless the command is there
# already (node does not always come from Debian)
package_of_command()
{
	command -v "$1" >/dev/null || echo "$2"
}

# build_of TARGET: sets folder, options, programs to build first, and goal
build_of()
{
	folder=build
	options=()
	programs=(check-programs)
	goal=("$1")
	case $1 in
	check) ;;
	demo | bench | install | distcheck | check-lint | check-conformance | \
	    all)
		programs=(all) ;;
	check-clang)
		folder=build-clang
		options=(CC=clang --enable-werror)
		goal=(check E2E_TESTS= REGRESS_TESTS= LINT_TESTS=) ;;
	check-asan)
		folder=build-asan
		options=(--enable-werror --enable-sanitizers=address,undefined)
		goal=(check LINT_TESTS=) ;;
	check-tsan)
		folder=build-tsan
		options=(--enable-werror --enable-sanitizers=thread)
		goal=(check-threads) ;;
	check-fuzz)
		folder=build-fuzz
		options=(CC=clang --enable-werror --enable-fuzzing)
		goal=(check-fuzz "FUZZ_SECONDS=${FUZZ_SECONDS:-10}") ;;
	check-dist)
		folder=build-dist
		programs=(all)
		goal=(distcheck E2E_TESTS= REGRESS_TESTS=) ;;
	*)
		usage >&2
		die "no target is called $1" ;;
	esac
}

# --- packages --------------------------------------------------------------

is_installed()
{
	[ "$(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null)" = \
	    installed ]
}

as_root()
{
	if [ "$(id -u)" = 0 ]; then
		"$@"
	elif command -v sudo >/dev/null; then
		sudo "$@"
	else
		die "not root, and no sudo: as root, run: $*"
	fi
}

# install_packages TARGET: apt is not touched when nothing is missing
install_packages()
{
	local package missing=()

	if ! command -v dpkg-query >/dev/null; then
		say "not a Debian system: configure will say what is missing"
		return
	fi
	for package in $(packages_of "$1"); do
		is_installed "$package" || missing+=("$package")
	done
	if [ ${#missing[@]} = 0 ]; then
		return
	fi
	if [ "$install" = no ]; then
		die "missing packages: ${missing[*]}"
	fi
	say "installing missing packages: ${missing[*]}"
	as_root apt-get update -q
	as_root env DEBIAN_FRONTEND=noninteractive apt-get install -q -y \
	    --no-install-recommends "${missing[@]}"
}

# --- generating and configuring --------------------------------------------

generate()
{
	tests/list-files
	autoreconf --force --install
}

# Once generated, make notices by itself what has to be made again.
generate_if_needed()
{
	tests/list-files
	if [ ! -x configure ] || [ ! -e Makefile.in ] || [ ! -d autotools ] ||
	    [ configure.ac -nt configure ]; then
		say "generating"
		generate
	fi
}

# configure_in FOLDER OPTION…: again only when the options have changed
configure_in()
{
	local folder=$1 wanted
	shift
	wanted=$(printf '%q ' "$@")
	mkdir -p "$folder"
	if [ -e "$folder/Makefile" ] &&
	    [ "$(cat "$folder/configured-with" 2>/dev/null)" = "$wanted" ]; then
		return
	fi
	say "configuring in $folder"
	(cd "$folder" && rm -f configured-with && ../configure -q "$@")
	if [ -e "$folder/config.h" ] || [ -e "$folder/liblarder.a" ]; then
		make -C "$folder" -s clean # made with other options
	fi
	printf '%s\n' "$wanted" >"$folder/configured-with"
}

# The thread sanitizers of gcc 12 and clang 14 do not know the wide address
# space randomisation of newer kernels.
without_randomisation()
{
	if setarch -R true 2>/dev/null; then
		setarch -R "$@"
	else
		"$@"
	fi
}

# Tests mostly wait: more of them than of compilers run at once.
make_target()
{
	local jobs=${JOBS:-$(nproc)}

	say "building in $folder"
	make -C "$folder" -s -j "$jobs" "${programs[@]}"
	say "make ${goal[*]}"
	case $1 in
	install)
		install_from "$folder" ;;
	check-tsan)
		without_randomisation \
		    make -C "$folder" -s -j $((3 * jobs)) "${goal[@]}" ;;
	*)
		make -C "$folder" -s -j $((3 * jobs)) "${goal[@]}" ;;
	esac
}

install_from()
{
	if [ -n "${DESTDIR-}" ] || [ -w "$(prefix_of "$1")" ]; then
		make -C "$1" -s install
	else
		as_root make -C "$1" -s install
	fi
}

prefix_of()
{
	sed -n 's/^prefix = //p' "$1/Makefile"
}

# --- main ------------------------------------------------------------------

install=yes
target=
own_options=()
for argument; do
	case $argument in
	-h | --help)
		usage
		exit 0 ;;
	--no-install)
		install=no ;;
	*)
		if [ -z "$target" ]; then
			target=$argument
		else
			own_options+=("$argument")
		fi ;;
	esac
done
if [ -z "$target" ]; then
	generate
	exit 0
fi
build_of "$target"
install_packages "$target"
generate_if_needed
configure_in "$folder" "${options[@]}" "${own_options[@]}"
make_target "$target"
