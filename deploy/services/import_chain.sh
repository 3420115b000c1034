#!/usr/bin/env bash
# Makes DIR/chains/NAME, a data folder that DIR/bin/geth serves, from a folder with genesis.json and chain.rlp.
# usage: deploy/services/import_chain.sh DIR NAME FROM
set -euo pipefail

geth=${1:?usage: import_chain.sh DIR NAME FROM}/bin/geth
chain=$1/chains/$2
unfinished=$chain.unfinished
export GETH_VERBOSITY=1 # errors only

rm -rf "$unfinished"
"$geth" --datadir "$unfinished" init "$3/genesis.json"
"$geth" --datadir "$unfinished" --cache 256 import "$3/chain.rlp" >/dev/null
mv "$unfinished" "$chain"
