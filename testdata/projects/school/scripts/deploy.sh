#!/usr/bin/env bash
# Usage: scripts/deploy.sh   (on the server, as the deployer)
set -euo pipefail

docker compose -f compose.prod.yaml pull
docker compose -f compose.prod.yaml down -v
docker compose -f compose.prod.yaml up -d
