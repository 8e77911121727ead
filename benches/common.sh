# What the scripts beside it share: their options, the binary and a scratch folder. Sourced with `runs` set:
#
#   runs=20
#   . "${0%/*}/common.sh"
#
# Leaves `binary` (an absolute path), `runs`, `scratch` (a folder that goes away at the end) and the arguments behind the
# options. A script's first comment is its usage.
set -euo pipefail
export LC_ALL=C

usage() {
    awk 'NR > 1 && !/^#/ { exit } NR > 1 { sub(/^# ?/, ""); print }' "$0"
}

# Ends the script where one of the programs is not there.
needs() {
    for tool in "$@"; do
        type -P "$tool" >/dev/null || { echo "$0: $tool is missing" >&2; exit 2; }
    done
}

binary=shipworthy
while getopts b:n:h option; do
    case $option in
        b) binary=$OPTARG ;;
        n) runs=$OPTARG ;;
        h) usage; exit 0 ;;
        *) usage >&2; exit 2 ;;
    esac
done
shift $((OPTIND - 1))
needs "$binary"
binary=$(realpath "$(type -P "$binary")")
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
