#!/bin/sh
# Installs Debian's Chromium for the tests that need a browser, where it is missing and may be installed (root, apt-get).
for program in chromium chromium-browser google-chrome google-chrome-stable; do
    command -v "$program" >/dev/null && exit 0
done
if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
    echo "no browser, and none can be installed without root and apt-get" >&2
    exit 1
fi
export DEBIAN_FRONTEND=noninteractive
echo "installing a browser: Debian's chromium"
apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium >/dev/null
