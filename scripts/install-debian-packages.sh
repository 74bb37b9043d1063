#!/bin/sh
# Installs the named Debian packages so that nothing of theirs starts, now or at the next boot. Needs root.
set -eu

policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
  trap 'rm -f "$policy"' EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM
  printf '#!/bin/sh\nexit 101\n' >"$policy"
  chmod 755 "$policy"
fi

export DEBIAN_FRONTEND=noninteractive
install() {
  apt-get install --yes --quiet --no-install-recommends --option DPkg::Lock::Timeout=300 "$@" </dev/null
}
# Package lists are often missing or out of date on a fresh machine: only then are they worth their time.
install "$@" || {
  apt-get update --quiet
  install "$@"
}

# A package enables its service for the next boot; these machines did not ask for one.
if command -v systemctl >/dev/null; then
  for service in "$@"; do systemctl disable --quiet "$service" >/dev/null 2>&1 || true; done
fi
