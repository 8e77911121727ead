#!/bin/sh
set -eu
if [ "${MIGRATE_ON_START:-false}" = "true" ]; then
    python manage.py migrate --noinput
fi
exec "$@"
