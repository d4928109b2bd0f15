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
# shellcheck source=tools/install-common.sh
. "$(dirname "${BASH_SOURCE[0]}")/install-common.sh"

project=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
pythons=${PYREWRITE_PYTHONS:-$project/.pythons}
installed_versions=(3.14 3.15)
located_versions=(3.8 3.9 3.10 3.11 3.12 3.13)
root=$pythons/debian-$suite
require=false
if [ "${CI:-}" = true ] || [ "${1:-}" = --require ]; then require=true; fi

packages() {
  local version
  for version in "${installed_versions[@]}"; do
    printf '%s\n' "python$version" "python$version-dev" "python$version-dbg" "libpython$version-testsuite"
  done
}

download() {
  prepare_private_apt "$root.apt" deb
  # shellcheck disable=SC2046 # one word per package
  private_apt "$root.apt" update >/dev/null && private_apt "$root.apt" install --yes --download-only $(packages) >/dev/null ||
    die "cannot download Python ${installed_versions[*]} from Debian $suite"
  say "downloaded $(find "$root.apt/cache/archives" -name '*.deb' | wc -l) packages, $(du -sh "$root.apt/cache/archives" | cut -f1)"
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
  install_packages "${missing[@]}"
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
  unpack "$root" "$root.apt"
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
