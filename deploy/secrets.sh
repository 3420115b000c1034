#!/usr/bin/env bash
# Makes what docker-compose.yml reads: secrets, each in a file of its own under .whale/secrets, and the settings in .env.
# What is there already stays as it is. Containers run as whoever owns the files: you, or, made by root, user 10001.
# usage: deploy/secrets.sh
set -euo pipefail
umask 077
cd "$(dirname "$0")/.."

secrets=.whale/secrets
owner=$(id -u):$(id -g)
((EUID != 0)) || owner=10001:10001

make_once() { # FILE COMMAND...
  [[ ! -e $1 ]] || return 0
  "${@:2}" >"$1.unfinished"
  mv "$1.unfinished" "$1"
  echo "made $1"
}

write_random() { head -c 32 /dev/urandom | od -An -tx1 | tr -d ' \n'; }

write_settings() {
  cat <<SETTINGS
# Which services docker compose starts (all, live, services, and node beside one of them), and as whom: uid:gid.
COMPOSE_PROFILES=all
OWNER=$owner
# Settings of the project, see docs/settings.md. For nobody else's eyes: a node's URL may hold a key.
WHALE_NODE_URL=http://host.docker.internal:8545
SETTINGS
}

mkdir -p "$secrets" .whale/mysqld .whale/backups
make_once "$secrets/accounts.sql" deploy/mysql/accounts.sh "$secrets"
make_once "$secrets/mysql-root" write_random
make_once "$secrets/jwt.hex" write_random
make_once .env write_settings
((EUID != 0)) || chown -R "$owner" "$secrets" .whale/mysqld .whale/backups
