#!/usr/bin/env bash
# Makes DIR/chains/dense-BLOCKS: blocks at mainnet density, always the same ones.
# usage: deploy/services/dense_chain.sh DIR [BLOCKS]
set -euo pipefail

tool=${WHALE_SHARED:-../shared}/tools/dense_chain
blocks=${2:-500}
chain=${1:?usage: dense_chain.sh DIR [BLOCKS]}/chains/dense-$blocks

if [[ -d $chain ]]; then
  echo "The dense chain of $blocks blocks is in $chain"
elif [[ ! -d $tool ]]; then
  echo "No dense chain: $tool is not there; the tests that need it will be skipped"
else
  echo "Writing and importing a dense chain of $blocks blocks (a minute for 500)"
  written=$(mktemp -d)
  trap 'rm -rf "$written"' EXIT
  go -C "$tool" run . -blocks "$blocks" -txs 200 -dir "$written"
  "$(dirname "$0")/import_chain.sh" "$1" "dense-$blocks" "$written"
fi
