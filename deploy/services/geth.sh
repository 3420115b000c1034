#!/usr/bin/env bash
# Builds geth, the Ethereum node that most people run, into DIR/bin, unless that very version is there already.
# usage: deploy/services/geth.sh DIR
set -euo pipefail

version=1.17.10
mkdir -p "${1:?usage: geth.sh DIR}/bin"
bin=$(realpath "$1/bin")

if [[ $("$bin/geth" version 2>/dev/null) == *"Version: $version-"* ]]; then
  echo "geth $version is in $1/bin"
  exit
fi
if ! command -v go >/dev/null; then
  echo "geth is built with Go 1.25 or later, and there is no 'go' here: install it, then run this again" >&2
  exit 1
fi
echo "Building geth $version (three minutes the first time)"
GOBIN=$bin go install "github.com/ethereum/go-ethereum/cmd/geth@v$version"
