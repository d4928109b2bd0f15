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
# shellcheck source=tools/install-common.sh
. "$(dirname "${BASH_SOURCE[0]}")/install-common.sh"

project=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
root=${PYREWRITE_ARM64:-$project/.arm64}
version=3.14
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
  install_packages "${missing[@]}"
}

arm64_apt() { private_apt "$root.apt" -o APT::Architecture=arm64 -o APT::Architectures=arm64 "$@"; }

download() {
  prepare_private_apt "$root.apt" deb
  arm64_apt update >/dev/null && arm64_apt install --yes --download-only "python$version" >/dev/null
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
  download && unpack "$root" "$root.apt" && write_command
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
