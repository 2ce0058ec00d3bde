#!/bin/sh
# ledger-run.sh [options] -- COMMAND [ARGUMENT…]
#
# Runs a command that changes a database, and records it in a ledger. For images that have no
# `ledger` command: it needs a POSIX shell with its usual tools, and curl.
#
#    LEDGER=https://ledger.example.com LEDGER_TOKEN=… sh ledger-run.sh \
#        --service orders --env prod -m 'report' -- psql -v ON_ERROR_STOP=1 -f V42__add_index.sql
#
# The command always runs, and this exits as it did, whatever is wrong with the ledger. Events are
# kept in files, in the form of the spool of `ledger`, before they are sent, in the background; what
# can't be sent waits there for the next run. The command doesn't see LEDGER_TOKEN.
#
# Variables of this script begin with lr_, so that none that the command needs is overwritten.
set -u

unset lr_token lr_notes
lr_token=${LEDGER_TOKEN-}
unset LEDGER_TOKEN

# ---------------------------------------------------------------- what is said, in one line each

lr_notes=
lr_say() {
    lr_said=$1
    case $1 in *[[:cntrl:]]*) lr_said=$(printf %s "$1" | tr -d '\000-\037\177') ;; esac
    case $lr_notes in *"ledger: $lr_said
"*) return ;; esac
    lr_notes="${lr_notes}ledger: $lr_said
"
}

lr_usage() {
    cat <<'END'
usage: ledger-run.sh [options] -- COMMAND [ARGUMENT...]

  --service NAME --env NAME [--tenant NAME] [--region NAME] [--cluster NAME] [--database NAME]
  --change ID            the change, if the script's name doesn't say it
  --file PATH            the script; its bytes are kept
  -m, --reason TEXT      why
  --title TEXT  --ticket ID  --kind schema|data|config|permission  --tool NAME  --emergency
  --operation apply|revert|baseline|mark|repair  --attempt N  --group ID
  --actor ID  --source NAME  --run URL
  --record-timeout SECONDS   for the ledger after the command's end; 5 if left out
  --require-record           start only once the beginning is recorded; fail if the end can't be

Each has a variable, such as LEDGER_SERVICE. LEDGER is the ledger's address, LEDGER_TOKEN the token,
LEDGER_SPOOL the folder in which events wait.
END
}

# ---------------------------------------------------------------- options and variables

lr_service=${LEDGER_SERVICE-} lr_environment=${LEDGER_ENV-} lr_tenant=${LEDGER_TENANT-}
lr_region=${LEDGER_REGION-} lr_cluster=${LEDGER_CLUSTER-} lr_database=${LEDGER_DATABASE-}
lr_change=${LEDGER_CHANGE-} lr_file=${LEDGER_FILE-} lr_tool=${LEDGER_TOOL-}
lr_kind=${LEDGER_KIND-} lr_ticket=${LEDGER_TICKET-} lr_reason=${LEDGER_REASON-}
lr_title=${LEDGER_TITLE-} lr_operation=${LEDGER_OPERATION:-apply}
lr_attempt=${LEDGER_ATTEMPT-} lr_group=${LEDGER_GROUP-} lr_actor=${LEDGER_ACTOR-}
lr_source=${LEDGER_SOURCE-} lr_run=${LEDGER_RUN-} lr_timeout=${LEDGER_RECORD_TIMEOUT:-5}
lr_class='' lr_required=''

lr_option() {
    [ -n "$2" ] || lr_say "$1 is empty"
    case $1 in
        --service) lr_service=$2 ;;
        --env | --environment) lr_environment=$2 ;;
        --tenant) lr_tenant=$2 ;;
        --region) lr_region=$2 ;;
        --cluster) lr_cluster=$2 ;;
        --database) lr_database=$2 ;;
        --change) lr_change=$2 ;;
        --file) lr_file=$2 ;;
        --tool) lr_tool=$2 ;;
        --kind) lr_kind=$2 ;;
        --ticket) lr_ticket=$2 ;;
        -m | --reason) lr_reason=$2 ;;
        --title) lr_title=$2 ;;
        --operation) lr_operation=$2 ;;
        --attempt) lr_attempt=$2 ;;
        --group) lr_group=$2 ;;
        --actor) lr_actor=$2 ;;
        --source) lr_source=$2 ;;
        --run) lr_run=$2 ;;
        --record-timeout) lr_timeout=$2 ;;
        *) return 1 ;;
    esac
}

lr_separated=
for lr_word; do
    case $lr_word in
        --) lr_separated=1 && break ;;
        -h | --help) lr_usage && exit 0 ;;
    esac
done
while [ $# -gt 0 ] && [ -n "$lr_separated" ]; do
    lr_word=$1
    shift
    case $lr_word in
        --) break ;;
        --emergency) lr_class=emergency ;;
        --require-record) lr_required=1 ;;
        --*=*)
            lr_option "${lr_word%%=*}" "${lr_word#*=}" || lr_say "${lr_word%%=*} is not known"
            ;;
        -*)
            if [ "$1" = -- ]; then
                lr_say "$lr_word has no value, or is not known"
            elif lr_option "$lr_word" "$1"; then
                shift
            else
                lr_say "$lr_word is not known"
                case $1 in -*) ;; *) shift ;; esac
            fi
            ;;
        *) lr_say 'a word before -- belongs to no option' ;;
    esac
done
if [ $# = 0 ] || [ -z "$lr_separated" ]; then
    echo 'ledger: name the command to run after --' >&2
    lr_usage >&2
    exit 64
fi

# Hundredths of seconds, so that 0.3 s can be told apart from 0.
lr_hundredths() {
    case $1 in
        *[!0-9.]* | *.*.* | . | '' | ?????????*) return 1 ;;
    esac
    lr_whole=${1%%.*} lr_part=0
    case $1 in *.*) lr_part=${1#*.} ;; esac
    while :; do case $lr_whole in 0?*) lr_whole=${lr_whole#0} ;; *) break ;; esac done
    case $lr_part in '') lr_part=00 ;; ?) lr_part=${lr_part}0 ;; ??*) lr_part=${lr_part%"${lr_part#??}"} ;; esac
    [ "${lr_whole:-0}" -le 3600 ] || return 1
    lr_patience=$((${lr_whole:-0} * 100 + 1$lr_part - 100))
}
if ! lr_hundredths "$lr_timeout"; then
    lr_say '--record-timeout is no number of seconds; the ledger gets 5'
    lr_timeout=5 lr_patience=500
fi
case $lr_attempt in
    *[!0-9]* | 0* | ???????*)
        lr_say '--attempt is no number from 1 and is not recorded'
        lr_attempt=
        ;;
esac

# ---------------------------------------------------------------- the job of a pipeline

lr_ci='' lr_project='' lr_commit='' lr_ref='' lr_repository='' lr_page='' lr_who='' lr_try=''
if [ -n "${GITHUB_ACTIONS-}" ]; then
    lr_ci=github-actions lr_project=${GITHUB_REPOSITORY-} lr_commit=${GITHUB_SHA-}
    lr_ref=${GITHUB_HEAD_REF:-${GITHUB_REF_NAME-}} lr_try=${GITHUB_RUN_ATTEMPT-}
    lr_repository=${GITHUB_SERVER_URL:+$GITHUB_SERVER_URL/$lr_project}
    lr_page=${GITHUB_RUN_ID:+$lr_repository/actions/runs/$GITHUB_RUN_ID}
    lr_who=${GITHUB_TRIGGERING_ACTOR:-${GITHUB_ACTOR-}}
elif [ -n "${GITLAB_CI-}" ]; then
    lr_ci=gitlab-ci lr_project=${CI_PROJECT_PATH-} lr_commit=${CI_COMMIT_SHA-}
    lr_ref=${CI_MERGE_REQUEST_SOURCE_BRANCH_NAME:-${CI_COMMIT_REF_NAME-}}
    lr_repository=${CI_PROJECT_URL-} lr_page=${CI_JOB_URL:-${CI_PIPELINE_URL-}}
    lr_who=${GITLAB_USER_LOGIN:-${GITLAB_USER_EMAIL-}}
elif [ -n "${TF_BUILD-}" ]; then
    lr_ci=azure-pipelines lr_project=${BUILD_REPOSITORY_NAME:-${SYSTEM_TEAMPROJECT-}}
    lr_commit=${BUILD_SOURCEVERSION-} lr_repository=${BUILD_REPOSITORY_URI-}
    lr_ref=${SYSTEM_PULLREQUEST_SOURCEBRANCH:-${BUILD_SOURCEBRANCH-}}
    lr_ref=${lr_ref#refs/heads/} lr_ref=${lr_ref#refs/tags/} lr_try=${SYSTEM_JOBATTEMPT-}
    lr_who=${BUILD_REQUESTEDFOREMAIL:-${BUILD_REQUESTEDFOR-}}
elif [ -n "${BITBUCKET_BUILD_NUMBER-}" ]; then
    lr_ci=bitbucket-pipelines lr_project=${BITBUCKET_REPO_FULL_NAME-}
    lr_commit=${BITBUCKET_COMMIT-} lr_ref=${BITBUCKET_BRANCH:-${BITBUCKET_TAG-}}
    lr_repository=${BITBUCKET_GIT_HTTP_ORIGIN-} lr_try=${BITBUCKET_STEP_RUN_NUMBER-}
    lr_page=https://bitbucket.org/$lr_project/pipelines/results/$BITBUCKET_BUILD_NUMBER
    lr_who=${BITBUCKET_STEP_TRIGGERER_UUID-}
elif [ -n "${CIRCLECI-}" ]; then
    lr_ci=circleci lr_project=${CIRCLE_PROJECT_USERNAME-}/${CIRCLE_PROJECT_REPONAME-}
    lr_commit=${CIRCLE_SHA1-} lr_ref=${CIRCLE_BRANCH:-${CIRCLE_TAG-}}
    lr_repository=${CIRCLE_REPOSITORY_URL-} lr_page=${CIRCLE_BUILD_URL-}
    lr_who=${CIRCLE_USERNAME-}
elif [ -n "${BUILDKITE-}" ]; then
    lr_ci=buildkite lr_project=${BUILDKITE_ORGANIZATION_SLUG-}/${BUILDKITE_PIPELINE_SLUG-}
    lr_commit=${BUILDKITE_COMMIT-} lr_ref=${BUILDKITE_BRANCH:-${BUILDKITE_TAG-}}
    lr_repository=${BUILDKITE_REPO-} lr_page=${BUILDKITE_BUILD_URL-}
    lr_who=${BUILDKITE_BUILD_CREATOR_EMAIL:-${BUILDKITE_BUILD_CREATOR-}}
elif [ -n "${JENKINS_URL-}" ]; then
    lr_ci=jenkins lr_project=${JOB_NAME-} lr_commit=${GIT_COMMIT-}
    lr_ref=${CHANGE_BRANCH:-${BRANCH_NAME:-${GIT_BRANCH-}}} lr_ref=${lr_ref#origin/}
    lr_repository=${GIT_URL-} lr_page=${BUILD_URL-}
    lr_who=${BUILD_USER_ID:-${BUILD_USER_EMAIL:-${CHANGE_AUTHOR-}}}
fi
# Defaults that are no valid values are left out: they may not cost the whole event.
case $lr_commit in *[!0-9a-f]*) lr_commit= ;; esac
case ${#lr_commit} in 40 | 64) ;; *) lr_commit= ;; esac
case $lr_try in *[!0-9]* | 0* | ???????*) lr_try= ;; esac
# user:password@ is taken out of URLs; Git's user@host:path is not one.
lr_secret_free() {
    case $1 in
        *://*)
            lr_rest=${1#*://}
            lr_host=${lr_rest%%/*}
            lr_url="${1%%://*}://${lr_host##*@}${lr_rest#"$lr_host"}"
            ;;
        *) lr_url=$1 ;;
    esac
}
lr_secret_free "$lr_repository" && lr_repository=$lr_url
lr_source=${lr_source:-${lr_ci:+$lr_ci${lr_project:+:$lr_project}}}
lr_source=${lr_source:-ledger run} lr_run=${lr_run:-$lr_page} lr_attempt=${lr_attempt:-$lr_try}
lr_actor=${lr_actor:-${lr_who:-${SUDO_USER:-$(id -un 2>/dev/null)}}}
lr_machine=$(uname -n 2>/dev/null)
lr_trigger=cli
if [ -z "$lr_ci" ]; then
    if [ -t 0 ] || [ -t 2 ]; then lr_trigger=manual; fi
fi

# ---------------------------------------------------------------- the command and its script

lr_program=${1##*/}
# psql exits 0 when statements failed, but for a single -c and for ON_ERROR_STOP.
lr_doubt=''
if [ "$lr_program" = psql ]; then
    lr_doubt=1 lr_singles=0 lr_files=0 lr_found='' lr_before='' lr_host=${PGHOST-}
    lr_port=${PGPORT-}
    for lr_word; do
        case $lr_before in
            -f | --file) lr_files=$((lr_files + 1)) lr_found=$lr_word ;;
            -c | --command) lr_singles=$((lr_singles + 1)) ;;
            -h | --host) lr_host=$lr_word ;;
            -p | --port) lr_port=$lr_word ;;
        esac
        case $lr_word in
            *ON_ERROR_STOP=0 | *ON_ERROR_STOP=off) ;;
            *ON_ERROR_STOP=*) lr_doubt= ;;
            --file=*) lr_files=$((lr_files + 1)) lr_found=${lr_word#*=} ;;
            --command=* | -c?*) lr_singles=$((lr_singles + 1)) ;;
            -f?*) lr_files=$((lr_files + 1)) lr_found=${lr_word#-f} ;;
            --host=*) lr_host=${lr_word#*=} ;;
            --port=*) lr_port=${lr_word#*=} ;;
            -h?*) lr_host=${lr_word#-h} ;;
            -p?*) lr_port=${lr_word#-p} ;;
        esac
        lr_before=$lr_word
    done
    if [ "$lr_singles" = 1 ] && [ "$lr_files" = 0 ]; then lr_doubt=; fi
    if [ "$lr_files" = 1 ] && [ "$lr_found" != - ]; then lr_file=${lr_file:-$lr_found}; fi
    # Where the database is, if it is not here.
    case $lr_host in
        '' | /*) ;;
        *) lr_machine=$lr_host${lr_port:+:$lr_port} ;;
    esac
fi
case $lr_program in psql | mysql | mariadb | sqlite3) lr_tool=${lr_tool:-$lr_program} ;; esac

# The id that the tool's own history table has, where the name shows the tool beyond doubt.
lr_repeatable=
lr_name_change() {
    lr_stem=${1##*/}
    case $lr_stem in
        migration.sql)
            case $1 in
                */*) lr_stem=${1%/*} && lr_id=${lr_stem##*/} lr_name=${lr_stem##*/} && return ;;
            esac
            ;;
    esac
    case $lr_stem in ?*.*) lr_stem=${lr_stem%.*} ;; esac
    case $lr_stem in
        R__?*) lr_id=$lr_stem lr_name=$lr_stem lr_repeatable=true && return ;;
        [VU][0-9]*__*)
            lr_version=${lr_stem%%__*} && lr_version=${lr_version#?}
            case $lr_version in
                *[!0-9._]* | *[._] | *[._][._]*) ;;
                *)
                    lr_id=$(printf %s "$lr_version" | tr _ .) lr_name=V${lr_stem#?}
                    return
                    ;;
            esac
            ;;
    esac
    lr_numbered=
    case $lr_stem in *.up | *.down) lr_stem=${lr_stem%.*} lr_numbered=1 ;; esac
    lr_id=$lr_stem lr_name=$lr_stem
    lr_version=${lr_stem%%[!0-9]*}
    case ${lr_stem#"$lr_version"} in '' | [-_.]*) ;; *) return ;; esac
    if [ ${#lr_version} -ge 8 ] && [ ${#lr_version} -le 14 ]; then
        lr_id=$lr_version
    elif [ -n "$lr_version" ] && [ -n "$lr_numbered" ]; then
        lr_id=$lr_version
        while :; do case $lr_id in 0?*) lr_id=${lr_id#0} ;; *) break ;; esac done
    fi
}

# ---------------------------------------------------------------- time, ids, places

# Monotonic hundredths of seconds where the system shows them.
lr_tick() {
    if { read -r lr_up lr_rest </proc/uptime; } 2>/dev/null; then
        lr_now=$((${lr_up%.*} * 100 + 1${lr_up#*.} - 100))
    else
        lr_now=$(date +%s)00
    fi
}

lr_clock() {
    # shellcheck disable=SC2046
    set -- $(LC_ALL=C date -u '+%s %Y-%m-%dT%H:%M:%S %N' 2>/dev/null)
    lr_millis=000
    case ${3-} in *[!0-9]*) ;; ?????????) lr_millis=${3%??????} ;; esac
    lr_epoch=${1:-0}$lr_millis lr_utc=${2:-1970-01-01T00:00:00}.${lr_millis}Z
}

# A UUID of version 7 that sorts behind all that wait in the spool.
lr_mint() {
    lr_last=
    for lr_word in "$lr_spool"/*-*.json; do lr_last=${lr_word##*/}; done
    case $lr_last in
        [0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f]-[0-9a-f][0-9a-f][0-9a-f][0-9a-f]-7*)
            lr_last=${lr_last%-*-*-*}
            lr_last=$((0x${lr_last%-*}${lr_last#*-}))
            lr_ahead=$((lr_last - lr_epoch))
            # An hour at most: a clock that was set back is not followed for ever.
            if [ "$lr_ahead" -ge 0 ] && [ "$lr_ahead" -lt 3600000 ]; then
                lr_epoch=$((lr_last + 1))
            fi
            ;;
    esac
    # shellcheck disable=SC2046
    set -- $(LC_ALL=C od -An -N10 -tx2 /dev/urandom 2>/dev/null)
    lr_hex=$(printf %012x "$lr_epoch")
    if [ $# = 5 ]; then
        lr_minted=${lr_hex%????}-${lr_hex#????????}-7${1#?}-8${2#?}-$3$4$5
    else
        lr_minted=${lr_hex%????}-${lr_hex#????????}-7000-8000-$(printf %012x $$)
    fi
}

lr_nap() { sleep 0.05 2>/dev/null || sleep 1; }

lr_spool=${LEDGER_SPOOL-} lr_kept=1 lr_state=
if [ -z "$lr_spool" ]; then
    case ${XDG_STATE_HOME-} in
        /*) lr_spool=$XDG_STATE_HOME/ledger/spool ;;
        *) case ${HOME-} in /*) lr_spool=$HOME/.local/state/ledger/spool ;; esac ;;
    esac
fi

# A folder of this run's own, in the spool; that shows too whether the spool can be written.
lr_open() {
    [ -n "$1" ] || return 1
    lr_spool=$1
    lr_clock
    lr_mint
    lr_state=$1/.run-$lr_minted
    (umask 077 && mkdir -p "$1" && mkdir "$lr_state" && echo >"$lr_state/answer") 2>/dev/null
}

lr_ledger=${LEDGER-}
while :; do case $lr_ledger in */) lr_ledger=${lr_ledger%/} ;; *) break ;; esac done
lr_secret_free "$lr_ledger" && lr_public=$lr_url

# ---------------------------------------------------------------- JSON

# A member of an event: a path of one or two names, and a text, or nothing if it is empty. What is
# written is the kind and the path, NUL, the text, NUL.
lr_text() { [ -z "$2" ] || printf 's%s\000%s\000' "$1" "$2"; }
lr_number() { [ -z "$2" ] || printf 'n%s\000%s\000' "$1" "$2"; }

# Makes an object of members, without its last brace, in ASCII: od gives bytes as numbers, so that
# no awk has to know what a character is. Bytes that are no UTF-8 become U+FFFD.
lr_json() {
    LC_ALL=C od -An -v -tu1 | LC_ALL=C awk '
        function put(c) {
            if (c == 34 || c == 92) printf "\\%c", c
            else if (c > 65535) {
                c -= 65536
                printf "\\u%04x\\u%04x", 55296 + int(c / 1024), 56320 + c % 1024
            } else if (c < 32 || c > 126) printf "\\u%04x", c
            else printf "%c", c
        }
        function lead(bits, count) { code = bits; need = count; low = 128; high = 191 }
        function take(b) {
            if (need) {
                if (b >= low && b <= high) {
                    code = code * 64 + b % 64
                    low = 128
                    high = 191
                    if (--need == 0) put(code)
                    return
                }
                put(65533)
                need = 0
            }
            if (b < 128) put(b)
            else if (b >= 194 && b <= 223) lead(b - 192, 1)
            else if (b >= 224 && b <= 239) {
                lead(b - 224, 2)
                if (b == 224) low = 160
                if (b == 237) high = 159
            } else if (b >= 240 && b <= 244) {
                lead(b - 240, 3)
                if (b == 240) low = 144
                if (b == 244) high = 143
            } else put(65533)
        }
        function begin() {
            kind = substr(name, 1, 1)
            path = substr(name, 2)
            dot = index(path, ".")
            group = dot ? substr(path, 1, dot - 1) : ""
            if (group != "" && group == open) printf ","
            else {
                if (open != "") printf "}"
                printf "%s", comma
                if (group != "") printf "\"%s\":{", group
                comma = ","
                open = group
            }
            printf "\"%s\":", substr(path, dot + 1)
            if (kind == "s") printf "\""
        }
        function end() {
            if (need) { put(65533); need = 0 }
            if (kind == "s") printf "\""
        }
        BEGIN { naming = 1; printf "{" }
        {
            for (i = 1; i <= NF; i++) {
                b = $i + 0
                if (b == 0) {
                    if (naming) begin()
                    else { end(); name = "" }
                    naming = !naming
                } else if (naming) name = name sprintf("%c", b)
                else if (kind == "s") take(b)
                else printf "%c", b
            }
        }
        END { if (open != "") printf "}" }'
}

# An event in one line: its status, then end, duration in milliseconds, exit code and error.
lr_event() {
    {
        lr_text type deployment
        lr_text id "$lr_minted"
        lr_text source "$lr_source"
        lr_text time "$lr_utc"
        lr_text service "$lr_service"
        lr_text environment "$lr_environment"
        lr_text tenant "$lr_tenant"
        lr_text region "$lr_region"
        lr_text cluster "$lr_cluster"
        lr_text database "$lr_database"
        lr_text change.id "$lr_id"
        lr_text change.name "$lr_name"
        lr_text change.tool "$lr_tool"
        lr_text change.kind "$lr_kind"
        lr_text change.class "$lr_class"
        lr_text change.ticket "$lr_ticket"
        lr_text change.digest "$lr_digest"
        lr_number change.repeatable "$lr_repeatable"
        lr_text deployment.id "$lr_deployment"
        lr_text deployment.operation "$lr_operation"
        lr_text deployment.status "$1"
        lr_text deployment.started "$lr_started"
        lr_text deployment.ended "$2"
        lr_text deployment.group "$lr_group"
        lr_number deployment.duration_ms "$3"
        lr_number deployment.exit_code "$4"
        lr_number deployment.attempt "$lr_attempt"
        lr_text git.repository "$lr_repository"
        lr_text git.commit "$lr_commit"
        lr_text git.ref "$lr_ref"
        lr_text trigger.kind "$lr_trigger"
        lr_text trigger.tool "$lr_ci"
        lr_text trigger.run "$lr_run"
        lr_text actor "$lr_actor"
        lr_text host "$lr_machine"
        lr_text reason "$lr_reason"
        lr_text title "$lr_title"
        lr_text command "$lr_command"
        lr_text error "$5"
    } | lr_json
    if [ -s "$lr_state/script" ]; then
        printf ',"attachments":{"script":{"media_type":"application/sql","base64":"'
        cat "$lr_state/script"
        printf '"}}'
    fi
    printf '}\n'
}

# ---------------------------------------------------------------- the spool

# Writes standard input to a file that is there whole, and durable where dd can make it so.
lr_write() {
    (
        umask 077
        lr_temporary=${1%/*}/.${1##*/}.tmp
        cat >"$lr_state/copy" &&
            { dd if="$lr_state/copy" of="$lr_temporary" bs=65536 conv=fsync ||
                cat "$lr_state/copy" >"$lr_temporary"; } &&
            mv -f "$lr_temporary" "$1"
    ) 2>/dev/null
}

# The second line is the event, the third begins with the ledger that it is for.
lr_string() { lr_text x "${1:-none}" | lr_json | sed 's/^{"x"://'; }
lr_keep() {
    lr_event "$@" >"$lr_state/event" 2>/dev/null && grep -q '^{"type".*}$' "$lr_state/event" &&
        {
            printf '{"event":\n' && cat "$lr_state/event"
            printf '%s,"source":%s,"v":1}\n' "$lr_mine" "$(lr_string "$lr_source")"
        } | lr_write "$lr_target/$lr_minted.json"
}

# Keeps an event. Without a place where it can wait there is nothing to send.
lr_add() {
    lr_added=''
    [ -n "$lr_state" ] || return
    lr_clock
    lr_mint
    if lr_keep "$@"; then
        lr_added=$lr_minted
        [ "$lr_target" = "$lr_spool" ] || printf '%s\n' "$lr_fault" >"$lr_target/$lr_minted.reason"
    else
        lr_say "the event can't be written to $lr_target: it is NOT RECORDED"
    fi
}

lr_refuse() {
    (
        umask 077
        mkdir -p "$lr_spool/refused" && printf '%s\n' "$2" >"$lr_spool/refused/$1.reason" &&
            mv -f "$lr_spool/$1.json" "$lr_spool/refused/$1.json"
    ) 2>/dev/null
}

# ---------------------------------------------------------------- sending

# For the configuration that curl reads: no argument of its holds the token or the address.
lr_quoted() { printf %s "$1" | tr -d '\000-\037' | sed 's/[\\"]/\\&/g'; }
lr_configuration() {
    printf 'url = "%s/v1/events"\n' "$(lr_quoted "$lr_ledger")"
    [ -z "$lr_token" ] || printf 'header = "Authorization: Bearer %s"\n' "$(lr_quoted "$lr_token")"
}

# Sends one file. Sets lr_fate to recorded, refused, or: busy (waiting may help), waiting.
lr_post() {
    sed -n 2p "$1" >"$lr_state/body"
    : >"$lr_state/answer"
    lr_configuration | curl -q -sS -K - --max-time "$lr_limit" --max-filesize 1000000 \
        -H 'Content-Type: application/json' -H 'Expect:' -H 'Accept: application/json' \
        --data-binary @"$lr_state/body" -o "$lr_state/answer" -w '%{http_code}' \
        >"$lr_state/code" 2>"$lr_state/trouble" &
    lr_curl=$!
    while :; do
        wait "$lr_curl"
        lr_status=$?
        # Woken by a signal, not by its end.
        if [ $lr_status -gt 128 ] && kill -0 "$lr_curl" 2>/dev/null; then continue; fi
        break
    done
    lr_curl=
    lr_http=$(cat "$lr_state/code")
    lr_body=$(LC_ALL=C tr -d '\000-\037\177' <"$lr_state/answer" | LC_ALL=C cut -c1-20000)
    case $lr_status in
        0) ;;
        28) lr_fate=waiting lr_why="no answer in $lr_limit s" && return ;;
        127) lr_fate=waiting lr_why='curl is not there' && return ;;
        *)
            lr_fate=waiting
            lr_why="the ledger can't be reached: $(LC_ALL=C tr -d '\000-\037' <"$lr_state/trouble" | cut -c1-200)"
            return
            ;;
    esac
    case $lr_http in
        200 | 201)
            lr_index=$(printf %s "$lr_body" | sed -n 's/.*"index" *: *\([0-9][0-9]*\).*/\1/p')
            lr_hash=$(printf %s "$lr_body" |
                sed -n 's/.*"hash" *: *"\([0-9a-f]\{64\}\)".*/\1/p')
            if [ -n "$lr_index" ] && [ -n "$lr_hash" ]; then
                lr_fate=recorded lr_why="#$lr_index $lr_hash"
            else
                lr_fate=waiting lr_why='the answer is no receipt: is LEDGER the address of a ledger?'
            fi
            return
            ;;
        400 | 403 | 409 | 413 | 415 | 422) lr_fate=refused ;;
        429 | 503) lr_fate=busy ;;
        *) lr_fate=waiting ;;
    esac
    lr_why=$(printf %s "$lr_body" |
        sed -n 's/.*"detail" *: *"\([^"\\]*\(\\.[^"\\]*\)*\)".*/\1/p' |
        sed 's/\\\(["\\/]\)/\1/g; s/\\[a-z]/ /g' | cut -c1-300)
    case $lr_why in
        '') lr_why="it answered $lr_http" ;;
        *) lr_why="$lr_why ($lr_http)" ;;
    esac
}

# Sends all that waits for this ledger, in order, up to the first that must wait.
lr_pass() {
    for lr_path in "$lr_spool"/*.json; do
        [ -f "$lr_path" ] || continue
        lr_item=${lr_path##*/} && lr_item=${lr_item%.json}
        lr_line=$(sed -n 3p "$lr_path" 2>/dev/null)
        case $lr_line in "$lr_mine",*) ;; *) continue ;; esac
        lr_post "$lr_path"
        case $lr_fate in
            recorded) rm -f "$lr_path" ;;
            refused)
                lr_refuse "$lr_item" "$lr_why"
                case " $(cat "$lr_state/own") " in
                    *" $lr_item "*) ;;
                    *) printf 'an event from before was refused: %s\n' "$lr_why" >>"$lr_state/notes" ;;
                esac
                ;;
        esac
        printf '%s %s\n' "$lr_fate" "$lr_why" >"$lr_state/fate"
        mv -f "$lr_state/fate" "$lr_state/fate-$lr_item"
        case $lr_fate in
            busy | waiting) printf '%s\n' "$lr_why" >"$lr_state/why" && return 1 ;;
        esac
    done
    rm -f "$lr_state/why"
}

# Runs beside the command. It ends when all is sent or, once somebody waits for it, when a fresh
# attempt has failed for a reason that waiting doesn't cure.
lr_work() {
    trap '' HUP INT QUIT USR2
    trap : USR1
    trap 'kill $lr_curl $lr_sleep 2>/dev/null; exit 1' TERM
    lr_curl='' lr_sleep='' lr_pause=1
    find "$lr_spool"/.run-* -prune -mtime +1 -exec rm -rf {} + 2>/dev/null
    while :; do
        lr_hurry=
        [ ! -e "$lr_state/hurry" ] || lr_hurry=1
        if lr_pass; then break; fi
        # Nobody is there any more to be told; the events wait for the next run.
        if ! kill -0 $$ 2>/dev/null; then rm -rf "$lr_state" && exit 1; fi
        if [ -n "$lr_hurry" ]; then
            [ "$lr_fate" = busy ] || break
            sleep 0.3 2>/dev/null || sleep 1
        elif [ ! -e "$lr_state/hurry" ]; then
            sleep "$lr_pause" &
            lr_sleep=$!
            wait "$lr_sleep"
            kill "$lr_sleep" 2>/dev/null
            [ "$lr_pause" -ge 5 ] || lr_pause=$((lr_pause + 1))
        fi
    done
    : >"$lr_state/done"
}

lr_worker=
lr_launch() {
    rm -f "$lr_state/done"
    lr_work </dev/null >/dev/null 2>&1 &
    lr_worker=$!
}

# Waits until an event has its fate, or the ledger's time is over, or a signal comes.
lr_await() {
    lr_tick
    lr_deadline=$((lr_now + lr_patience))
    : >"$lr_state/hurry"
    if [ -z "$lr_worker" ] || [ -e "$lr_state/done" ]; then
        lr_launch
    else
        kill -s USR1 "$lr_worker" 2>/dev/null
    fi
    lr_launches=1
    while [ -z "$lr_stopped$lr_early" ]; do
        if [ -e "$lr_state/done" ]; then
            # It may have ended just before this event was there.
            if [ ! -e "$lr_state/why" ] && [ -e "$lr_spool/$1.json" ] && [ $lr_launches -lt 3 ]; then
                lr_launches=$((lr_launches + 1))
                lr_launch
            else
                break
            fi
        fi
        lr_tick
        [ "$lr_now" -lt "$lr_deadline" ] || break
        lr_nap
    done
}

lr_fate_of() {
    lr_fate='' lr_why=''
    [ -n "$1" ] || return
    if [ -e "$lr_state/fate-$1" ]; then
        read -r lr_fate lr_why <"$lr_state/fate-$1"
    elif [ -e "$lr_state/why" ]; then
        # One before it had to wait, and so must this.
        lr_fate=waiting
        read -r lr_why <"$lr_state/why"
    fi
}

lr_tell() {
    lr_fate_of "$1"
    lr_place="; kept in $lr_spool"
    [ -n "$lr_kept" ] || lr_place='; NOT KEPT: there is no spool'
    case $lr_fate in
        recorded) ;;
        refused) lr_say "the ledger refused the event: $lr_why${lr_place}${lr_kept:+/refused}" ;;
        '') lr_say "not recorded yet: no answer in $lr_timeout s$lr_place" ;;
        *) lr_say "not recorded yet: $lr_why$lr_place" ;;
    esac
}

lr_finish() {
    if [ -n "$lr_state" ]; then
        if [ -n "$lr_worker" ] && [ ! -e "$lr_state/done" ]; then
            kill -s TERM "$lr_worker" 2>/dev/null
            wait "$lr_worker" 2>/dev/null
        fi
        if [ -s "$lr_state/notes" ]; then
            while read -r lr_word; do lr_say "$lr_word"; done <"$lr_state/notes"
        fi
        rm -rf "$lr_state"
        [ -n "$lr_kept" ] || rm -rf "$lr_spool"
    fi
    printf %s "$lr_notes" >&2
    exit "$1"
}

# ---------------------------------------------------------------- signals

# The command gets each signal once. What a key of the terminal sends reaches it by itself; what is
# sent to this process alone is handed on.
lr_child='' lr_early='' lr_stopped='' lr_over=''
lr_terminal=
if (: </dev/tty) 2>/dev/null; then lr_terminal=1; fi

# Which signal the command would hear: a shell starts what runs beside it with INT and QUIT ignored.
lr_heard() {
    lr_mask=$(sed -n 's/^SigIgn:.*\(.\)$/\1/p' "/proc/$lr_child/status" 2>/dev/null)
    lr_sent=$1
    case $1$lr_mask in INT[2367abef] | QUIT[4567cdef]) lr_sent=TERM ;; esac
}

lr_signal() {
    if [ -n "$lr_child" ]; then
        lr_heard "$1"
        case $lr_terminal$lr_sent in 1INT | 1QUIT | 1HUP) return ;; esac
        kill -s "$lr_sent" "$lr_child" 2>/dev/null
    elif [ -n "$lr_over" ]; then
        lr_stopped=$1
    else
        lr_early=$1
    fi
}

# Those that are ignored already stay so: a shell can't trap them.
for lr_word in HUP INT QUIT TERM USR1 USR2; do
    # shellcheck disable=SC2064
    trap "lr_signal $lr_word" "$lr_word"
done
trap : PIPE

# ---------------------------------------------------------------- the beginning

lr_id='' lr_name='' lr_digest='' lr_started='' lr_deployment='' lr_fault='' lr_command=$1
[ $# = 1 ] || lr_command="$1 …"
# Its arguments may hold secrets, and are not recorded.
lr_secret_free "$lr_command" && lr_command=$lr_url

if ! lr_open "$lr_spool"; then
    lr_say "the spool ${lr_spool:-(HOME is not set)} can't be used, the events are sent without it"
    lr_kept=
    if ! lr_open "$(mktemp -d "${TMPDIR:-/tmp}/ledger-run-XXXXXX" 2>/dev/null)"; then
        lr_say 'there is no folder that can be written: NOT RECORDED'
        lr_state=
    fi
fi
if [ -n "$lr_file" ] && [ -n "$lr_state" ]; then
    if [ ! -f "$lr_file" ] || [ ! -r "$lr_file" ]; then
        lr_say "the script $lr_file can't be read, or is no file"
    elif [ "$(wc -c <"$lr_file")" -gt 1048576 ]; then
        lr_say 'the script has more than 1048576 bytes and is not attached'
    elif command -v base64 >/dev/null 2>&1; then
        (umask 077 && base64 <"$lr_file" | tr -d '\n' >"$lr_state/script") 2>/dev/null
    fi
    if [ ! -s "$lr_state/script" ] && [ -f "$lr_file" ] && [ -r "$lr_file" ] &&
        command -v sha256sum >/dev/null 2>&1; then
        lr_digest=$(sha256sum <"$lr_file")
        lr_digest=sha256:${lr_digest%% *}
    fi
    if [ -f "$lr_file" ] && grep -q '^\\set  *ON_ERROR_STOP' "$lr_file" 2>/dev/null; then
        lr_doubt=
    fi
fi
lr_clock
lr_mint
lr_deployment=$lr_minted
if [ -n "$lr_change" ]; then
    lr_name_change "$lr_change.sql"
elif [ -n "$lr_file" ]; then
    lr_name_change "$lr_file"
else
    lr_id=manual-$lr_deployment lr_name=manual-$lr_deployment
fi

# What is no valid event as it stands is kept for a person to mend, and not sent.
[ -n "$lr_service" ] || lr_fault='give --service or LEDGER_SERVICE'
[ -n "$lr_environment" ] || lr_fault="${lr_fault:+$lr_fault, and }give --env or LEDGER_ENV"
case $lr_ledger in
    http://?* | https://?*) ;;
    *) lr_fault="${lr_fault:+$lr_fault, and }set LEDGER to an address that begins with https://" ;;
esac
lr_target=$lr_spool
if [ -n "$lr_fault" ]; then
    lr_target=$lr_spool/refused
    if [ -n "$lr_state" ] && ! (umask 077 && mkdir -p "$lr_target") 2>/dev/null; then lr_state=; fi
    lr_say "not recorded: $lr_fault${lr_kept:+; kept in $lr_target}"
fi
lr_limit=5
[ "$lr_patience" -le 500 ] || lr_limit=$lr_timeout
lr_mine=",\"ledger\":$(lr_string "$lr_public")"
[ -z "$lr_state" ] || : >"$lr_state/own"

lr_start=''
lr_clock
lr_started=$lr_utc
lr_add started '' '' '' ''
if [ -n "$lr_added" ] && [ -z "$lr_fault" ]; then
    lr_start=$lr_added
    printf '%s ' "$lr_start" >>"$lr_state/own"
    if [ -n "$lr_required" ]; then lr_await "$lr_start"; else lr_launch; fi
fi
if [ -n "$lr_required" ]; then
    lr_fate_of "$lr_start"
    if [ "$lr_fate" != recorded ] || [ -n "$lr_early" ]; then
        lr_cause='its start could not be recorded (--require-record)' lr_rc=1
        if [ -n "$lr_early" ]; then
            lr_cause="a signal came before it ($lr_early)"
            case $lr_early in HUP) lr_rc=129 ;; INT) lr_rc=130 ;; QUIT) lr_rc=131 ;; TERM) lr_rc=143 ;; *) lr_rc=1 ;; esac
        fi
        # An attempt that hangs may have been recorded: the entry must not stand for one that runs.
        [ -z "$lr_start" ] || lr_tell "$lr_start"
        lr_started=''
        lr_clock
        lr_add skipped "$lr_utc" '' '' "$lr_cause"
        lr_say "the command was not started: $lr_cause"
        lr_finish "$lr_rc"
    fi
    rm -f "$lr_state/hurry"
fi

# ---------------------------------------------------------------- the command

# It runs beside this shell, which would not hear a signal before its end otherwise. A shell gives
# such a command no standard input, and INT and QUIT ignored: the first is handed over by another
# number, the second undone where env can; elsewhere TERM stands for them.
lr_reset=
case $1 in
    *=*) ;;
    *) if env --default-signal=INT,QUIT true 2>/dev/null; then lr_reset=1; fi ;;
esac
# Ignored for us already, as nohup does: then the command shall ignore it too.
lr_mask=$(sed -n 's/^SigIgn:.*\(.\)$/\1/p' "/proc/$$/status" 2>/dev/null)
case $lr_mask in [2-7a-f]) lr_reset= ;; esac
(exec 9<&0) 2>/dev/null || exec </dev/null

lr_tick
lr_before=$lr_now
if [ -n "$lr_reset" ]; then
    { exec env --default-signal=INT,QUIT "$@" <&9 9<&- & } 9<&0
else
    { exec "$@" <&9 9<&- & } 9<&0
fi
lr_child=$!
if [ -n "$lr_early" ]; then
    # Not before it is there to hear it.
    lr_nap
    lr_heard "$lr_early"
    kill -s "$lr_sent" "$lr_child" 2>/dev/null
fi
while :; do
    wait "$lr_child" 2>/dev/null
    lr_rc=$?
    # Woken by a signal, not by its end.
    if [ $lr_rc -gt 128 ] && kill -0 "$lr_child" 2>/dev/null; then continue; fi
    break
done
lr_child='' lr_over=1 lr_early=''
lr_tick
lr_duration=$(((lr_now - lr_before) * 10))

# ---------------------------------------------------------------- the end

lr_outcome=failed lr_error=
case $lr_rc in
    0)
        lr_outcome=succeeded
        if [ -n "$lr_doubt" ]; then
            lr_outcome=unknown
            lr_say 'psql exited 0 and does so even when statements failed, so the outcome is recorded as unknown; run it with -v ON_ERROR_STOP=1'
        fi
        ;;
    126) lr_error='the command could not be started' ;;
    127) lr_error='the command was not found' ;;
    129 | 13[0-9] | 14[0-9]) lr_error="exit status $lr_rc, as after signal $((lr_rc - 128))" ;;
esac
lr_clock
lr_add "$lr_outcome" "$lr_utc" "$lr_duration" "$lr_rc" "$lr_error"
lr_recorded=
if [ -n "$lr_added" ] && [ -z "$lr_fault" ]; then
    printf '%s ' "$lr_added" >>"$lr_state/own"
    lr_await "$lr_added"
    [ -z "$lr_start" ] || lr_tell "$lr_start"
    lr_fate_of "$lr_start"
    lr_receipt=
    [ "$lr_fate" != recorded ] || lr_receipt=$lr_why
    lr_tell "$lr_added"
    if [ "$lr_fate" = recorded ]; then lr_recorded=1 lr_receipt=$lr_why; fi
    [ -z "$lr_receipt" ] || lr_say "$lr_receipt"
fi
if [ -n "$lr_required" ] && [ -z "$lr_recorded" ] && [ "$lr_rc" = 0 ]; then
    lr_say 'the end could not be recorded (--require-record)'
    lr_rc=1
fi
lr_finish "$lr_rc"
