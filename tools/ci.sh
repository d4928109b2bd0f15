#!/usr/bin/env bash
# Everything that must hold before a change lands: interpreters, formatting, types, tests.
# Needs `npm ci` and `npm run build` before. Its last line is `N passed, N failed`.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# In CI a missing interpreter is a failure and not a skip.
export CI=true
results=$(mktemp)
step=start
finish() {
  local status=$?
  if [ "$status" = 0 ] || [ "$step" = tests ]; then
    node -e '
      const { readFileSync } = require("node:fs");
      let passed = 0, failed = 0, skipped = 0;
      try {
        const results = JSON.parse(readFileSync(process.argv[1], "utf8"));
        passed = results.numPassedTests;
        skipped = results.numPendingTests;
        // A file that cannot even be loaded has no failed tests of its own.
        const broken = results.testResults.filter((file) => file.status === "failed" && file.assertionResults.every((test) => test.status !== "failed"));
        failed = results.numFailedTests + broken.length;
      } catch {
        failed = 1;
      }
      if (skipped > 0) console.log(`${skipped} skipped`);
      console.log(`${passed} passed, ${failed} failed`);
    ' "$results"
  else
    echo "ci: $step failed"
    echo '0 passed, 1 failed'
  fi
  rm -f "$results"
}
trap finish EXIT

step=installation
tools/install-pythons.sh --require
tools/install-arm64.sh --require
tools/install-consumers.sh --require
step=browser
tools/install-browser.sh --require
step=check
npm run check
step=tests
npx vitest run --reporter=default --reporter=json --outputFile.json="$results"
