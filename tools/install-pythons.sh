#!/usr/bin/env bash
# Installs the interpreters that the tests need and this machine lacks, and says which of all eight it finds.
#
#   tools/install-pythons.sh [--require]
#
# CPython 3.14 and 3.15 (with their debug builds and test packages) come from a Debian suite that is newer than
# most machines. They are unpacked into a folder of their own, with their own C library: nothing of the system
# changes, except that patchelf is installed where it is missing. 3.8 to 3.13 are only looked for.
#
#   PYREWRITE_PYTHONS   where to install (default: .pythons in the project)
#   --require, CI=true  a missing interpreter is a failure
set -euo pipefail

project=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
pythons=${PYREWRITE_PYTHONS:-$project/.pythons}
suite=forky
installed_versions=(3.14 3.15)
located_versions=(3.8 3.9 3.10 3.11 3.12 3.13)
root=$pythons/debian-$suite
keyring=/usr/share/keyrings/debian-archive-keyring.gpg
require=false
if [ "${CI:-}" = true ] || [ "${1:-}" = --require ]; then require=true; fi

say() { printf 'install-pythons: %s\n' "$*"; }

die() {
  printf 'install-pythons: %s\n' "$*" >&2
  exit 1
}

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

# The mirror that this machine's own apt uses, so that proxies and local mirrors go on working.
debian_mirror() {
  local mirror
  # shellcheck disable=SC2016 # apt-get fills these in
  mirror=$(apt-get indextargets --format '$(REPO_URI) $(ORIGIN) $(LABEL)' 2>/dev/null |
    awk '$2 == "Debian" && $3 == "Debian" { print $1; exit }') || true
  if [ -z "$mirror" ]; then
    # before the first apt-get update the sources themselves must do
    mirror=$(grep -rhE '^(deb|URIs:)[[:space:]]' /etc/apt/sources.list /etc/apt/sources.list.d 2>/dev/null |
      grep -oE 'https?://[^[:space:]]+/debian/?([[:space:]]|$)' | head -n 1) || true
  fi
  printf '%s\n' "${mirror:-http://deb.debian.org/debian}" | tr -d ' '
}

# apt-get that sees only the private folder: own lists, cache, status file and one source.
private_apt() {
  apt-get -q \
    -o Dir::Etc::SourceList="$root.apt/sources.list" -o Dir::Etc::SourceParts=/dev/null \
    -o Dir::Etc::Preferences=/dev/null -o Dir::Etc::PreferencesParts=/dev/null \
    -o Dir::State="$root.apt/state" -o Dir::State::Lists="$root.apt/lists" -o Dir::State::status="$root.apt/status" \
    -o Dir::Cache="$root.apt/cache" -o APT::Sandbox::User=root -o APT::Install-Recommends=false \
    -o Acquire::Languages=none -o Debug::NoLocking=true -o DPkg::Post-Invoke= -o APT::Update::Post-Invoke= \
    "$@"
}

prepare_private_apt() {
  mkdir -p "$root.apt"/{state,lists/partial,cache/archives/partial}
  : >"$root.apt/status"
  local mirror
  mirror=$(debian_mirror)
  say "Debian $suite from $mirror"
  printf 'deb [signed-by=%s] %s %s main\n' "$keyring" "$mirror" "$suite" >"$root.apt/sources.list"
}

packages() {
  local version
  for version in "${installed_versions[@]}"; do
    printf '%s\n' "python$version" "python$version-dev" "python$version-dbg" "libpython$version-testsuite"
  done
}

download() {
  prepare_private_apt
  # shellcheck disable=SC2046 # one word per package
  private_apt update >/dev/null && private_apt install --yes --download-only $(packages) >/dev/null ||
    die "cannot download Python ${installed_versions[*]} from Debian $suite"
  say "downloaded $(find "$root.apt/cache/archives" -name '*.deb' | wc -l) packages, $(du -sh "$root.apt/cache/archives" | cut -f1)"
}

unpack() {
  rm -rf "$root"
  mkdir -p "$root"/usr/{bin,sbin,lib,lib64}
  local folder
  for folder in bin sbin lib lib64; do ln -s "usr/$folder" "$root/$folder"; done
  local package
  for package in "$root.apt"/cache/archives/*.deb; do dpkg-deb -x "$package" "$root"; done
}

triplet() { basename "$(dirname "$(find "$root/usr/lib" -maxdepth 2 -name 'libc.so.6' | head -n 1)")"; }

# Only the executables are patched: their RPATH (not RUNPATH) also serves the libraries that they load.
patch_binaries() {
  local libraries loader binary
  libraries=$root/usr/lib/$(triplet)
  loader=$(find "$libraries" -maxdepth 1 -name 'ld-linux-*.so.*' | head -n 1)
  for binary in "$root"/usr/bin/python3.*; do
    if [ -L "$binary" ] || ! head -c 4 "$binary" | grep -q ELF; then continue; fi
    patchelf --set-interpreter "$loader" --force-rpath --set-rpath "$libraries" "$binary"
  done
}

ensure_tools() {
  local missing=()
  command -v patchelf >/dev/null || missing+=(patchelf)
  [ -f "$keyring" ] || missing+=(debian-archive-keyring)
  [ "${#missing[@]}" = 0 ] && return
  say "installing ${missing[*]} on this machine"
  as_root apt-get -qq update
  as_root apt-get -qq install --yes "${missing[@]}" >/dev/null
}

# The whole of it is there: extension modules, their libraries and the test packages.
works() { "$1" -c 'import ssl, sqlite3, ctypes, test.support, test.test_grammar' 2>/dev/null; }

all_installed() {
  local version
  for version in "${installed_versions[@]}"; do
    works "$root/usr/bin/python$version" && works "$root/usr/bin/python${version}d" || return 1
  done
}

install_new_versions() {
  if all_installed; then return; fi
  command -v apt-get >/dev/null && command -v dpkg-deb >/dev/null || {
    say "no apt-get and dpkg-deb here: cannot install ${installed_versions[*]}"
    return
  }
  ensure_tools
  say "installing ${installed_versions[*]} and their debug builds into $root"
  download
  unpack
  patch_binaries
  all_installed || die "the interpreters in $root do not work"
  rm -rf "$root.apt"
}

# First interpreter of a version: pyenv's, then PATH's.
locate() {
  local candidate
  for candidate in "${PYENV_ROOT:-$HOME/.pyenv}"/versions/"$1".*/bin/python3 "$(command -v "python$1" || true)"; do
    if [ -x "$candidate" ] && [ "$("$candidate" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null)" = "$1" ]; then
      printf '%s\n' "$candidate"
      return
    fi
  done
}

report() {
  local version path missing=0
  for version in "${located_versions[@]}"; do
    path=$(locate "$version")
    say "$version ${path:-MISSING}"
    [ -n "$path" ] || missing=$((missing + 1))
  done
  for version in "${installed_versions[@]}"; do
    for path in "$root/usr/bin/python$version" "$root/usr/bin/python${version}d"; do
      if [ -x "$path" ]; then
        say "$version $path"
      else
        say "$version MISSING ($path)"
        missing=$((missing + 1))
      fi
    done
  done
  if [ "$missing" != 0 ]; then
    say "$missing interpreters are missing; install them with pyenv, or put python3.X on PATH"
    if $require; then exit 1; fi
  fi
}

mkdir -p "$pythons"
install_new_versions
report
