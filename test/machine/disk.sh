# shellcheck shell=bash disable=SC2154 # script/machine sources all the parts, and script/lib/env
# Sourced: a disk of a machine's own, that can lose what was not synced. Without one its writes go to the host's page
# cache, which outlives every end of a machine.
#
#   disk.img     a sparse file with an ext4 file system: the overlay's upper and work folders
#   disk         where that is mounted, on the host
#   loop         the loop device between them

# make_disk: in place of the folders upper and work.
make_disk() {
  truncate --size=16G "$dir/disk.img"
  mkfs.ext4 -q -E lazy_itable_init=1,lazy_journal_init=1,nodiscard "$dir/disk.img"
  mkdir "$dir/disk"
  mount_disk
  rmdir "$dir/upper"
  mkdir "$dir/disk/upper" "$dir/disk/work"
  ln -s disk/upper "$dir/upper"
  ln -s disk/work "$dir/work"
}

# A journal that is written every five minutes, or when somebody syncs: what nobody did is lost for sure.
mount_disk() {
  local loop
  loop=$(losetup --find --show "$dir/disk.img") || fail "this host has no loop device for the disk of $name"
  echo "$loop" >"$dir/loop"
  mount -o commit=300 "$loop" "$dir/disk"
}

unmount_disk() {
  [[ -e $dir/loop ]] || return 0
  local deadline=$((SECONDS + 20)) loop
  loop=$(<"$dir/loop")
  umount "$dir/disk" 2>/dev/null || true
  # The last machine process may be gone and its mounts not yet.
  until losetup --detach "$loop" 2>/dev/null && ! losetup "$loop" >/dev/null 2>&1; do
    losetup "$loop" >/dev/null 2>&1 || break
    ((SECONDS < deadline)) || fail "the disk of $name stays in use"
    sleep 0.02
  done
  rm "$dir/loop"
}

# From now on nothing reaches the disk, and what only the page cache held is dropped: EXT4_IOC_SHUTDOWN with
# EXT4_GOING_FLAGS_NOLOGFLUSH, which the tests of file systems cut the power with.
cut_disk() {
  perl -e 'open(my $disk, "<", $ARGV[0]) or die "$!\n"; my $how = pack("L", 2); ioctl($disk, 0x8004587D, $how) or die "$!\n"' "$dir/disk" ||
    fail "the disk of $name cannot be cut off"
}
