#!/usr/bin/env bash
# customise.sh PACKAGE…: inside the new root, makes a bare Debian the one our tests want.
set -euo pipefail
export DEBIAN_FRONTEND=noninteractive

# No service starts in here, fsync costs most of the time, and nobody reads manuals in a throwaway machine.
printf '#!/bin/sh\nexit 101\n' >/usr/sbin/policy-rc.d
chmod 755 /usr/sbin/policy-rc.d
cat >/etc/dpkg/dpkg.cfg.d/bough <<'CFG'
force-unsafe-io
path-exclude=/usr/share/doc/*
path-exclude=/usr/share/man/*
path-exclude=/usr/share/locale/*
CFG
cat >/etc/apt/apt.conf.d/bough <<'CFG'
APT::Install-Recommends "false";
APT::Sandbox::User "root";
APT::Keep-Downloaded-Packages "true";
Acquire::Languages "none";
Acquire::Retries "3";
CFG

apt-get update
apt-get install -y "$@"
apt-get autoclean -y

# Our own units run Redis and Caddy. What looks after hardware or a console has nothing to do in here.
systemctl disable redis-server.service caddy.service
systemctl mask systemd-udevd.service systemd-udev-trigger.service getty.target console-getty.service \
  systemd-sysctl.service systemd-networkd.service systemd-timesyncd.service systemd-modules-load.service \
  apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer e2scrub_all.timer fstrim.timer
systemctl enable nix-daemon.socket

# There is no network to substitute over, and the sandbox would want more namespaces than a machine may have.
cat >/etc/nix/nix.conf <<'CFG'
build-users-group = nixbld
experimental-features = nix-command flakes
sandbox = false
substitute = false
CFG

# Debian lets only the group nix-users reach the daemon's socket.
useradd --create-home --shell /bin/bash --uid 1000 --groups nix-users dev
mkdir -p /var/lib/systemd/linger /var/log/journal
touch /var/lib/systemd/linger/dev

# Empty, not missing: each machine gets its own, and systemd does not take the boot for a first one, which enables everything.
: >/etc/machine-id
rm -f /etc/hostname /var/lib/dbus/machine-id /usr/sbin/policy-rc.d
printf '127.0.0.1 localhost\n::1 localhost\n' >/etc/hosts
: >/etc/resolv.conf
rm -rf /var/lib/apt/lists/* /var/log/*.log /var/log/apt
