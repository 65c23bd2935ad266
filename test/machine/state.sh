# shellcheck shell=bash disable=SC2154 # script/machine sources all the parts, and script/lib/env
# Sourced: what is kept of a machine, and where.
#
#   <cache>/machines/NAME/
#     net, binds, lower    how it was asked for: the network, one bind a line, a link to the image
#     upper, work          the overlay: everything written since it was made; on disk, so that a reboot finds it
#     disk.img, disk, loop that disk, when the machine has one of its own (disk.sh)
#     pid                  its PID 1 as the host sees it
#     console.log          what was said before there was a journal
#   <cgroup2>/bough-NAME-<hash>/
#     harness              unshare, waiting for PID 1
#     payload              the machine's own root cgroup

machines=$bough_cache/machines

say() { echo "machine: $*" >&2; }
fail() { say "$*"; exit 1; }

# Sets name, dir and cgroup. The hash keeps machines of one name in two caches apart.
select_machine() {
  name=$1 dir=$machines/$1
  [[ $name =~ ^[a-z0-9][a-z0-9-]{0,39}$ ]] || fail "'$name' cannot name a machine: use a-z, 0-9 and -, at most 40"
  # At /sys/fs/cgroup on most hosts; beside the older hierarchies, as .../unified, on some.
  local cgroup2 hash
  cgroup2=$(findmnt --first-only --noheadings --types cgroup2 --output TARGET) || fail "this host has no cgroup2 mounted"
  hash=$(sha256sum <<<"$dir")
  cgroup=$cgroup2/bough-$name-${hash:0:8}
}

# Holds the machine for this process. down removes the folder under whoever waits for it, who must then begin again.
lock_machine() {
  while :; do
    mkdir -p "$dir"
    exec {machine_lock}<"$dir"
    flock "$machine_lock"
    [[ $dir -ef /proc/$$/fd/$machine_lock ]] && return
    exec {machine_lock}<&-
  done
}

# The cgroup tells the machine's PID 1 from a stranger who was given the same number later.
running() {
  local pid
  pid=$(cat "$dir/pid" 2>/dev/null) && grep -qs "/${cgroup##*/}/payload" "/proc/$pid/cgroup"
}

# assert_bind BIND: that it says where from and where to.
assert_bind() {
  local source target mode
  IFS=: read -r source target mode <<<"$1"
  [[ $target == /* && -e $source && ${mode:-ro} == ro ]] || fail "--bind is SRC:DST or SRC:DST:ro with an SRC that exists, not '$1'"
}

# describe_machine IMAGE NET BIND…
describe_machine() {
  local bind source target mode
  mkdir -p "$dir/upper"
  ln -s "$1" "$dir/lower"
  for bind in "${@:3}"; do
    IFS=: read -r source target mode <<<"$bind"
    echo "$(realpath -- "$source"):$target:$mode"
  done >"$dir/binds"
  echo "$2" >"$dir/net"
}

list_machines() {
  local path
  for path in "$machines"/*/; do
    [[ -e $path/net ]] || continue
    select_machine "$(basename "$path")"
    printf '%-20s %-24s %-8s %s\n' "$name" "$(basename "$(readlink "$dir/lower")")" "$(<"$dir/net")" \
      "$(if running; then echo "running, PID $(<"$dir/pid")"; else echo dead; fi)"
  done
}
