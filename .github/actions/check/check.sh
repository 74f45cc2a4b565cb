#!/usr/bin/env bash
# Runs `check --github`: the package of node_modules by Node, or the one of JSR by Deno.
set -euo pipefail

arguments=(check --github "--config=$INPUT_CONFIG" --)
while IFS= read -r key; do
  [ -z "$key" ] || arguments+=("$key")
done <<< "$INPUT_KEYS"

# A workspace has the packages of its members above them.
directory=$PWD
program=node_modules/@alphaswarm/credentials/cli.js
until [ -e "$directory/$program" ] || [ "$directory" = / ]; do directory=$(dirname "$directory"); done
if [ -e "$directory/$program" ] && command -v node > /dev/null; then
  exec node "$directory/$program" "${arguments[@]}"
fi

deno=(deno)
command -v deno > /dev/null || deno=(npx -y deno@2.9.6)
# A copy, since the command line itself is not in the lock of a project, and a job is to leave no file changed.
lock=--no-lock
if [ -e deno.lock ]; then
  cp deno.lock "$RUNNER_TEMP/credentials_check.lock"
  lock=--lock=$RUNNER_TEMP/credentials_check.lock
fi
exec "${deno[@]}" run --quiet --allow-all --frozen=false "$lock" \
  "jsr:@alphaswarm/credentials@$INPUT_VERSION/cli" "${arguments[@]}"
