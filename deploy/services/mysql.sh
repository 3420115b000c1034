#!/usr/bin/env bash
# Installs MySQL 9 into DIR/mysql, unless it is there already.
# usage: deploy/services/mysql.sh DIR
set -euo pipefail

"$(dirname "$0")/sql_server.sh" "${1:?usage: mysql.sh DIR}/mysql" sid mysql-server-core,mysql-client-core \
  mysqld --no-defaults --initialize-insecure
