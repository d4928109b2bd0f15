#!/usr/bin/env bash
# Installs the programs of others that the tests open our exports with: pandas, pyarrow, DuckDB, matplotlib and a parser
# of OpenMetrics in a virtual environment; callgrind_annotate and genhtml from the system's packages. Beside them, for
# each version of Python, coverage.py, whose results must not change.
#
#   tools/install-consumers.sh [--require]
#
#   PYREWRITE_CONSUMERS  the virtual environment (default: .consumers in the project)
#   --require, CI=true   what cannot be installed is a failure
set -euo pipefail
# shellcheck source=tools/install-common.sh
. "$(dirname "${BASH_SOURCE[0]}")/install-common.sh"

project=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
root=${PYREWRITE_CONSUMERS:-$project/.consumers}
modules=(pandas pyarrow duckdb matplotlib prometheus_client)
versions=(3.8 3.9 3.10 3.11 3.12 3.13 3.14 3.15)
require=false
if [ "${CI:-}" = true ] || [ "${1:-}" = --require ]; then require=true; fi

packages() {
  command -v callgrind_annotate >/dev/null || echo valgrind
  command -v genhtml >/dev/null || echo lcov
  python3 -c 'import ensurepip, venv' 2>/dev/null || echo python3-venv
}

install_missing() {
  local missing
  mapfile -t missing < <(packages)
  [ "${#missing[@]}" = 0 ] && return
  command -v apt-get >/dev/null || return 1
  install_packages "${missing[@]}"
}

works() {
  [ -x "$root/bin/python" ] && "$root/bin/python" - "${modules[@]}" <<'END'
import importlib.util, sys
sys.exit(any(importlib.util.find_spec(name) is None for name in sys.argv[1:]))
END
}

install_modules() {
  if works; then return; fi
  say "installing ${modules[*]} into $root"
  python3 -m venv --clear "$root" &&
    "$root/bin/pip" install --quiet --disable-pip-version-check --only-binary :all: --no-compile "${modules[@]}" &&
    works
}

# Made for an interpreter that need not be here: wheels are unpacked, and run by the tests alone.
install_coverage() {
  local version pid pids=()
  for version in "${versions[@]}"; do
    [ -d "$root/coverage/$version/coverage" ] && continue
    "$root/bin/pip" install --quiet --disable-pip-version-check --only-binary :all: --no-compile --no-deps \
      --python-version "$version" --target "$root/coverage/$version" coverage &
    pids+=($!)
  done
  for pid in "${pids[@]}"; do wait "$pid" || return 1; done
}

# Both at once: each waits for the network most of the time.
install() {
  if ! python3 -c 'import ensurepip, venv' 2>/dev/null; then
    install_missing && install_modules && install_coverage
    return
  fi
  install_missing &
  local apt=$!
  install_modules && install_coverage && wait "$apt"
}

if install; then
  say "$("$root/bin/python" -c 'import sys; print("Python", sys.version.split()[0])') with ${modules[*]}; callgrind_annotate, genhtml; coverage.py for ${versions[*]}"
else
  say "cannot install the programs of others that the tests need"
  if $require; then exit 1; fi
fi
