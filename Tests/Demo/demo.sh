#!/usr/bin/env bash
# The main job on real input: a Git repository with merges, SQLite databases in three environments,
# what goes wrong in real life, and what the ledger then says. Leaves nothing behind.
set -euo pipefail

ledger=${LEDGER_COMMAND:?the path of the ledger command}
work=$(mktemp -d "${TMPDIR:-/tmp}/ledger-demo.XXXXXX")
trap 'rm -rf "$work"' EXIT
cd "$work"

# Nothing of the user's own settings, and nothing of a CI job around us, gets into the demo.
for name in $(compgen -e); do
    case $name in PATH | HOME | TERM | LANG | LC_* | TZ | COLUMNS | LD_LIBRARY_PATH) ;; *) unset "$name" ;; esac
done
export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_SYSTEM=/dev/null LEDGER_SPOOL="$work/spool"

say() { printf '\n\033[1m%s\033[0m\n' "$*"; }
run() {
    local word line='$ ledger'
    for word; do
        [[ $word =~ ^[a-zA-Z0-9_./:=@%+,-]+$ ]] || word="'${word//\'/\'\\\'\'}'"
        line+=" $word"
    done
    printf '%s\n' "$line"
    "$ledger" "$@"
}

# --- A repository whose merges bring migrations ---------------------------------------------------
mkdir orders && cd orders
git init -q -b main
cat > ledger.yaml <<YAML
ledger: ../changes.db
services:
  orders:
    paths: [migrations/**]
    tool: flyway
aliases:
  production: prod
targets:
  - {address: dev.db, service: orders, environment: dev}
  - {address: stage.db, service: orders, environment: stage}
  - {address: prod-acme.db, service: orders, environment: prod, tenant: acme}
  - {address: prod-globex.db, service: orders, environment: prod, tenant: globex}
  - {address: prod-initech.db, service: orders, environment: prod, tenant: initech}
YAML
echo '*.db' > .gitignore
git add . && git -c user.name=Ann -c user.email=ann@example.com commit -qm 'Begin'

merge() { # name, author, trailer: merges what lies in the work tree as a branch of that author's
    git checkout -q -b "$1"
    git add -A
    git -c "user.name=$2" -c "user.email=${2,,}@example.com" commit -qm "$1" -m "$3"
    git checkout -q main
    git -c user.name=Dee -c user.email=dee@example.com merge -q --no-ff "$1" \
        -m "Merge branch '$1'" -m "$3"
}
mkdir migrations
echo 'CREATE TABLE orders (id INTEGER PRIMARY KEY, status TEXT, total INTEGER);' \
    > migrations/V1__create_orders.sql
merge INC-1-create-orders Ann 'Rollback-Strategy: irreversible'
echo 'ALTER TABLE orders ADD COLUMN region TEXT;' > migrations/V2__add_region.sql
echo 'ALTER TABLE orders DROP COLUMN region;' > migrations/U2__add_region.sql
merge INC-7-region Bob ''
echo 'CREATE INDEX orders_by_region ON orders (region);' > migrations/V3__index_region.sql
echo 'DROP INDEX orders_by_region;' > migrations/U3__index_region.sql
merge INC-9-index Ann ''
echo 'CREATE UNIQUE INDEX orders_by_status ON orders (status);' > migrations/V4__unique_status.sql
merge INC-12-unique-status Bob 'Rollback-Strategy: forward_fix'

# --- Apply them: Dev, Stage, and Prod for three tenants -------------------------------------------
run init --log demo/changes

apply() { # database, script: which target it is stands in ledger.yaml
    "$ledger" run -- sqlite3 -bail "$1" < "$2"
}
say 'Migrations run through ledger run, with the real sqlite3'
for database in dev.db stage.db prod-acme.db prod-globex.db prod-initech.db; do
    apply "$database" migrations/V1__create_orders.sql
    apply "$database" migrations/V2__add_region.sql
done
for database in dev.db stage.db prod-acme.db prod-globex.db; do
    apply "$database" migrations/V3__index_region.sql
done

say 'A migration fails: one tenant has rows that it does not expect'
sqlite3 prod-initech.db "INSERT INTO orders (status) VALUES ('open'), ('open')"
apply prod-acme.db migrations/V4__unique_status.sql
apply prod-initech.db migrations/V4__unique_status.sql || echo "(exit status $?, as sqlite3 gave it)"

say 'A script is edited between Stage and Prod'
echo 'CREATE INDEX orders_by_region ON orders (region, status);' > migrations/V3__index_region.sql
apply prod-initech.db migrations/V3__index_region.sql
git checkout -q migrations

say 'A hotfix is typed by hand in Prod, and a migration is taken back'
run run -m 'checkout was slow, customers waited' --ticket INC-13 --emergency \
    -- sqlite3 prod-globex.db 'CREATE INDEX orders_by_total ON orders (total)'
run run --operation revert --change V3__index_region -m 'the index slowed down writing' \
    -- sqlite3 -bail prod-acme.db '.read migrations/U3__index_region.sql'

say 'The merges come from Git'
run import git

# --- Ask ------------------------------------------------------------------------------------------
say 'What changed in Prod?'
run query --env prod --since 7d
say 'What happened to one change?'
run show orders:V3
say 'Is it all still as it was recorded?'
run verify
