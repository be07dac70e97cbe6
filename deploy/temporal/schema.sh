#!/bin/sh
# Brings Temporal's two databases to the schema of this image's version. It may run at every start: what is there already stays.
set -eu

SQL_PASSWORD=$(cat /run/secrets/temporal_database_password)
export SQL_PASSWORD

for schema in temporal visibility; do
  case $schema in
    temporal) export SQL_DATABASE=temporal ;;
    visibility) export SQL_DATABASE=temporal_visibility ;;
  esac

  temporal-sql-tool setup-schema --version 0.0
  temporal-sql-tool update-schema --schema-name "postgresql/v12/$schema"
done
