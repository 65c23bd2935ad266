#!/usr/bin/env bash
# verify-units.sh FOLDER: whether Bough's units in FOLDER, with the drop-ins NixOS has put beside them, are what is said of them:
# systemd can read them, they are exposed as little as docs/security.md claims, and each finds the programs it calls.
set -euo pipefail
units=$1
export SYSTEMD_UNIT_PATH=$units:${SYSTEMD_UNIT_PATH-}
status=0

wrong() {
  echo "$*" >&2
  status=1
}

systemd-analyze verify --man=no --recursive-errors=no "$units"/bough-*.{service,slice} || wrong "systemd refuses the units"

# exposure SERVICE LIMIT: in tenths, as --threshold has it.
exposure() {
  local output
  output=$(systemd-analyze security --no-pager --offline=true --threshold="$2" "$units/$1.service") ||
    wrong "$1 is exposed by more than $2 tenths"
  tail -n 1 <<<"$output"
}
exposure bough-receiver 15
exposure bough-redis 17 # 15 once it runs: systemd 252 does not count beforehand what ProtectSystem= implies
exposure bough-caddy 20
exposure bough-worker 40

# path SERVICE: what its processes get; the last assignment wins, and drop-ins come after the unit.
path() {
  cat "$units/$1.service" "$units/$1.service.d"/*.conf | sed -nE 's/^Environment="?PATH=([^"]*)"?$/\1/p' | tail -n 1
}
for program in flock git nix nix-store rm setpriv stat sync systemctl systemd-analyze systemd-notify; do
  PATH=$(path bough-worker) type -P "$program" >/dev/null || wrong "bough-worker does not find $program"
done
PATH=$(path bough-receiver) type -P systemd-notify >/dev/null || wrong "bough-receiver does not find systemd-notify"
for program in ln mkdir systemctl; do
  PATH=$(path bough-restore) type -P "$program" >/dev/null || wrong "bough-restore does not find $program"
done
exit "$status"
