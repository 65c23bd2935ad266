# shellcheck shell=bash disable=SC2154 # script/machine sources all the parts, and script/lib/env
# Sourced: how a machine starts, and how one knows that it has.

boot_seconds=90

# What a machine must not do to its host; its own network it may configure. The same set as systemd-nspawn's, in short.
dropped_capabilities() {
  printf %s -sys_time,-sys_module,-sys_rawio,-syslog,-wake_alarm,-mac_admin,-mac_override
  if [[ $(<"$dir/net") == host ]]; then printf %s ,-net_admin; fi
}

# Starts PID 1 in namespaces of its own. Leaves it to the machine, not to this process, when it ends.
boot_machine() {
  local namespaces=(--mount --pid --ipc --uts)
  if [[ $(<"$dir/net") == private ]]; then namespaces+=(--net); fi
  mkdir -p "$dir/work/" "$dir/root" "$cgroup/harness" "$cgroup/payload"
  # With this an overlay refuses to be mounted again. It stands for writes lost with the host, and the host did not go down.
  rm -rf "$dir/work/work/incompat"
  rm -f "$dir/pid"
  lease_image "$(readlink "$dir/lower")"
  (
    echo "$BASHPID" >"$cgroup/harness/cgroup.procs"
    # unshare --fork ignores SIGTERM; the machine ends by SIGKILL, and with unshare.
    exec setsid unshare "${namespaces[@]}" --fork --kill-child \
      bash "$bough_root/test/machine/init.sh" "$dir" "$cgroup" "$(dropped_capabilities)"
  ) </dev/null >>"$dir/console.log" 2>&1 {machine_lock}<&- &
  harness=$!
  exec {image_lease}<&-
}

# True when every unit that belongs to the boot is up. Otherwise says which is not, and what the journal said last.
# Sets boot_state to systemd's word for it: running, degraded, or nothing when it is not up at all.
await_running() {
  local deadline=$((SECONDS + boot_seconds))
  boot_state=
  until running && [[ -S /proc/$(<"$dir/pid")/root/run/systemd/private ]]; do
    if ! kill -0 "$harness" 2>/dev/null || ((SECONDS >= deadline)); then
      say "$name did not get as far as systemd"
      tail -n 30 "$dir/console.log" >&2
      return 1
    fi
    sleep 0.02
  done
  boot_state=$(inside timeout "$boot_seconds" systemctl is-system-running --wait) && return
  say "$name is ${boot_state:-not up after $boot_seconds s}"
  inside systemctl --no-pager --plain list-units --failed >&2
  inside systemctl --no-pager list-jobs >&2
  inside journalctl --no-pager --boot --lines 40 >&2
  return 1
}

inside() { (exec_machine root "$@") </dev/null; }
