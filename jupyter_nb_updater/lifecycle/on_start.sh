#!/bin/bash
# Install jupyter-nb-updater into the environment that runs Jupyter. It runs at every start, because everything outside the
# volume is new then. `render.py` puts it into a block, which runs it independently of the rest of the OnStart script.
#
# It never prevents a start: it runs after the rest of the script, each step has a time limit, and a wheel with which Jupyter
# crashes is uninstalled. That takes evidence: a Jupyter that is slow, or that nobody can ask or restart, may be healthy.
# To disable it on one instance: touch SageMaker/.nb-updater/disabled, or tag the instance nb-updater:disabled. Double quotes
# only, because this text is put between single quotes. Needs Bash 4.2 (Amazon Linux 2).

: "${helper:?is on_start.py, as render.py exports it}"
trap "" PIPE HUP
cd / || exit 0
for open in "/proc/$$/fd/"*; do # of the rest of the script: its reader must not wait for this process
  if [ "${open##*/}" -gt 2 ]; then eval "exec ${open##*/}>&-"; fi
done 2>/dev/null
exec 2>/dev/null # what says why something failed is in the log

wheel="" sha256="" home=/home/ec2-user configuration="" index="" # what to install, and where
after="" before=0 wait=0                                         # process to wait for; its seconds so far; seconds to log
environment_seconds=240 step_seconds=90 answer_seconds=240
for setting; do printf -v "${setting%%=*}" %s "${setting#*=}"; done

environment=$home/anaconda3/envs/JupyterSystemEnv
python=$environment/bin/python
settings=$environment/etc/jupyter/jupyter_nb_updater_config.json
notes=$home/SageMaker/.nb-updater
log=$notes/on-start.log
root=${home%/home/*}          # empty, except in the sandbox
unit=jupyter-server.service   # as in the examples of AWS; another name is found by the process
jupyter_log=$root/var/log/jupyter.log log_bytes=0 # as the log stream of AWS is called
script_seconds="" folder="" running=0 problem=""
printf -v line_end "\n"

# Files of the user are changed as the user: a link in the folder of the user must not lead root anywhere.
owner=$(stat -c %U "$home")
as_owner() { # SECONDS COMMAND …
  local become=()
  [ "$owner" = "$(id -un)" ] || become=(runuser -u "$owner" --)
  timeout -k 5 "$1" "${become[@]}" env HOME="$home" USER="$owner" LOGNAME="$owner" "${@:2}"
}

helper() { # SECONDS VERB …; the text goes to standard input, so that the command line shows the name
  printf %s "$helper" | as_owner "$1" "$python" -I - nb-updater-on-start "${@:2}" 2>&1
}

pip() { # SECONDS …, without the configuration of pip
  PIP_CONFIG_FILE=/dev/null as_owner "$1" "$python" -I -m pip --isolated --disable-pip-version-check "${@:2}" 2>&1
}

now() {
  date -u +%FT%TZ
}

say() {
  echo "$(now) nb-updater: $*" | as_owner 5 tee -a "$log"
}

release() { # the OnStart script, which waits for the end of the output
  [ -n "$script_seconds" ] || script_seconds=$((before + (SECONDS < wait ? SECONDS : wait)))
  exec >/dev/null
}

finish() { # OUTCOME WORDS, written to on-start.json
  local words=${2//[^[:print:]]/ }
  say "$2"
  release
  printf "{\"time\":\"%s\",\"seconds\":%d,\"outcome\":\"%s\",\"detail\":\"%s\",\"work_seconds\":%d}\n" \
    "$(now)" "$script_seconds" "$1" "${words//[\"\\]/ }" "$SECONDS" | as_owner 5 tee "$notes/on-start.json"
  [ -z "$folder" ] || as_owner 10 rm -rf -- "$folder"
  exit 0
}

not_installed() {
  finish not-installed "not installed: $1"
}

next_start() {
  finish next-start "installed $words. Jupyter loads it from its next start on, because $problem"
}

wait_for_script() { # it may exec another program: the process id is the same
  [ -n "$after" ] || return
  while [ "$SECONDS" -lt 290 ] && grep -q "^State:.[^Z]" "/proc/$after/status"; do sleep 0.2; done
  script_seconds=$((before + SECONDS))
}

has() { # PACKAGE, in the environment
  ls -d "$environment"/lib/python3*/site-packages/"$1" >/dev/null
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
  as_owner 5 rm -f "$environment/etc/jupyter/jupyter_server_config.d/jupyter_nb_updater.json" ${configuration:+"$settings"}
  pip "$step_seconds" uninstall --yes --quiet jupyter-nb-updater >/dev/null
}

ctl() {
  timeout 20 systemctl "$@"
}

find_unit() { # PID …, those of the servers, and of a Jupyter that is starting or crashes; 0 if no server is known
  # A parent is in the unit when AWS starts Jupyter by su -l, which may give it a session of its own (pam_systemd(8)). The main
  # process of the unit shows that it is not another one from which somebody has started a Jupyter, such as that of cron.
  local pid main
  for pid; do
    while [ "$pid" -gt 1 ]; do # not [[, which would run a command that the words of the helper contain
      [[ $(cat "$root/proc/$pid/cgroup") =~ /([^/]+\.service) ]] && main=$(ctl show -p MainPID "${BASH_REMATCH[1]}") &&
        grep -q jupyter "/proc/${main#*=}/cmdline" && unit=${BASH_REMATCH[1]} && return
      read -r pid < <(ps -o ppid= -p "$pid")
    done
  done
  [ "$1" = 0 ] || ctl -q is-active "$unit"
}

restart() { # --no-block, or the start of the instance would wait; reset-failed resets the count of crashes
  log_bytes=$(stat -c %s "$jupyter_log")
  ctl reset-failed "$unit"
  problem="its restart failed: $(ctl --no-block restart "$unit" 2>&1)" && problem=""
}

load() { # the extension into Jupyter
  running=$(helper "$step_seconds" look)
  problem="kernels or terminals are running"
  [[ $running != *busy ]] || next_start
  running=${running%%"$line_end"*} running=${running:-0}
  problem="systemd does not run it"
  # shellcheck disable=SC2046,SC2086 # several words
  find_unit $running $(pgrep -f "$environment/bin/jupyter-(lab|notebook|server)") && restart
}

crashed() { # COUNT: the unit failed, or systemd started it again so often (NRestarts, systemd 235)
  [[ $(ctl show -p ActiveState -p NRestarts "$unit") =~ =failed|NRestarts=([$1-9]|[0-9]{2}) ]]
}

watch() { # PID …, the earlier ones; answer: "answers", "crashed" with evidence, or nothing
  until=$((SECONDS + answer_seconds))
  release
  answer=answers
  while [ "$SECONDS" -lt "$until" ]; do
    helper 20 watch 8 "$1" >/dev/null && return
    ! crashed 3 || until=0
  done
  answer=crashed
  crashed 1 || tail -c "+$((log_bytes + 1))" "$jupyter_log" | grep -q "/jupyter_nb_updater/.*, line " || answer=""
}

main() {
  wait_for_script
  as_owner 5 mkdir -p "$notes" # before the lock, for the log
  exec 9<"$home"
  flock -n 9 # 1: another process has the lock (flock(1)); any other failure does not prevent the installation
  [ $? != 1 ] || { say "another installation is running"; exit 0; }
  # shellcheck disable=SC2016 # the inner shell expands its own arguments
  as_owner 5 bash -c "[ \$(stat -c %s \"\$0\") -gt 65536 ] && tail -c 32768 \"\$0\" >\"\$0.short\" && mv -f \"\$0.short\" \"\$0\"" "$log"
  [ ! -e "$notes/disabled" ] || finish switched-off "not installed: disabled by $notes/disabled"
  wait_for_environment || not_installed "$environment does not exist or is incomplete"
  helper 20 lay "$notes/layout" "$home/.jupyter/lab" >/dev/null # before the first page is opened

  had=""
  answer=$(helper "$step_seconds" prepare "$wheel" "$sha256" "$index" "$notes/rolled-back" "$settings" "$configuration" \
    "$root/opt/ml/metadata/resource-metadata.json")
  answer=${answer##*"$line_end"}
  words=${answer#* }
  case $answer in
    "ready "*) ;;
    "refused "*) finish "${words%% *}" "not installed: ${words#* }" ;;
    *) not_installed "$wheel was not fetched within $step_seconds seconds. $answer" ;;
  esac
  sha256=${words%% *} words=${words#* }
  folder=${words%/*}

  has jupyter_nb_updater && had=yes
  if ! answer=$(pip "$step_seconds" install --no-deps --no-index --no-input --no-compile --force-reinstall \
    --no-warn-script-location "$words"); then
    [ -n "$had" ] || take_out
    # the lines after an error are advice, unless they are a traceback
    words=${answer#*ERROR: } words=${words%%"$line_end"*}
    [[ $answer == *"ERROR: "* && $words != Exc* ]] || words=${answer##*"$line_end"}
    not_installed "pip: $words"
  fi

  words=${words##*/}
  say "installed $words"
  until=$((SECONDS + answer_seconds))
  until load; do # while Jupyter has not started, the name of its unit is unknown
    [ "$running" = 0 ] || next_start
    release
    [ "$SECONDS" -lt "$until" ] || break
    sleep 1
  done
  watch "$running"
  case $answer$problem in
    answers) finish installed "Jupyter answers with $words" ;;
    answers*) next_start ;;
    crashed*) ;;
    *) finish no-answer "installed $words. Jupyter has not answered within $answer_seconds seconds, without a crash" ;;
  esac
  take_out
  restart
  watch "$running"
  [ "$answer" != crashed ] || not_installed "Jupyter crashes, also without the extension"
  printf "%s\n" "$sha256" | as_owner 5 tee "$notes/rolled-back" >/dev/null
  finish rolled-back "uninstalled: with this wheel Jupyter crashed"
}

main
