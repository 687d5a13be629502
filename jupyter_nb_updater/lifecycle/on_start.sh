#!/bin/bash
# Install jupyter-nb-updater into the environment that runs Jupyter. It runs at every start, because everything outside the
# volume is new then. `render.py` puts it into a block, which runs it independently of the rest of the OnStart script.
#
# It never prevents a start: it runs after the rest of the script, each step has a time limit, and a wheel with which Jupyter
# does not start is uninstalled. To disable it on one instance: touch SageMaker/.nb-updater/disabled, or tag the instance
# nb-updater:disabled. Double quotes only, because this text is put between single quotes. Needs Bash 4.2 (Amazon Linux 2).

: "${helper:?is on_start.py, as render.py exports it}"
trap "" PIPE HUP
cd / || exit 0
for open in "/proc/$$/fd/"*; do # of the rest of the script: its reader must not wait for this process
  if [ "${open##*/}" -gt 2 ]; then eval "exec ${open##*/}>&-"; fi
done 2>/dev/null

wheel="" sha256="" home=/home/ec2-user configuration="" index="" # what to install, and where
after="" before=0 wait=0                                         # process to wait for; its seconds so far; seconds to log
environment_seconds=240 step_seconds=90 answer_seconds=240
for setting; do printf -v "${setting%%=*}" %s "${setting#*=}"; done

environment=$home/anaconda3/envs/JupyterSystemEnv
python=$environment/bin/python
settings=$environment/etc/jupyter/jupyter_nb_updater_config.json
notes=$home/SageMaker/.nb-updater
log=$notes/on-start.log
unit=jupyter-server.service
script_seconds="" folder="" why=""
printf -v line_end "\n"

# Files of the user are changed as the user: a link in the folder of the user must not lead root anywhere.
owner=$(stat -c %U "$home")
as_owner() { # SECONDS COMMAND …
  local become=()
  if [ "$owner" != "$(id -un)" ]; then
    become=(sudo -n -E -u "$owner" --)
    command -v runuser >/dev/null && become=(runuser -u "$owner" --)
  fi
  timeout -k 5 "$1" "${become[@]}" env HOME="$home" USER="$owner" LOGNAME="$owner" "${@:2}"
}

helper() { # SECONDS VERB …; the text goes to standard input, so that the command line shows the name
  printf %s "$helper" 2>/dev/null | as_owner "$1" "$python" -I - nb-updater-on-start "${@:2}" 2>&1
}

pip() { # SECONDS …, without the configuration of pip
  PIP_CONFIG_FILE=/dev/null as_owner "$1" "$python" -I -m pip --isolated --disable-pip-version-check "${@:2}" 2>&1
}

now() {
  date -u +%Y-%m-%dT%H:%M:%SZ
}

say() {
  local line
  line="$(now) nb-updater: $*"
  echo "$line" 2>/dev/null
  printf "%s\n" "$line" | as_owner 5 tee -a "$log" >/dev/null 2>&1
}

release() { # the OnStart script, which waits for the end of the output
  script_ended
  exec >/dev/null 2>&1
}

script_ended() {
  [ -n "$script_seconds" ] || script_seconds=$((before + (SECONDS < wait ? SECONDS : wait)))
}

finish() { # OUTCOME WORDS, written to on-start.json
  local words=${2//[^[:print:]]/ }
  say "$2"
  script_ended
  printf "{\"time\":\"%s\",\"seconds\":%d,\"outcome\":\"%s\",\"detail\":\"%s\",\"work_seconds\":%d}\n" \
    "$(now)" "$script_seconds" "$1" "${words//[\"\\]/ }" "$SECONDS" |
    as_owner 5 tee "$notes/on-start.json" >/dev/null 2>&1
  [ -z "$folder" ] || as_owner 10 rm -rf -- "$folder"
  exit 0
}

not_installed() {
  finish not-installed "not installed: $1"
}

wait_for_script() { # it may exec another program: the process id is the same
  [ -n "$after" ] || return
  while [ "$SECONDS" -lt 290 ] && [ -d "/proc/$after" ] && ! grep -q "^State:.Z" "/proc/$after/status"; do sleep 0.2; done
  script_seconds=$((before + SECONDS))
}

keep_log_short() {
  # shellcheck disable=SC2016 # the inner shell expands its own arguments
  as_owner 5 bash -c "if [ \"\$(stat -c %s \"\$1\" || echo 0)\" -gt 65536 ]; then
    tail -c 32768 \"\$1\" > \"\$1.short\" && mv -f \"\$1.short\" \"\$1\"
  fi" bash "$log" 2>/dev/null
}

has() { # PACKAGE, in the environment
  ls -d "$environment"/lib/python3*/site-packages/"$1" >/dev/null 2>&1
}

wait_for_environment() {
  local until=$((SECONDS + environment_seconds))
  until [ -x "$python" ] && has pip && has jupyter_server; do
    [ "$SECONDS" -lt "$until" ] || return 1
    sleep 0.5
  done
  owner=$(stat -c %U "$environment")
}

take_out() { # even if pip fails: without this file Jupyter does not load the extension
  as_owner 5 rm -f "$environment/etc/jupyter/jupyter_server_config.d/jupyter_nb_updater.json"
  [ -z "$configuration" ] || as_owner 5 rm -f "$settings"
  pip "$step_seconds" uninstall --yes --quiet jupyter-nb-updater >/dev/null
}

restart_jupyter() { # --no-block, or the start of the instance would wait; reset-failed resets the count of crashes
  timeout 20 systemctl reset-failed "$unit" 2>/dev/null
  timeout 20 systemctl --no-block restart "$unit" || say "Jupyter could not be restarted"
}

answers() { # whether a Jupyter answers that is not in $1, and does not crash by the count of systemd
  local until=$((SECONDS + answer_seconds)) slice=$((answer_seconds < 8 ? answer_seconds : 8))
  why="did not answer within $answer_seconds seconds"
  while [ "$SECONDS" -lt "$until" ]; do
    helper 20 watch "$slice" "$1" >/dev/null && return
    case $(timeout 5 systemctl show -p ActiveState -p NRestarts "$unit" 2>/dev/null) in
      *=failed* | *NRestarts=[3-9]* | *NRestarts=[12]?*) why=crashed && return 1 ;;
    esac
  done
  return 1
}

main() {
  wait_for_script
  as_owner 5 mkdir -p "$notes" 2>/dev/null # before the lock, for the log
  exec 9<"$home"
  flock -n 9 || { say "another installation is running"; exit 0; }
  keep_log_short
  [ ! -e "$notes/disabled" ] || finish switched-off "not installed: disabled by $notes/disabled"
  wait_for_environment || not_installed "$environment does not exist or is incomplete"
  helper 20 lay "$notes/layout" "$home/.jupyter/lab" >/dev/null # before the first page is opened

  local answer words had=""
  answer=$(helper "$step_seconds" prepare "$wheel" "$sha256" "$index" "$notes/rolled-back" "$settings" "$configuration" \
    "${home%/home/*}/opt/ml/metadata/resource-metadata.json")
  answer=${answer##*"$line_end"}
  words=${answer#* }
  case $answer in
    "ready "*) ;;
    "refused "*) finish "${words%% *}" "not installed: ${words#* }" ;;
    *) not_installed "$wheel was not fetched within $step_seconds seconds. $answer" ;;
  esac
  sha256=${words%% *} words=${words#* }
  folder=${words%/*}

  if has jupyter_nb_updater; then had=yes; fi
  if ! answer=$(pip "$step_seconds" install --no-deps --no-index --no-input --no-compile --force-reinstall \
    --no-warn-script-location "$words"); then
    [ -n "$had" ] || take_out
    words=${answer##*"$line_end"}
    case $answer in # the lines after an error are advice, unless they are a traceback
      *"ERROR: Exc"*) ;;
      *"ERROR: "*) words=${answer#*ERROR: } words=${words%%"$line_end"*} ;;
    esac
    not_installed "pip: $words"
  fi

  answer=$(helper 20 look)
  case $answer in
    "busy"*) finish installed "installed ${words##*/}. It takes effect when Jupyter starts again, because kernels or terminals are running" ;;
  esac
  restart_jupyter
  say "installed ${words##*/}"
  release
  if ! answers "$answer"; then
    take_out
    printf "%s\n" "$sha256" | as_owner 5 tee "$notes/rolled-back" >/dev/null
    restart_jupyter
    finish rolled-back "uninstalled: with this wheel Jupyter $why"
  fi
  finish installed "Jupyter answers with ${words##*/}"
}

main
