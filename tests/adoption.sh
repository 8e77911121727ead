#!/usr/bin/env bash
# Proves the ways in which teams meet shipworthy with the real tools: pre-commit, pip, and readers of SARIF. Needs cargo,
# git, Python with venv, npx, and their registries. Run by hand before a release: tests/adoption.sh
set -euo pipefail
checkout=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

say() { printf '\n== %s\n' "$*"; }
fails_with() {
  local expected=$1 code=0
  shift
  "$@" || code=$?
  [ "$code" -eq "$expected" ] || { echo "expected exit code $expected, got $code: $*" >&2; exit 1; }
}

say "a fresh clone, and a project with mistakes"
git clone -q "$checkout" "$work/shipworthy"
cp -r "$checkout/testdata/projects/readme" "$work/project"
rm -f "$work/project/expected.txt"
cd "$work/project"
git init -q . && git add -A
git -c user.name=test -c user.email=test@example.org commit -qm "a project"
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q pre-commit sarif-tools

say "pre-commit try-repo fails on the mistakes"
export PRE_COMMIT_HOME=$work/pre-commit
fails_with 1 "$work/venv/bin/pre-commit" try-repo "$work/shipworthy" shipworthy --all-files | tee "$work/hook.txt"
grep -q 'settings/debug-enabled' "$work/hook.txt"
printf '[severity]\nall = "note"\n' > shipworthy.toml
git add -A
fails_with 0 "$work/venv/bin/pre-commit" try-repo "$work/shipworthy" shipworthy --all-files

say "a wheel is built, installed and run"
rm shipworthy.toml
"$work/venv/bin/pip" wheel -q --no-deps --wheel-dir "$work/dist" "$work/shipworthy"
python3 -m venv "$work/fresh"
"$work/fresh/bin/pip" install -q --no-index "$work"/dist/shipworthy-*.whl
fails_with 1 "$work/fresh/bin/shipworthy" check --format concise | tee "$work/wheel.txt"
grep -q 'settings/debug-enabled' "$work/wheel.txt"

say "SARIF is valid"
"$work/fresh/bin/shipworthy" check --exit-zero --format sarif > "$work/report.sarif"
# Its exit code says nothing: its words do. SARIF2005 asks for a home page, which there is none of yet.
npx --yes @microsoft/sarif-multitool validate "$work/report.sarif" | tee "$work/multitool.txt"
if grep -E ': (error|warning) ' "$work/multitool.txt" | grep -vq 'SARIF2005'; then
  echo "the multitool objects" >&2
  exit 1
fi
"$work/venv/bin/sarif" summary "$work/report.sarif"

say "all is well"
