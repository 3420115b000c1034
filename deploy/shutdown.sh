#!/usr/bin/env bash
# Shuts a deployment down so that nothing is lost: nothing new begins, runs in flight end, both stores are backed up, the
# rest stops. In containers it finds everything by docker compose; on the host, by DAGSTER_HOME, which all parts have in
# their environment. MySQL and Kafka on the host are left to whoever started them. What is not there is told.
# usage: deploy/shutdown.sh [--wait SECONDS] [--no-backup] [FOLDER]     FOLDER of backups, .whale/backups
# exit codes: 0 backed up and stopped, 1 it failed: then the databases still run, 2 wrong use
set -euo pipefail
top=$(cd "$(dirname "$0")/.." && pwd)

wait_seconds=600
with_backup=1
folder=

say() { echo "$1" >&2; }

fail() {
  say "$1"
  exit 1
}

misused() {
  say "$1"
  say "usage: deploy/shutdown.sh [--wait SECONDS] [--no-backup] [FOLDER]"
  exit 2
}

while (($#)); do
  case $1 in
    --wait)
      [[ ${2:-} =~ ^[0-9]+$ ]] || misused "--wait needs a number of seconds"
      wait_seconds=$2
      shift
      ;;
    --no-backup) with_backup= ;;
    -*) misused "there is no option $1" ;;
    *)
      [[ -z $folder ]] || misused "backups go into one folder, not into '$folder' and '$1'"
      folder=$1
      ;;
  esac
  shift
done

bin=$top/.venv/bin
[[ -x $bin/whale-assets ]] || bin=$(dirname "$(command -v whale-assets || echo /nowhere/whale-assets)")

compose() {
  if docker compose version >/dev/null 2>&1; then
    docker compose --project-directory "$top" --file "$top/docker-compose.yml" "$@"
  else
    docker-compose --project-directory "$top" --file "$top/docker-compose.yml" "$@"
  fi
}

running=$(compose ps --services --filter status=running 2>/dev/null || true)

in_container() { grep -qx "$1" <<<"$running"; }

on_host() { # COMMAND: the ids of processes of this DAGSTER_HOME whose command line holds it
  local environment process
  [[ -n ${DAGSTER_HOME:-} ]] || return 0
  while read -r environment; do
    process=${environment%/environ}
    if [[ $(tr '\0' ' ' 2>/dev/null <"$process/cmdline") == *"/$1 "* ]]; then
      echo "${process#/proc/}"
    fi
  done < <(grep -lzxF "DAGSTER_HOME=$DAGSTER_HOME" /proc/[0-9]*/environ 2>/dev/null)
}

stop() { # SERVICE COMMAND
  local processes second
  if in_container "$1"; then
    say "stopping $1"
    compose stop "$1" 2>/dev/null || fail "$1 does not stop: \`docker compose stop $1\` says why"
    return
  fi
  processes=$(on_host "$2")
  if [[ -z $processes ]]; then
    say "$1 does not run"
    return
  fi
  say "stopping $1, process $(xargs <<<"$processes")"
  xargs kill -TERM <<<"$processes" 2>/dev/null || true # one may have ended by now
  for ((second = 0; second < 60; second++)); do
    [[ -n $(on_host "$2") ]] || return 0
    sleep 1
  done
  fail "$1 still runs: does a supervisor start it again? stop it there, then run this again"
}

wait_for_runs() {
  if in_container code; then
    compose exec -T code python -m whale_assets.runs.drain "$wait_seconds"
  elif [[ -n ${DAGSTER_HOME:-} ]]; then
    "$bin/python" -m whale_assets.runs.drain "$wait_seconds"
  fi
}

back_up() {
  if in_container mysql && [[ -z ${WHALE_SQL_URL:-} ]]; then
    [[ -z $folder ]] || misused "in containers, backups go where docker-compose.yml says: leave out '$folder'"
    compose run --rm -T --no-deps backup
  else
    "$bin/whale-assets" backup "${folder:-$top/.whale/backups}"
  fi
}

if [[ -z $running && -z ${DAGSTER_HOME:-} ]]; then
  say "no container of $top runs, and processes on this host are found by DAGSTER_HOME, which is not set"
fi
stop follow "whale-assets follow"
stop watch "whale-assets watch"
stop dagster-daemon "dagster-daemon run"
wait_for_runs
if [[ -n $with_backup ]]; then
  back_up || fail "no backup was made, so the rest still runs: mend it and run this again, or give --no-backup"
fi
stop dagster-webserver dagster-webserver
stop code "dagster api grpc"
if [[ -n $running ]]; then
  compose stop 2>/dev/null || fail "some containers do not stop: \`docker compose stop\` says why"
fi
say "stopped"
