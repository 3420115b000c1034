#!/usr/bin/env bash
# Installs Chromium, in which Dagster's pages are tried, by the system's own packages, unless it is there already.
# usage: deploy/services/chromium.sh
set -euo pipefail

if command -v chromium >/dev/null; then
  echo "Chromium is there"
  exit
fi
if [[ $EUID != 0 ]] || ! command -v apt-get >/dev/null; then
  echo "Chromium is installed by apt-get as root: install it by other means, as /usr/bin/chromium" >&2
  exit 1
fi
echo "Installing Chromium"
apt-get update -qq
DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium >/dev/null
