#!/usr/bin/env bash
# Runs `check --github`: the package of node_modules by Node, or the one of JSR by Deno.
set -euo pipefail

arguments=(check --github "--config=$INPUT_CONFIG" --)
while read -r key; do
  [ -z "$key" ] || arguments+=("$key")
done <<< "${INPUT_KEYS//$'\r'/}"

# A workspace has the packages and the lock of its members above them.
nearest() {
  local directory=$PWD
  until [ -e "$directory/$1" ] || [ "$directory" = / ]; do directory=$(dirname "$directory"); done
  [ ! -e "$directory/$1" ] || echo "$directory/$1"
}

program=$(nearest node_modules/@alphaswarm/credentials/cli.js)
if [ -n "$program" ] && command -v node > /dev/null; then
  exec node "$program" "${arguments[@]}"
fi

deno=(deno)
command -v deno > /dev/null || deno=(npx -y deno@2.9.6)
# A copy, since the command line itself is not in the lock of a project, and a job is to leave no file changed.
lock=--no-lock
locked=$(nearest deno.lock)
if [ -n "$locked" ]; then
  cp "$locked" "$RUNNER_TEMP/credentials_check.lock"
  lock=--lock=$RUNNER_TEMP/credentials_check.lock
fi
exec "${deno[@]}" run --quiet --allow-all --frozen=false "$lock" \
  "jsr:@alphaswarm/credentials@$INPUT_VERSION/cli" "${arguments[@]}"
