#!/usr/bin/env bash
# init.sh DIR CGROUP CAPABILITIES: PID 1 of a machine until systemd takes its place.
# Runs in mount, PID, IPC and UTS namespaces of its own, and in a network of its own unless it was asked for the host's.
set -euo pipefail
export PATH=/usr/sbin:/usr/bin:/sbin:/bin
dir=$1 cgroup=$2 capabilities=$3

# The cgroup namespace's root is the cgroup its maker is in, so this process has to be there before.
if [[ -z ${in_payload-} ]]; then
  echo 0 >"$cgroup/payload/cgroup.procs"
  in_payload=1 exec unshare --cgroup bash "$0" "$@"
fi

read -r pid _ </proc/self/stat # the host's /proc still, so the host's number
hostname "$(basename "$dir")"
cd "$dir"
# volatile: no fsync reaches the disk. The page cache outlives any end of a machine but the host's, or a cut of its own disk.
if [[ -e disk.img ]]; then volatile=""; else volatile=,volatile; fi
mount -t overlay overlay -o "lowerdir=lower,upperdir=upper,workdir=work$volatile" root
cd root
pivot_root . mnt
cd /
host=/mnt

mount -t proc -o nosuid,nodev,noexec proc /proc
mount -t sysfs -o ro,nosuid,nodev,noexec sysfs /sys
mount -t cgroup2 -o nosuid,nodev,noexec cgroup2 /sys/fs/cgroup
mount -t tmpfs -o mode=755,nosuid,nodev tmpfs /run

# The kernel's settings are the host's; those of the network are the machine's when it has one of its own.
mount --bind /proc/sys /proc/sys
if [[ $(<"$host$dir/net") == private ]]; then mount --bind /proc/sys/net /proc/sys/net; fi
mount -o remount,bind,ro,nosuid,nodev,noexec /proc/sys
# A reboot has to look like one to the journal, and to us.
cat /proc/sys/kernel/random/uuid >/run/boot_id
mount --bind -o ro /run/boot_id /proc/sys/kernel/random/boot_id
rm /run/boot_id

# No disks, no consoles, no kernel log. systemd adds pts, shm and mqueue.
mount -t tmpfs -o mode=755,nosuid,size=4m tmpfs /dev
while read -r node major minor; do
  mknod -m 666 "/dev/$node" c "$major" "$minor"
done <<'NODES'
null 1 3
zero 1 5
full 1 7
random 1 8
urandom 1 9
tty 5 0
NODES
ln -s pts/ptmx /dev/ptmx
if [[ -e /proc/sysrq-trigger ]]; then mount --bind /dev/null /proc/sysrq-trigger; fi

while IFS=: read -r source target mode; do
  if [[ -d $host$source ]]; then mkdir -p "$target"; else mkdir -p "$(dirname "$target")" && touch "$target"; fi
  mount --bind "$host$source" "$target"
  if [[ $mode == ro ]]; then mount -o remount,bind,ro "$target"; fi
done <"$host$dir/binds"

echo "$pid" >"$host$dir/pid"
umount --lazy "$host"
# In a container systemd leaves / private, and then LoadCredential= yields an empty folder without a word.
mount --make-rshared /
exec env -i container=bough PATH="$PATH" LANG=C.UTF-8 setpriv --bounding-set="$capabilities" /lib/systemd/systemd
