#!/usr/bin/env bash
# Builds CPython 3.13 without the GIL from Debian's source package, for the tests that need it. No release of Debian has
# a package of it. CI does without: a build takes about six minutes of CPU time, the one with ThreadSanitizer more.
#
#   tools/install-free-threaded.sh [--sanitizer]
#
#   --sanitizer         one more, with ThreadSanitizer, into a folder beside it
#   PYREWRITE_PYTHONS   where to install (default: .pythons in the project)
set -euo pipefail
# shellcheck source=tools/install-common.sh
. "$(dirname "${BASH_SOURCE[0]}")/install-common.sh"

project=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
pythons=${PYREWRITE_PYTHONS:-$project/.pythons}
version=3.13
work=$pythons/free-threaded.build

ensure_tools() {
  local missing=() package
  for package in build-essential debian-archive-keyring libffi-dev libssl-dev zlib1g-dev; do
    dpkg -s "$package" >/dev/null 2>&1 || missing+=("$package")
  done
  install_packages "${missing[@]}"
}

download() {
  prepare_private_apt "$work/apt" deb-src
  private_apt "$work/apt" update >/dev/null
  (cd "$work" && private_apt "$work/apt" source --download-only "python$version" >/dev/null) ||
    die "cannot download the source of Python $version from Debian $suite"
  mkdir -p "$work/source"
  tar -xf "$work"/python"$version"_*.orig.tar.xz -C "$work/source" --strip-components 1
}

# With its own test suite, which tools/cpython-suite runs.
works() {
  TSAN_OPTIONS=report_bugs=0 "$1" -c 'import ctypes, ssl, sys, test.support, _testcapi; sys.exit(sys._is_gil_enabled())' 2>/dev/null
}

# Only the name with the "t": others would be taken for the build with the GIL.
build() {
  local prefix=$1
  shift
  [ -d "$work/source" ] || download
  say "building Python ${version}t into $prefix"
  mkdir -p "$work/$(basename "$prefix")"
  (
    cd "$work/$(basename "$prefix")"
    export TSAN_OPTIONS=report_bugs=0
    ../source/configure --disable-gil --without-ensurepip --prefix="$prefix" "$@" >configure.log 2>&1 &&
      make -j"$(nproc)" >make.log 2>&1 &&
      make COMPILEALL_OPTS=-j1 altinstall >install.log 2>&1
  ) || die "that failed, see the logs in $work/$(basename "$prefix")"
  rm -f "$prefix/bin/python$version"
}

one() {
  local prefix=$1
  shift
  if works "$prefix/bin/python${version}t"; then return; fi
  ensure_tools
  build "$prefix" "$@"
  works "$prefix/bin/python${version}t" || die "the interpreter in $prefix does not work"
}

mkdir -p "$pythons"
exec 9>"$pythons/free-threaded.lock"
flock -n 9 || die "another one builds in $work"
one "$pythons/free-threaded" CFLAGS=-O2
if [ "${1:-}" = --sanitizer ]; then
  one "$pythons/free-threaded-tsan" --with-thread-sanitizer CFLAGS=-O1
  if [ -d "$work/source" ]; then
    cp "$work/source/Tools/tsan/suppressions_free_threading.txt" "$pythons/free-threaded-tsan/suppressions.txt"
  fi
fi
rm -rf "$work"
say "${version}t $pythons/free-threaded/bin/python${version}t"
