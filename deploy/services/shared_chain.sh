#!/usr/bin/env bash
# Makes DIR/chains/shared: the 54 blocks with transactions of every type that shared/data holds.
# usage: deploy/services/shared_chain.sh DIR
set -euo pipefail

from=${WHALE_SHARED:-../shared}/data/chain
chain=${1:?usage: shared_chain.sh DIR}/chains/shared

if [[ -d $chain ]]; then
  echo "The shared chain is in $chain"
elif [[ ! -d $from ]]; then
  echo "No shared chain: $from is not there; the tests that need it will be skipped"
else
  echo "Importing the shared chain"
  "$(dirname "$0")/import_chain.sh" "$1" shared "$from"
fi
