#!/bin/sh
# Installs the migration tools and linters that come from PyPI, in an environment of their own.
set -eu

requirements=$(dirname "$0")/requirements.txt
tools=$(dirname "$0")/../../.build/tools
cmp -s "$requirements" "$tools/requirements.txt" && exit 0
echo 'installing migration tools and linters' >&2
python3 -m venv --clear "$tools"
"$tools/bin/python" -m pip install -q --disable-pip-version-check -r "$requirements"
# Its command lies among the package's files.
cat >"$tools/bin/liquibase" <<EOF
#!/bin/sh
exec sh "$(cd "$tools" && echo "$PWD"/lib/python3*/site-packages/liquibase/bin/liquibase)" "\$@"
EOF
chmod +x "$tools/bin/liquibase"
cp "$requirements" "$tools/requirements.txt"
