# shellcheck shell=bash disable=SC2154 # script/machine sources all the parts, and script/lib/env
# Sourced: how to run a command inside a machine.

# exec_machine USER COMMAND ARGUMENT…: becomes the command. Whoever ends this process ends the command too.
exec_machine() {
  local user=$1 pid uid gid home environment as=()
  shift
  pid=$(<"$dir/pid")
  IFS=: read -r _ _ uid gid _ home _ < <(grep "^$user:" "/proc/$pid/root/etc/passwd") ||
    fail "there is no user $user in the machine $name"
  environment=(
    HOME="$home" USER="$user" LOGNAME="$user" SHELL=/bin/bash LANG=C.UTF-8 TERM="${TERM:-dumb}"
    PATH="/opt/node/bin:$home/.nix-profile/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
  )
  if ((uid)); then
    as=(--reuid="$uid" --regid="$gid" --init-groups)
    environment+=(XDG_RUNTIME_DIR="/run/user/$uid") # where systemctl --user finds the user's manager
  fi
  # A leaf of its own: with controllers enabled, the machine's root cgroup may hold no process.
  mkdir -p "$cgroup/payload/exec"
  echo "$BASHPID" >"$cgroup/payload/exec/cgroup.procs"
  # nsenter waits outside for the command inside and hands no signal on, so the command asks to be told when nsenter dies.
  exec env -i "${environment[@]}" nsenter --target "$pid" --all --root --wd -- \
    setpriv --bounding-set="$(dropped_capabilities)" --pdeathsig TERM "${as[@]}" -- "$@"
}
