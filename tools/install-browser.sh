#!/usr/bin/env bash
# Installs the browser that the tests of HTML reports need: Chromium, from the system's own packages.
#
#   tools/install-browser.sh [--require]
#
#   PYREWRITE_CHROMIUM  another browser of its kind (default: chromium on PATH)
#   --require, CI=true  what cannot be installed is a failure
set -euo pipefail
# shellcheck source=tools/install-common.sh
. "$(dirname "${BASH_SOURCE[0]}")/install-common.sh"

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

browser() { printf '%s\n' "${PYREWRITE_CHROMIUM:-chromium}"; }

found() { command -v "$(browser)" >/dev/null; }

install() {
  found && return
  command -v apt-get >/dev/null || return
  install_packages chromium fonts-dejavu-core
  found
}

if install; then
  say "$("$(browser)" --version 2>/dev/null | head -n 1)"
else
  say 'cannot install chromium'
  if $require; then exit 1; fi
fi
