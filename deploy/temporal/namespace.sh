#!/bin/sh
# Makes GeNIO's namespace where it is missing. Closed histories stay for a week: GeNIO archives each timeline within the hour.
set -eu

until temporal operator cluster health --address "$TEMPORAL_ADDRESS" >/dev/null 2>&1; do
  sleep 1
done

if ! temporal operator namespace describe --namespace genio >/dev/null 2>&1; then
  temporal operator namespace create --namespace genio --retention 168h
fi
