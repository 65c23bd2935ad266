#!/usr/bin/env bash
# recipe.sh trixie|bookworm FOLDER CACHE: fills FOLDER with the root of that Debian. CACHE keeps what was downloaded.
# Runs in mount and PID namespaces of its own; everything in this folder is hashed into the image's name.
set -euo pipefail
suite=$1 root=$2 cache=$3
mirror=${BOUGH_DEBIAN_MIRROR:-http://deb.debian.org/debian}
here=$(dirname "${BASH_SOURCE[0]}")

packages=(
  systemd systemd-sysv dbus dbus-user-session libpam-systemd libnss-systemd libnss-myhostname
  nix-bin nix-setup-systemd redis-server caddy
  git curl ca-certificates iproute2 procps util-linux acl wrk
)
if [[ $suite == trixie ]]; then packages+=(chromium fonts-dejavu-core); fi

mkdir -p "$cache/debootstrap" "$cache/apt/partial"

debootstrap --variant=minbase --cache-dir="$cache/debootstrap" "$suite" "$root" "$mirror"

mount --bind "$cache/apt" "$root/var/cache/apt/archives"
mount -t proc proc "$root/proc"
mount -t tmpfs tmpfs "$root/run"
cp "$here/customise.sh" "$root/run/"
env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 http_proxy="${http_proxy-}" \
  chroot "$root" bash /run/customise.sh "${packages[@]}"
umount "$root/run" "$root/proc" "$root/var/cache/apt/archives"
