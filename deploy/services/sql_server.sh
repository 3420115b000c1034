#!/usr/bin/env bash
# Makes FOLDER, a Debian to chroot into with the PACKAGES of an SQL server, unless it is there already. INITIALISE makes
# the server's data in /var/lib/mysql/new, of which each server that a test starts gets a copy.
# usage: deploy/services/sql_server.sh FOLDER SUITE PACKAGES INITIALISE...
set -euo pipefail
umask 022 # the server, which is not root, reads what is installed

folder=${1:?usage: sql_server.sh FOLDER SUITE PACKAGES INITIALISE...}
suite=$2
packages=$3
server=${packages%%,*}
initialise=("${@:4}")
unfinished=$folder.unfinished

fail() {
  echo "$1" >&2
  exit 1
}

if [[ -d $folder ]]; then
  echo "$server is in $folder"
  exit
fi
((EUID == 0)) || fail "$server is installed into $folder by chroot, which only root may use: run this as root"
if ! command -v debootstrap >/dev/null; then
  command -v apt-get >/dev/null || fail "$folder is made by debootstrap, and there is no apt-get here to install it"
  apt-get update -qq
  apt-get install -qq -y debootstrap >/dev/null
fi

echo "Installing $server into $folder (a minute)"
rm -rf "$unfinished"
mkdir -p "$unfinished"
# In a mount namespace of its own, what a killed debootstrap had mounted is gone with it.
unshare --mount debootstrap --variant=minbase --include="$packages" "$suite" "$unfinished" >/dev/null
chroot "$unfinished" apt-get clean
rm -rf "$unfinished"/var/lib/apt/lists/*
chroot "$unfinished" useradd -r mysql
chroot "$unfinished" install -d -o mysql -g mysql /var/lib/mysql
log=$unfinished/var/log/initialise
chroot --userspec=mysql:mysql "$unfinished" "${initialise[@]}" --datadir=/var/lib/mysql/new >"$log" 2>&1 ||
  fail "$server could not make its data folder: $log says why"
mv "$unfinished" "$folder"
