#!/bin/sh
# Asks TradeWatch's gate, runs a deployment, and tells TradeWatch when it starts and how it ends.
#
#   tradewatch-deploy.sh --environment production --version 2.0.1 -- ./deploy.sh
#
# Needs curl, and jq or python3 to read and write JSON: what a shell alone does with JSON breaks on the first quote in a
# version. TRADEWATCH_URL and TRADEWATCH_TOKEN (scope releases:write) come from the environment.
set -u

usage() {
    cat <<'END'
usage: tradewatch-deploy.sh --environment NAME [options] -- COMMAND [ARGUMENT ...]
  --environment NAME   where it goes
  --version VERSION    what goes; without: the commit, else what TradeWatch sees there
  --commit SHA         4 to 64 hexadecimal digits
  --ref REF            branch or tag
  --url URL            of the pipeline
  --by NAME            who deploys; without: the token's name
  --project NAME       id or slug; without: the token's only project, else default
  --wait SECONDS       while the gate says no go, ask again for so long (default 0)
  --tries N            requests until TradeWatch counts as away (default 4)
  --timeout SECONDS    for each request (default 20)
  --fail-open          deploy untold where TradeWatch is away
exit codes: that of COMMAND; 2 usage; 10 the gate says no go; 11 TradeWatch is away; 12 TradeWatch refuses the request
END
}

say() { printf 'tradewatch: %s\n' "$*" >&2; }

die() {
    code=$1
    shift
    say "$*"
    exit "$code"
}

environment='' version='' commit='' ref='' url='' by='' project='' wait_seconds=0 tries=4 timeout=20 fail_open=no
while [ $# -gt 0 ]; do
    case $1 in
        --environment | --version | --commit | --ref | --url | --by | --project | --wait | --tries | --timeout)
            [ $# -ge 2 ] || die 2 "$1 needs a value"
            case $1 in
                --environment) environment=$2 ;;
                --version) version=$2 ;;
                --commit) commit=$2 ;;
                --ref) ref=$2 ;;
                --url) url=$2 ;;
                --by) by=$2 ;;
                --project) project=$2 ;;
                --wait) wait_seconds=$2 ;;
                --tries) tries=$2 ;;
                --timeout) timeout=$2 ;;
            esac
            shift 2
            ;;
        --fail-open) fail_open=yes && shift ;;
        --help | -h) usage && exit 0 ;;
        --) shift && break ;;
        *) usage >&2 && die 2 "unknown option $1" ;;
    esac
done
[ -n "$environment" ] || { usage >&2 && die 2 "--environment is needed"; }
[ $# -gt 0 ] || { usage >&2 && die 2 "no command after --"; }
for number in "$wait_seconds" "$tries" "$timeout"; do
    case $number in '' | *[!0-9]*) die 2 "--wait, --tries and --timeout take whole numbers" ;; esac
done
: "${TRADEWATCH_URL:?is needed, e.g. https://tradewatch.example}" "${TRADEWATCH_TOKEN:?is needed: a token with releases:write}"
command -v curl >/dev/null || die 2 "curl is needed"
if command -v jq >/dev/null; then json=jq; elif command -v python3 >/dev/null; then json=python3; else die 2 "jq or python3 is needed"; fi

# --- JSON -----------------------------------------------------------------------------------------------------------
# field NAME: the value in the answer, empty for null and for what is no JSON.
field() {
    case $json in
        jq) jq -r --arg name "$1" '.[$name] // empty' "$answer" 2>/dev/null ;;
        python3) python3 -c 'import json, sys
value = json.load(open(sys.argv[2])).get(sys.argv[1])
print("" if value is None else value)' "$1" "$answer" 2>/dev/null ;;
    esac
}

# reasons: a line for each reason of the gate.
reasons() {
    case $json in
        jq) jq -r '.reasons[]? | select(.decision != "go") | "\(if .blocks then "no go" else "warn" end): \(.text)"' "$answer" ;;
        python3) python3 -c 'import json, sys
for each in json.load(open(sys.argv[1]))["reasons"]:
    if each["decision"] != "go":
        print("no go" if each["blocks"] else "warn", each["text"], sep=": ")' "$answer" ;;
    esac 2>/dev/null | while IFS= read -r line; do say "  $line"; done
}

# object NAME=VALUE ...: an object of texts; empty values are left out. success is true or false.
object() {
    case $json in
        jq) jq -cn '[$ARGS.positional[] | index("=") as $at | {(.[:$at]): .[$at + 1:]} | select(.[] != "")] | add // {}
            | if .success then .success |= (. == "true") else . end' --args "$@" ;;
        python3) python3 -c 'import json, sys
said = dict(pair.split("=", 1) for pair in sys.argv[1:])
print(json.dumps({name: value == "true" if name == "success" else value for name, value in said.items() if value}))' "$@" ;;
    esac
}

# --- HTTP -----------------------------------------------------------------------------------------------------------
work=$(mktemp -d) || die 2 "no temporary folder"
answer=$work/answer.json
(umask 077 && printf 'Authorization: Bearer %s\n' "$TRADEWATCH_TOKEN" >"$work/token")  # not among the arguments: ps shows those
base=${TRADEWATCH_URL%/}
# A job that runs again is another deployment; a request of this one that is sent again is the same.
run="${GITHUB_RUN_ID:-}${CI_JOB_ID:-}-${GITHUB_RUN_ATTEMPT:-}-$(date +%s)-$$"

# call CURL-ARGUMENTS: sets $status to the HTTP status; 000: nobody answered. Tries again where that may help.
call() {
    attempt=1
    while :; do
        status=$(curl -sS -o "$answer" -w '%{http_code}' --connect-timeout 5 --max-time "$timeout" -H "@$work/token" "$@" 2>"$work/error") || status=000
        case $status in 000 | 429 | 5??) ;; *) return ;; esac
        [ "$attempt" -lt "$tries" ] || return
        sleep "$((attempt * attempt))"
        attempt=$((attempt + 1))
    done
}

# expect WHAT: returns 0 for an answer, 1 where TradeWatch is away and that is allowed; else it ends.
expect() {
    case $status in
        2??) return 0 ;;
        000 | 429 | 5??)
            say "$1: TradeWatch is away (${status}$(sed -n '1s/^/, /p' "$work/error" 2>/dev/null))"
            [ "$fail_open" = yes ] || exit 11
            return 1
            ;;
        *) die 12 "$1: TradeWatch answers $status: $(field detail) $(field errors)" ;;
    esac
}

# --- the gate -------------------------------------------------------------------------------------------------------
ask_gate() {
    set -- -G "$base/release/gate" --data-urlencode "environment=$environment"
    [ -z "$version" ] || set -- "$@" --data-urlencode "version=$version"
    [ -z "$project" ] || set -- "$@" --data-urlencode "project=$project"
    call "$@"
}

pass_gate() {
    waited=0
    while :; do
        ask_gate
        expect "gate" || return 0
        decision=$(field decision)
        say "gate says $decision for $environment"
        reasons
        case $decision in
            go | warn) return 0 ;;
            no_go) ;;
            *) die 12 "gate: no decision in the answer" ;;
        esac
        retry_after=$(field retry_after)
        if [ "$waited" -ge "$wait_seconds" ]; then
            say "to go all the same: $base/releases/gate, or POST $base/release/gate/override, with a reason"
            die 10 "no go${retry_after:+, ask again in $retry_after s}"
        fi
        pause=30 # what no clock ends may end sooner or later
        [ -z "$retry_after" ] || [ "$retry_after" -ge 30 ] || pause=$((retry_after + 1))
        [ "$pause" -le "$((wait_seconds - waited))" ] || pause=$((wait_seconds - waited))
        sleep "$pause"
        waited=$((waited + pause))
    done
}

# --- start, run, complete -------------------------------------------------------------------------------------------
deployment_id='' child='' outcome=false message=''

post() { # PATH KEY BODY
    call -X POST "$base$1" -H "Content-Type: application/json" -H "Idempotency-Key: $run-$2" --data-binary "$3"
}

start() {
    post /release/deploy/start start "$(object "environment=$environment" "version=$version" \
        "commit=$commit" "ref=$ref" "url=$url" "deployed_by=$by" "project=$project")"
    expect "start" || return 0
    deployment_id=$(field deployment_id)
    say "deployment $deployment_id of $(field version) to $environment"
}

complete() {
    code=$?
    trap - EXIT INT TERM HUP
    if [ -n "$deployment_id" ]; then
        post "/release/deploy/$deployment_id/complete" complete "$(object "success=$outcome" "message=$message")"
        case $status in
            2??) say "deployment $deployment_id $(field status)" ;;
            *) say "the end of deployment $deployment_id could not be told ($status $(field detail))" ;;
        esac
        case $status$outcome$fail_open in 000trueno | 429trueno | 5??trueno) code=11 ;; esac
    fi
    rm -rf "$work"
    exit "$code"
}

interrupted() { # CODE
    message="interrupted"
    if [ -n "$child" ]; then
        kill -TERM "$child" 2>/dev/null
        wait "$child" 2>/dev/null
    fi
    exit "$1"
}

trap complete EXIT
trap 'interrupted 129' HUP
trap 'interrupted 130' INT
trap 'interrupted 143' TERM
pass_gate
start
message="it never ran"
exec 3<&0 # a command in the background would read nothing, and one in the foreground would keep signals from us
"$@" <&3 3<&- &
child=$!
wait "$child"
code=$?
child=''
message=''
if [ "$code" -eq 0 ]; then outcome=true; else message="exit code $code"; fi
exit "$code"
