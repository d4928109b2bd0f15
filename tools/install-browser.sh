#!/usr/bin/env bash
# Installs the browser that the tests of HTML reports need: Chromium, from the system's own packages.
#
#   tools/install-browser.sh [--require]
#
#   PYREWRITE_CHROMIUM  another browser of its kind (default: chromium on PATH)
#   --require, CI=true  what cannot be installed is a failure
set -euo pipefail

require=false
if [ "${CI:-}" = true ]; then require=true; fi
for option in "$@"; do
  case $option in
    --require) require=true ;;
    *)
      echo "install-browser: unknown option $option" >&2
      exit 2
      ;;
  esac
done

say() { printf 'install-browser: %s\n' "$*"; }

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

browser() { printf '%s\n' "${PYREWRITE_CHROMIUM:-chromium}"; }

found() { command -v "$(browser)" >/dev/null; }

install() {
  found && return
  command -v apt-get >/dev/null || return
  say 'installing chromium on this machine'
  as_root apt-get -qq update
  as_root apt-get -qq install --yes --no-install-recommends chromium fonts-dejavu-core >/dev/null
  found
}

if install; then
  say "$("$(browser)" --version 2>/dev/null | head -n 1)"
else
  say 'cannot install chromium'
  if $require; then exit 1; fi
fi
