#!/usr/bin/env bash
# Installs what the arm64 tests need: a cross compiler, qemu's emulation of programs, and an arm64 CPython.
#
#   tools/install-arm64.sh [--require] [--all]
#
# Compiler and emulator come from the system's own packages. CPython 3.14 comes from the same Debian suite as the one of
# tools/install-pythons.sh, and is unpacked into a folder of its own, with its own C library.
#
#   PYREWRITE_ARM64     where to unpack (default: .arm64 in the project)
#   --require, CI=true  what cannot be installed is a failure
#   --all               cross compilers for riscv64 and 32-bit arm as well
set -euo pipefail

project=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
root=${PYREWRITE_ARM64:-$project/.arm64}
suite=forky
version=3.14
keyring=/usr/share/keyrings/debian-archive-keyring.gpg
require=false
all=false
if [ "${CI:-}" = true ]; then require=true; fi
for option in "$@"; do
  case $option in
    --require) require=true ;;
    --all) all=true ;;
    *)
      echo "install-arm64: unknown option $option" >&2
      exit 2
      ;;
  esac
done

say() { printf 'install-arm64: %s\n' "$*"; }

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

packages() {
  command -v aarch64-linux-gnu-gcc >/dev/null || echo gcc-aarch64-linux-gnu libc6-dev-arm64-cross
  command -v qemu-aarch64 >/dev/null || echo qemu-user
  [ -f "$keyring" ] || echo debian-archive-keyring
  $all || return 0
  command -v riscv64-linux-gnu-gcc >/dev/null || echo gcc-riscv64-linux-gnu libc6-dev-riscv64-cross
  command -v arm-linux-gnueabihf-gcc >/dev/null || echo gcc-arm-linux-gnueabihf libc6-dev-armhf-cross
}

install_tools() {
  local missing
  mapfile -t missing < <(packages | tr ' ' '\n')
  [ "${#missing[@]}" = 0 ] && return
  say "installing ${missing[*]} on this machine"
  as_root apt-get -qq update
  as_root apt-get -qq install --yes --no-install-recommends "${missing[@]}" >/dev/null
}

debian_mirror() {
  local mirror
  # shellcheck disable=SC2016 # apt-get fills these in
  mirror=$(apt-get indextargets --format '$(REPO_URI) $(ORIGIN) $(LABEL)' 2>/dev/null |
    awk '$2 == "Debian" && $3 == "Debian" { print $1; exit }') || true
  printf '%s\n' "${mirror:-http://deb.debian.org/debian}"
}

# apt-get that sees only the private folder, and arm64 packages.
private_apt() {
  apt-get -q \
    -o APT::Architecture=arm64 -o APT::Architectures=arm64 \
    -o Dir::Etc::SourceList="$root.apt/sources.list" -o Dir::Etc::SourceParts=/dev/null \
    -o Dir::Etc::Preferences=/dev/null -o Dir::Etc::PreferencesParts=/dev/null \
    -o Dir::State="$root.apt/state" -o Dir::State::Lists="$root.apt/lists" -o Dir::State::status="$root.apt/status" \
    -o Dir::Cache="$root.apt/cache" -o APT::Sandbox::User=root -o APT::Install-Recommends=false \
    -o Acquire::Languages=none -o Debug::NoLocking=true -o DPkg::Post-Invoke= -o APT::Update::Post-Invoke= \
    "$@"
}

download() {
  mkdir -p "$root.apt"/{state,lists/partial,cache/archives/partial}
  : >"$root.apt/status"
  printf 'deb [signed-by=%s] %s %s main\n' "$keyring" "$(debian_mirror)" "$suite" >"$root.apt/sources.list"
  private_apt update >/dev/null && private_apt install --yes --download-only "python$version" >/dev/null
}

unpack() {
  rm -rf "$root"
  mkdir -p "$root"/usr/{bin,sbin,lib,lib64}
  local folder package
  for folder in bin sbin lib lib64; do ln -s "usr/$folder" "$root/$folder"; done
  for package in "$root.apt"/cache/archives/*.deb; do dpkg-deb -x "$package" "$root"; done
}

# A command that is the interpreter: the tests start it like any other.
write_command() {
  cat >"$root/python$version" <<END
#!/bin/sh
exec qemu-aarch64 -L '$root' '$root/usr/bin/python$version' "\$@"
END
  chmod +x "$root/python$version"
}

works() { [ -x "$root/python$version" ] && "$root/python$version" -I -S -c pass; }

install_python() {
  if works; then return; fi
  say "installing CPython $version for arm64 into $root"
  download && unpack && write_command
  rm -rf "$root.apt"
  works
}

install() {
  command -v apt-get >/dev/null && command -v dpkg-deb >/dev/null && install_tools && install_python
}

if install; then
  say "$(aarch64-linux-gnu-gcc --version | head -n 1); CPython $version in $root"
else
  say "cannot install the tools for arm64"
  if $require; then exit 1; fi
fi
