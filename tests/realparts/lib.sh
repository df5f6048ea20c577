# Sourced by the other scripts. DIR must be set.
HERE=$(dirname "$(realpath "${BASH_SOURCE[0]}")")
export PYTHONDONTWRITEBYTECODE=1
# Inside the box's namespace there is no way out: no device but lo. Refuse to start or stop servers anywhere else.
inside() {
  local devices; devices=$(ip -o link show | grep -cv ': lo:' || true)
  [ "$devices" = 0 ] || { echo "not inside a namespace of its own: use box-net NAME exec" >&2; exit 3; }
}
T0=$(date +%s%N)
ms() { echo $(( ($(date +%s%N) - T0) / 1000000 )); }
say() { printf '%6d ms  %s\n' "$(ms)" "$*"; }
pidof_file() { tr -d ' \n' <"$DIR/run/$1.pid"; }
# runs PID: it exists, and is more than an entry that nobody has collected yet
runs() { local state; state=$(ps -o stat= -p "$1" 2>/dev/null) && [[ $state != Z* ]]; }
alive() { [ -s "$DIR/run/$1.pid" ] && runs "$(pidof_file "$1")"; }
# bg NAME command...: run in the background, pid in DIR/run/NAME.pid, output in DIR/log/NAME.out
bg() {
  local n=$1; shift; alive "$n" && return 0
  setsid "$@" >"$DIR/log/$n.out" 2>&1 </dev/null & echo $! >"$DIR/run/$n.pid"
}
# waitport ADDRESS PORT [seconds]
waitport() {
  local i; for ((i = 0; i < ${3:-10} * 20; i++)); do
    (exec 3<>"/dev/tcp/$1/$2") 2>/dev/null && return 0; sleep 0.05
  done; echo "nothing listens on $1 port $2" >&2; return 1
}
# stop NAME: TERM by pid file, KILL after 5 s
stop() {
  local p i; [ -s "$DIR/run/$1.pid" ] || { rm -f "$DIR/run/$1.pid"; return 0; }
  p=$(pidof_file "$1"); kill "$p" 2>/dev/null
  for ((i = 0; i < 100; i++)); do runs "$p" || break; sleep 0.05; done
  runs "$p" && kill -9 "$p"; rm -f "$DIR/run/$1.pid"
}
