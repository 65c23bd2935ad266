# shellcheck shell=bash disable=SC2154 # script/machine sources all the parts, and script/lib/env
# Sourced: how a machine ends.

# Ends every process of the machine, whatever a harness that crashed knew of it. Its mounts go with its namespaces.
kill_machine() {
  [[ -d $cgroup ]] || return 0
  local deadline=$((SECONDS + 20))
  echo 1 >"$cgroup/cgroup.kill"
  # A dead process keeps its cgroup busy until it is reaped.
  until find "$cgroup" -depth -type d -exec rmdir {} + 2>/dev/null; do
    ((SECONDS < deadline)) || fail "processes of $name do not end: $(cat "$(find "$cgroup" -name cgroup.procs)")"
    sleep 0.02
  done
}

# Leaves the folder alone, as it is locked: the next up fills it, or down removes it.
clear_machine() {
  kill_machine
  unmount_disk
  rm -rf --one-file-system "${dir:?}"/*
}
