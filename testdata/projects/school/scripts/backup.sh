#!/usr/bin/env bash
set -euo pipefail

stamp=$(date +%Y-%m-%d)
docker compose -f compose.prod.yaml exec -T db pg_dump -U school school | gzip > "/srv/backup/school-$stamp.sql.gz"
find /srv/backup -name 'school-*.sql.gz' -mtime +30 -delete
