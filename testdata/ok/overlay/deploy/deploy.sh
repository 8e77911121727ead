#!/usr/bin/env bash
set -euo pipefail
docker compose -f compose.yaml pull
docker compose -f compose.yaml exec -T db pg_dump -U shop shop > "/srv/backup/$(date +%F).sql"
docker compose -f compose.yaml up -d --remove-orphans
