#!/bin/sh
set -eu

if [ "${MIGRATE_ON_START:-false}" = "true" ]; then
    python manage.py migrate --noinput
fi

if [ "${RESET_DEMO_DATA:-false}" = "true" ]; then
    python manage.py flush --no-input
    python manage.py loaddata demo_school
fi

exec "$@"
