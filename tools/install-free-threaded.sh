#!/usr/bin/env bash
# Builds CPython 3.13 without the GIL from Debian's source package, for the tests that need it. No release of Debian has
# a package of it. CI does without: a build takes five to ten minutes on two cores.
#
#   tools/install-free-threaded.sh [--sanitizer]
#
#   --sanitizer         one more, with ThreadSanitizer, into a folder beside it
#   PYREWRITE_PYTHONS   where to install (default: .pythons in the project)
set -euo pipefail

project=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
pythons=${PYREWRITE_PYTHONS:-$project/.pythons}
suite=forky
version=3.13
keyring=/usr/share/keyrings/debian-archive-keyring.gpg
work=$pythons/free-threaded.build

say() { printf 'install-free-threaded: %s\n' "$*"; }

die() {
  printf 'install-free-threaded: %s\n' "$*" >&2
  exit 1
}

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

debian_mirror() {
  local mirror
  mirror=$(grep -rhE '^(deb|URIs:)[[:space:]]' /etc/apt/sources.list /etc/apt/sources.list.d 2>/dev/null |
    grep -oE 'https?://[^[:space:]]+/debian/?([[:space:]]|$)' | head -n 1) || true
  printf '%s\n' "${mirror:-http://deb.debian.org/debian}" | tr -d ' '
}

# apt-get that sees only a private folder: own lists, cache and one source.
private_apt() {
  apt-get -q \
    -o Dir::Etc::SourceList="$work/apt/sources.list" -o Dir::Etc::SourceParts=/dev/null \
    -o Dir::State="$work/apt/state" -o Dir::State::Lists="$work/apt/lists" -o Dir::State::status="$work/apt/status" \
    -o Dir::Cache="$work/apt/cache" -o APT::Sandbox::User=root -o Acquire::Languages=none -o Debug::NoLocking=true \
    "$@"
}

ensure_tools() {
  local missing=() package
  for package in build-essential libffi-dev libssl-dev zlib1g-dev; do
    dpkg -s "$package" >/dev/null 2>&1 || missing+=("$package")
  done
  [ "${#missing[@]}" = 0 ] && return
  say "installing ${missing[*]} on this machine"
  as_root apt-get -qq update
  as_root apt-get -qq install --yes "${missing[@]}" >/dev/null
}

download() {
  mkdir -p "$work"/apt/{state,lists/partial,cache/archives/partial}
  : >"$work/apt/status"
  printf 'deb-src [signed-by=%s] %s %s main\n' "$keyring" "$(debian_mirror)" "$suite" >"$work/apt/sources.list"
  private_apt update >/dev/null
  (cd "$work" && private_apt source --download-only "python$version" >/dev/null) ||
    die "cannot download the source of Python $version from Debian $suite"
  mkdir -p "$work/source"
  tar -xf "$work"/python"$version"_*.orig.tar.xz -C "$work/source" --strip-components 1
}

works() { TSAN_OPTIONS=report_bugs=0 "$1" -c 'import ctypes, ssl, sys; sys.exit(sys._is_gil_enabled())' 2>/dev/null; }

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
one "$pythons/free-threaded" CFLAGS=-O2
if [ "${1:-}" = --sanitizer ]; then
  one "$pythons/free-threaded-tsan" --with-thread-sanitizer CFLAGS=-O1
  if [ -d "$work/source" ]; then
    cp "$work/source/Tools/tsan/suppressions_free_threading.txt" "$pythons/free-threaded-tsan/suppressions.txt"
  fi
fi
rm -rf "$work"
say "${version}t $pythons/free-threaded/bin/python${version}t"
