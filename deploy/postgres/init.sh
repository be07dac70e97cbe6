#!/bin/bash
# Makes the roles and databases of GeNIO and of Temporal when the cluster is new. Neither role may see the other's data.
set -euo pipefail

make_role() {
  local role=$1 password_file=$2
  psql --set=ON_ERROR_STOP=1 --username "$POSTGRES_USER" --set=role="$role" --set=password="$(cat "$password_file")" <<'SQL'
CREATE ROLE :"role" LOGIN PASSWORD :'password';
SQL
}

make_database() {
  local database=$1 owner=$2
  psql --set=ON_ERROR_STOP=1 --username "$POSTGRES_USER" --set=database="$database" --set=owner="$owner" <<'SQL'
CREATE DATABASE :"database" OWNER :"owner";
REVOKE ALL ON DATABASE :"database" FROM PUBLIC;
SQL
}

make_role genio /run/secrets/genio_database_password
make_role temporal /run/secrets/temporal_database_password

make_database genio genio
make_database temporal temporal
make_database temporal_visibility temporal
