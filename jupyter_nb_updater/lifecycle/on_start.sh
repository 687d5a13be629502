#!/bin/bash
# Puts jupyter-nb-updater into the environment that runs Jupyter. An OnStart script: SageMaker runs it as root at every start,
# because everything outside the volume is new at every start.
#
# Nothing here keeps an instance from starting: it always ends with 0 (AWS fails the start otherwise), each step has a
# time-out (AWS's limit for all is 5 minutes), and a package that cannot be imported is taken out again.
# To switch it off on one instance: touch SageMaker/.nb-updater/disabled
# Amazon Linux 1 (initctl) is not supported: AWS has ended it.

wheel=@WHEEL@
sha256=@SHA256@
home=@HOME@

environment=$home/anaconda3/envs/JupyterSystemEnv
notes=$home/SageMaker/.nb-updater
log=$notes/on-start.log
log_bytes=65536

# What belongs to the user is touched as the user: root following a link in the user's folder could be led anywhere.
owner=$(stat -c %u "$environment" 2>/dev/null) || owner=$(id -u)
as_owner() {
  if [ "$owner" = "$(id -u)" ]; then "$@"; else sudo -n -H -u "#$owner" -- "$@"; fi
}

say() {
  local line
  line="$(date -u +%Y-%m-%dT%H:%M:%SZ) nb-updater: $*"
  echo "$line"
  printf '%s\n' "$line" | as_owner timeout 5 tee -a "$log" >/dev/null 2>&1
}

# Bash counts the seconds since its script began, with all that stands in it before us. AWS fails a start after 300.
note_duration() {
  printf '{"time":"%s","seconds":%d}\n' "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$SECONDS" 2>/dev/null |
    as_owner timeout 5 tee "$notes/on-start.json" >/dev/null 2>&1
}

give_up() {
  say "not installed: $*"
  note_duration
  exit 0
}

keep_log_short() {
  # shellcheck disable=SC2016 # the inner shell expands its own arguments
  as_owner timeout 5 bash -c '
    mkdir -p "$1"
    if [ "$(stat -c %s "$2" 2>/dev/null || echo 0)" -gt "$3" ]; then
      tail -c "$(($3 / 2))" "$2" > "$2.short" && mv -f "$2.short" "$2"
    fi' bash "$notes" "$log" "$log_bytes" 2>/dev/null
}

fetch() { # to a file of the same name in the folder $1; prints the path
  as_owner timeout 90 "$environment/bin/python" - "$wheel" "$1" <<'PYTHON'
import os, shutil, sys
from urllib.parse import urlsplit

source, folder = sys.argv[1:]
parts = urlsplit(source)
target = os.path.join(folder, os.path.basename(parts.path))
if parts.scheme == "s3":
    import boto3
    boto3.client("s3").download_file(parts.netloc, parts.path.lstrip("/"), target)
elif parts.scheme == "https":
    import requests
    with requests.get(source, stream=True, timeout=20) as answer, open(target, "wb") as file:
        answer.raise_for_status()
        shutil.copyfileobj(answer.raw, file)
else:
    shutil.copyfile(source, target)
print(target)
PYTHON
}

main() {
  [ -x "$environment/bin/python" ] || { echo "nb-updater: there is no $environment"; exit 0; }
  keep_log_short
  [ -e "$notes/disabled" ] && give_up "switched off by $notes/disabled"

  local folder file answer
  folder=$(as_owner mktemp -d) || give_up "no temporary folder"
  # shellcheck disable=SC2064 # the folder of now, not of then
  trap "as_owner rm -rf -- '$folder'" EXIT

  answer=$(fetch "$folder" 2>&1) || give_up "$wheel could not be fetched: ${answer##*$'\n'}"
  file=${answer##*$'\n'}
  if [ -n "$sha256" ] && ! echo "$sha256  $file" | as_owner timeout 20 sha256sum --check --status; then
    give_up "$wheel is not the file with the SHA-256 $sha256"
  fi

  answer=$(cd / && as_owner timeout 90 "$environment/bin/python" -m pip install --no-deps --no-index --no-input \
    --force-reinstall --disable-pip-version-check "$file" 2>&1) || give_up "pip: ${answer##*$'\n'}"
  if ! answer=$(cd / && as_owner timeout 30 "$environment/bin/python" -c 'import jupyter_nb_updater' 2>&1); then
    as_owner timeout 30 "$environment/bin/python" -m pip uninstall --yes --quiet jupyter-nb-updater >/dev/null 2>&1
    give_up "it cannot be imported: ${answer##*$'\n'}"
  fi

  # Jupyter may be up already; --no-block, or the start of the instance would wait for it.
  timeout 20 systemctl --no-block restart jupyter-server.service || say "Jupyter was not restarted"
  say "installed $(basename "$file")"
  note_duration
}

main
exit 0
