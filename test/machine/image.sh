# shellcheck shell=bash disable=SC2154 # script/machine sources all the parts, and script/lib/env
# Sourced: the images that machines boot from, one folder for each recipe, never changed once it is there.

images=$bough_cache/images

# A changed recipe is another image.
image_path() {
  local hash
  hash=$( (uname -m; cat "$bough_root"/test/machine/image/*) | sha256sum)
  echo "$images/$1-${hash:0:12}"
}

# make_image trixie|bookworm: does nothing when it is there. Two at once build it once.
make_image() {
  local image new lock
  image=$(image_path "$1")
  [[ -d $image ]] && return
  mkdir -p "$images" "$bough_cache/debs/$1"
  have_debootstrap || bring_debootstrap
  exec {lock}>"$images/$1.lock"
  flock "$lock"
  if [[ ! -d $image ]]; then
    rm -rf --one-file-system "$images"/.new-"$1"-* # of a run that was killed
    new=$(mktemp -d "$images/.new-$1-XXXXXX")
    say "making the image $(basename "$image"), once; its log is $image.log"
    # Whatever a package starts and whatever is mounted ends with the namespaces. The lock is handed on: should this script be
    # killed, it holds until the last process that writes there is gone.
    if ! unshare --mount --pid --ipc --uts --fork --kill-child \
      bash "$bough_root/test/machine/image/recipe.sh" "$1" "$new" "$bough_cache/debs/$1" \
      </dev/null >"$image.log" 2>&1; then
      tail -n 30 "$image.log" >&2
      rm -rf --one-file-system "$new" # it may be what has filled the disk
      fail "the image $1 could not be made"
    fi
    chmod 755 "$new"
    mv "$new" "$image"
    touch "$image.used"
    forget_old_images
  fi
  exec {lock}<&-
}

have_debootstrap() { command -v debootstrap >/dev/null && [[ -e /usr/share/keyrings/debian-archive-keyring.gpg ]]; }

bring_debootstrap() {
  local lock
  command -v apt-get >/dev/null || fail "debootstrap and Debian's keyring are needed to make an image: install them"
  exec {lock}<"$images"
  flock "$lock" # two images may be made at once
  if ! have_debootstrap; then
    say "installing debootstrap"
    local apt_get=$bough_root/script/lib/apt-get
    { "$apt_get" update && "$apt_get" install -y --no-install-recommends debootstrap debian-archive-keyring; } ||
      fail "apt-get could not install debootstrap"
  fi
  exec {lock}<&-
}

# A machine holds its image by a shared lock for as long as it runs; the file's time says when the last one began.
lease_image() {
  touch "$1.used"
  exec {image_lease}<"$1.used"
  flock --shared "$image_lease"
}

forget_old_images() {
  local used
  find "$images" -name '*.used' -mtime +7 | while read -r used; do
    flock --nonblock "$used" rm -rf --one-file-system "$used" "${used%.used}" "${used%.used}.log" || say "$used is in use"
  done
}
