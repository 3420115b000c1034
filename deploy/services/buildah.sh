#!/usr/bin/env bash
# Installs buildah and docker-compose by the system's own packages, and makes the image localhost/python in DIR/buildah,
# a Debian with Python to build the project's image on where no registry is reached, unless they are there already.
# usage: deploy/services/buildah.sh DIR
set -euo pipefail
umask 022

folder=${1:?usage: buildah.sh DIR}/buildah
image=localhost/python
export BUILDAH_ISOLATION=chroot

fail() {
  echo "$1" >&2
  exit 1
}

((EUID == 0)) || fail "The project's image is built and run by chroot, which only root may use: run this as root"
for tool in buildah docker-compose debootstrap; do
  command -v "$tool" >/dev/null && continue
  command -v apt-get >/dev/null || fail "There is no $tool here, and no apt-get to install it: install it by other means"
  echo "Installing $tool"
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends "$tool" >/dev/null
done

mkdir -p "$folder"
buildah=(buildah --root "$(realpath "$folder")/storage" --runroot "$(realpath "$folder")/run" --storage-driver vfs)
if "${buildah[@]}" inspect --type image "$image" >/dev/null 2>&1; then
  echo "The image $image is in $folder"
  exit
fi

echo "Making the image $image in $folder (a minute)"
root=$folder/unfinished
rm -rf "$root"
# In a mount namespace of its own, what a killed debootstrap had mounted is gone with it.
unshare --mount debootstrap --variant=minbase --include=ca-certificates,python3,python3-venv bookworm "$root" >/dev/null
rm -rf "$root"/var/cache/apt/* "$root"/var/lib/apt/lists/*
# What pip trusts and is told on this machine holds for the build, too.
for file in /etc/ssl/certs/ca-certificates.crt /etc/pip.conf; do
  [[ ! -e $file ]] || cp --dereference "$file" "$root$file"
done
container=$("${buildah[@]}" from scratch)
"${buildah[@]}" add --quiet "$container" "$root" / >/dev/null
"${buildah[@]}" commit --quiet --rm "$container" "$image" >/dev/null
rm -rf "$root"
