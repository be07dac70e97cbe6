#!/bin/sh
# Temporal's image knows its database password from the environment alone: this brings it there from its file.
set -eu

POSTGRES_PWD=$(cat /run/secrets/temporal_database_password)
export POSTGRES_PWD

exec /etc/temporal/entrypoint.sh
