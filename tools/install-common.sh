# What tools/install-*.sh share; they source it.
# shellcheck shell=bash
# shellcheck disable=SC2034 # used by them

# The Debian suite that newer interpreters come from, and what its lists are signed with.
suite=forky
keyring=/usr/share/keyrings/debian-archive-keyring.gpg

say() { printf '%s: %s\n' "$(basename "$0" .sh)" "$*"; }

die() {
  say "$*" >&2
  exit 1
}

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

# Installs these packages of the system's own, if any are named.
install_packages() {
  [ "$#" = 0 ] && return
  say "installing $* on this machine"
  as_root apt-get -qq update
  as_root apt-get -qq install --yes --no-install-recommends "$@" >/dev/null
}

# The mirror that this machine's own apt uses, so that proxies and local mirrors go on working.
debian_mirror() {
  local mirror
  # shellcheck disable=SC2016 # apt-get fills these in
  mirror=$(apt-get indextargets --format '$(REPO_URI) $(ORIGIN) $(LABEL)' 2>/dev/null |
    awk '$2 == "Debian" && $3 == "Debian" { print $1; exit }') || true
  if [ -z "$mirror" ]; then
    # before the first apt-get update the sources themselves must do
    mirror=$(grep -rhE '^(deb|URIs:)[[:space:]]' /etc/apt/sources.list /etc/apt/sources.list.d 2>/dev/null |
      grep -oE 'https?://[^[:space:]]+/debian/?([[:space:]]|$)' | head -n 1) || true
  fi
  printf '%s\n' "${mirror:-http://deb.debian.org/debian}" | tr -d ' '
}

# apt-get that sees only a private folder: own lists, cache, status file and one source.
private_apt() {
  local folder=$1
  shift
  apt-get -q \
    -o Dir::Etc::SourceList="$folder/sources.list" -o Dir::Etc::SourceParts=/dev/null \
    -o Dir::Etc::Preferences=/dev/null -o Dir::Etc::PreferencesParts=/dev/null \
    -o Dir::State="$folder/state" -o Dir::State::Lists="$folder/lists" -o Dir::State::status="$folder/status" \
    -o Dir::Cache="$folder/cache" -o APT::Sandbox::User=root -o APT::Install-Recommends=false \
    -o Acquire::Languages=none -o Debug::NoLocking=true -o DPkg::Post-Invoke= -o APT::Update::Post-Invoke= \
    "$@"
}

# Makes such a folder, for packages (deb) or sources (deb-src).
prepare_private_apt() {
  local folder=$1 kind=$2 mirror
  mkdir -p "$folder"/{state,lists/partial,cache/archives/partial}
  : >"$folder/status"
  mirror=$(debian_mirror)
  say "Debian $suite from $mirror"
  printf '%s [signed-by=%s] %s %s main\n' "$kind" "$keyring" "$mirror" "$suite" >"$folder/sources.list"
}

# Unpacks the packages that such a folder has downloaded, in place of what is there.
unpack() {
  local root=$1 folder=$2 part package
  rm -rf "$root"
  mkdir -p "$root"/usr/{bin,sbin,lib,lib64}
  for part in bin sbin lib lib64; do ln -s "usr/$part" "$root/$part"; done
  for package in "$folder"/cache/archives/*.deb; do dpkg-deb -x "$package" "$root"; done
}
