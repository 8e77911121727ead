#!/usr/bin/env bash
# Measures shipworthy on checkouts that you name, as ratios to a search over the same files.
#
#   benches/compare.sh [-b BINARY] [-n RUNS] [REPOSITORY...]
#
#   -b BINARY   the binary to measure (default: shipworthy on the PATH)
#   -n RUNS     timed runs of each command, after three to warm up (default: 20)
#
# Prints Markdown tables: start-up, then a line for each REPOSITORY. It fetches nothing and writes nothing into a
# REPOSITORY. Numbers of two machines do not compare; ratios nearly do, which is why `rg -c zzzz` is measured too: it
# walks the same tree with the same ignore files and reads every text file in it once, and does nothing else.
#
# Needs (all packaged by Debian): bash, awk, ripgrep, hyperfine and GNU time. With strace, it also
# counts the Python files that are opened. Build the binary with `cargo build --release`, as other profiles say nothing.
runs=20
. "${0%/*}/common.sh"

gnu_time=$(type -P time || true)
needs rg hyperfine "${gnu_time:-GNU time}"

# Prints the elapsed (median) and CPU time (mean of user and system together) of a command, in milliseconds. What it
# exits with does not matter: findings, and a search that finds nothing, exit with 1.
milliseconds() {
    hyperfine -N -i -w 3 -r "$runs" --style none --export-csv "$scratch/times.csv" "$1" >/dev/null 2>&1
    # command,mean,stddev,median,user,system,min,max; only the command may hold commas, so count from the end.
    awk -F, 'NR == 2 { printf "%.1f %.1f\n", $(NF - 4) * 1000, ($(NF - 3) + $(NF - 2)) * 1000 }' "$scratch/times.csv"
}

# Prints the peak of a command's resident memory, in MiB: the highest of three runs.
megabytes() {
    for _ in 1 2 3; do
        "$gnu_time" -q -f %M -a -o "$scratch/memory" "$@" >/dev/null 2>&1 || true
    done
    sort -n "$scratch/memory" | awk 'END { printf "%.0f\n", $1 / 1024 }'
    rm -f "$scratch/memory"
}

# Prints how many Python files a command opens, each counted once, and how many of them are migrations; question marks
# where strace is not there.
python_opened() {
    type -P strace >/dev/null || { echo '? ?'; return; }
    strace -f -qq -e trace=open,openat -o "$scratch/trace" "$@" >/dev/null 2>&1 || true
    # A line split by another thread's names the file in its first half.
    awk -F'"' '/open(at)?\(/ && $2 ~ /\.py$/ && !/ENOENT/ && !seen[$2]++ { n++; if ($2 ~ /migrations\//) m++ }
        END { print n + 0, m + 0 }' "$scratch/trace"
}

echo "$("$binary" --version), $(rg --version | awk 'NR == 1'), $(hyperfine --version), $(nproc) processors, $(uname -sm)"

mkdir "$scratch/empty"
read -r version_elapsed version_cpu < <(milliseconds "'$binary' --version")
read -r empty_elapsed empty_cpu < <(milliseconds "'$binary' check -q '$scratch/empty'")
printf '\n| start-up | elapsed ms | CPU ms | peak MiB |\n|---|---:|---:|---:|\n'
printf '| %s | %s | %s | %s |\n' \
    '`shipworthy --version`' "$version_elapsed" "$version_cpu" "$(megabytes "$binary" --version)" \
    '`shipworthy check`, empty folder' "$empty_elapsed" "$empty_cpu" "$(megabytes "$binary" check -q "$scratch/empty")"

[ $# -gt 0 ] || exit 0
printf '\n| repository | files | elapsed ms | CPU ms | `rg` elapsed ms | `rg` CPU ms | CPU ratio | peak MiB | Python files | opened | of them migrations |\n'
printf '|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|\n'
for repository in "$@"; do
    files=$(rg --files --hidden --glob '!.git' "$repository" | wc -l)
    python=$(rg --files --hidden --glob '*.py' "$repository" | wc -l)
    read -r elapsed cpu < <(milliseconds "'$binary' check -q '$repository'")
    read -r rg_elapsed rg_cpu < <(milliseconds "rg -c zzzz '$repository'")
    ratio=$(awk -v ours="$cpu" -v theirs="$rg_cpu" 'BEGIN { printf "%.1f", ours / (theirs > 0 ? theirs : 0.1) }')
    peak=$(megabytes "$binary" check -q "$repository")
    read -r opened migrations < <(python_opened "$binary" check -q "$repository")
    printf '| %s | %s | %s | %s | %s | %s | %s | %s | %s | %s | %s |\n' "$(basename "$(realpath "$repository")")" \
        "$files" "$elapsed" "$cpu" "$rg_elapsed" "$rg_cpu" "$ratio" "$peak" "$python" "$opened" "$migrations"
done
