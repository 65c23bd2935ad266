#!/bin/sh
# restore.sh system|user STATE_DIR RUNTIME_DIR UNIT_DIR
# Brings back every live deployment after a reboot, from the records the worker keeps in STATE_DIR/boot. It needs a
# shell, mkdir, ln and systemctl: no Node, no Redis, no worker. Run again it changes nothing. A record it cannot believe
# in whole is skipped and makes it end with 1; the worker's next sweep writes that anew.
set -uf
umask 022
LC_ALL=C
export LC_ALL
scope=$1 state=$2 runtime=$3 unit_dir=$4

status=0 restored=0
# Lists of words parted by spaces. No word holds a space or a pattern: each is checked below.
folders='' # relative to RUNTIME_DIR
fronts='' # FOLDER:SOCKET
links=''
listeners=''
others=''

say() { echo "<$1>$2"; } # systemd reads the level: 4 is a warning, 6 an information

# is_name WORD MAX: small letters, digits and single dashes inside, at most MAX of them.
is_name() {
  case $1 in '' | -* | *- | *--* | *[!a-z0-9-]*) return 1 ;; esac
  [ "${#1}" -le "$2" ]
}

# is_number WORD: 1 to 999999999, written as such.
is_number() {
  case $1 in '' | 0* | *[!0-9]*) return 1 ;; esac
  [ "${#1}" -le 9 ]
}

# is_unit WORD: bough-PROJECT--SLUG--rSEQ-SERVICE.KIND of the deployment $key; sets seq. As parseUnitName has it.
is_unit() {
  rest=${1#"bough-$key--r"}
  [ "$rest" != "$1" ] || return 1
  seq=${rest%%-*}
  is_number "$seq" || return 1
  service=${rest#"$seq-"}
  [ "$service" != "$rest" ] || return 1
  case $service in
    *--proxy.service | *--setup.service) service=${service%--*} ;;
    *.service | *.socket | *.timer) service=${service%.*} ;;
    *) return 1 ;;
  esac
  is_name "$service" 200
}

# read_record FILE: sets units, starts and serves, and in `why` what is wrong with it.
read_record() {
  units='' starts='' serves='' release='' number=0
  while IFS= read -r line; do
    number=$((number + 1))
    why="line $number is not ours"
    [ -z "$serves" ] || return 1
    case $number:$line in
      '1:bough-boot 1') ;;
      1:*) return 1 ;;
      *:'link '* | *:'start '*)
        unit=${line#* }
        is_unit "$unit" || return 1
        [ "${release:=$seq}" = "$seq" ] || return 1
        case "$units " in *" $unit "*) return 1 ;; esac
        units="$units $unit"
        case $line in 'start '*) starts="$starts $unit" ;; esac
        ;;
      *:"serve r$release-web.sock") serves=r$release-web.sock ;;
      *) return 1 ;;
    esac
  done <"$1"
  why='its end is missing'
  [ -n "$serves" ] && [ -n "$units" ] && [ -z "$line" ]
}

# look_at_units: all of its units are there, and nobody else's file lies where they are to be linked. Adds to `links`.
look_at_units() {
  new=''
  for unit in $units; do
    why="$unit is missing"
    [ -f "$state/units/$unit" ] && [ ! -L "$state/units/$unit" ] || return 1
    if [ -L "$unit_dir/$unit" ] || [ -e "$unit_dir/$unit" ]; then
      why="something else lies where $unit is linked"
      # shellcheck disable=SC3013 # in POSIX since 2024, and in every sh before
      [ "$unit_dir/$unit" -ef "$state/units/$unit" ] || return 1
    else
      new="$new $unit"
    fi
  done
  links="$links$new"
}

case $scope in
  system) set -- systemctl ;;
  user) set -- systemctl --user ;;
  *) echo "usage: restore.sh system|user STATE_DIR RUNTIME_DIR UNIT_DIR" >&2; exit 64 ;;
esac
mkdir -p "$runtime" "$unit_dir" && cd "$runtime" || exit 1

set +f
for record in "$state"/boot/*--*; do
  set -f
  if [ -L "$record" ] || [ ! -f "$record" ]; then continue; fi
  key=${record##*/}
  if ! is_name "${key%%--*}" 24 || ! is_name "${key#*--}" 40; then
    say 4 "$record is skipped: no deployment has that name"
    status=1
  elif ! read_record "$record" || ! look_at_units; then
    say 4 "$record is skipped: $why"
    status=1
  else
    folders="$folders ${key%%--*}/${key#*--}"
    fronts="$fronts ${key%%--*}/${key#*--}:$serves"
    for unit in $starts; do
      case $unit in *.service) others="$others $unit" ;; *) listeners="$listeners $unit" ;; esac
    done
    restored=$((restored + 1))
  fi
done
set -f

# All links before the first start: systemd looks at the folder again only when it has changed since.
systemctl="$*"
set --
for unit in $links; do
  set -- "$@" "$state/units/$unit"
  if [ $# -ge 500 ]; then ln -s "$@" "$unit_dir/" || status=1; set --; fi
done
if [ $# -gt 0 ]; then ln -s "$@" "$unit_dir/" || status=1; fi

# shellcheck disable=SC2086 # lists of words, as all below
if [ -n "$folders" ]; then mkdir -p $folders || status=1; fi
for front in $fronts; do
  [ -L "${front%:*}/web.sock" ] || ln -s "${front#*:}" "${front%:*}/web.sock" || status=1
done

# Sockets first: from then on a request waits for its process instead of failing.
for units in "$listeners" "$others"; do
  # shellcheck disable=SC2086
  if [ -n "$units" ]; then $systemctl --no-ask-password --no-block start -- $units || status=1; fi
done
say 6 "$restored deployments are brought back"
exit $status
