#!/usr/bin/env bash
# Installs MariaDB 10.11 into DIR/mariadb, unless it is there already.
# usage: deploy/services/mariadb.sh DIR
set -euo pipefail

"$(dirname "$0")/sql_server.sh" "${1:?usage: mariadb.sh DIR}/mariadb" bookworm mariadb-server-core,mariadb-client-core \
  mariadb-install-db --no-defaults --force --skip-name-resolve --auth-root-authentication-method=normal --skip-test-db
