#!/usr/bin/env bash
# Writes the SQL that makes both databases and four accounts with no more rights than each needs, for an administrator:
#   deploy/mysql/accounts.sh .whale/accounts | mysql -u root
# Each account's password is in an option file in DIR, made once: the SQL sets the same one however often it is run.
# usage: deploy/mysql/accounts.sh DIR [DATABASE [DAGSTER_DATABASE]]
set -euo pipefail
umask 077
export LC_ALL=C # in which a to z are no other letters

folder=${1:?usage: accounts.sh DIR [DATABASE [DAGSTER_DATABASE]]}
database=${2:-whale}
dagster_database=${3:-dagster}

fail() {
  echo "$1" >&2
  exit 1
}

check_name() { # DATABASE
  # In what is granted on a database, an underscore stands for any letter.
  [[ $1 =~ ^[a-z][a-z0-9]*$ ]] || fail "The database '$1' needs another name: a to z and 0 to 9, a letter first"
}

write_database() { # NAME
  echo "CREATE DATABASE IF NOT EXISTS \`$1\` CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;"
}

write_account() { # FILE USER DATABASE PRIVILEGES
  local file=$folder/$1.cnf password account="'$2'@'%'"
  if [[ ! -e $file ]]; then
    printf '[client]\nuser=%s\npassword=%s\n%s' "$2" "$(head -c 24 /dev/urandom | base64)" "$patience" >"$file.unfinished"
    mv "$file.unfinished" "$file"
  fi
  password=$(sed -n 's/^password=//p' "$file")
  [[ $password =~ ^[A-Za-z0-9+/]+$ ]] ||
    fail "$file holds no password of letters, digits, + and / alone: remove it, and run this again to have a new one"
  # Nothing can be revoked of an account that has nothing: hence the first GRANT, all of which is revoked again.
  cat <<SQL
CREATE USER IF NOT EXISTS $account IDENTIFIED BY '$password';
ALTER USER $account IDENTIFIED BY '$password';
GRANT USAGE ON \`$3\`.* TO $account WITH GRANT OPTION;
REVOKE ALL PRIVILEGES ON \`$3\`.* FROM $account;
REVOKE GRANT OPTION ON \`$3\`.* FROM $account;
GRANT $4 ON \`$3\`.* TO $account;
SQL
}

[[ ! -t 1 ]] || fail "This SQL holds passwords, and is not for a terminal: pipe it, as in '$0 $folder | mysql -u root'"
check_name "$database"
check_name "$dagster_database"
[[ $database != "$dagster_database" ]] || fail "Dagster needs a database of its own: name another than '$database'"

rows="SELECT, INSERT, UPDATE, DELETE"
patience=""
tables="CREATE, ALTER, DROP, INDEX, REFERENCES"
mkdir -p "$folder"
chmod 700 "$folder"
write_database "$database"
write_database "$dagster_database"
write_account owner whale_owner "$database" "$rows, $tables, CREATE VIEW, SHOW VIEW"
write_account writer whale_writer "$database" "$rows"
write_account reader whale_reader "$database" "SELECT, SHOW VIEW"
# Dagster waits for an answer for ever, unless told otherwise: after a failover that would be on a dead connection.
patience=$'[connector_python]\nconnection_timeout=10\nread_timeout=30\nwrite_timeout=30\n'
write_account dagster dagster "$dagster_database" "$rows, $tables"
