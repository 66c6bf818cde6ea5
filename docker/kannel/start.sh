#!/bin/sh
# Starts Kannel's boxes one after the other; when one ends, the container ends.
set -eu
config=/etc/kannel/motcua.conf

find_box() {
    command -v "$1" || ls "/usr/lib/kannel/$1" "/usr/lib/kannel/test/$1" 2>/dev/null | head -n 1
}
wait_for() {
    until curl --silent --output /dev/null --max-time 1 "http://127.0.0.1:$1/"; do
        # Any answer will do, also one that is no HTTP (curl says 1, 52 or 56 then).
        case $? in 1 | 8 | 52 | 56) return ;; esac
        sleep 0.2
    done
}

bearerbox=$(find_box bearerbox)
smsbox=$(find_box smsbox)
fakesmsc=$(find_box fakesmsc)

"$bearerbox" "$config" &
bearer=$!
trap 'kill -TERM "$bearer" 2>/dev/null; wait' TERM INT
wait_for 13000
"$smsbox" "$config" &
# It takes what is sent and prints it; -m 0: it sends nothing itself.
"$fakesmsc" -H 127.0.0.1 -r 10000 -i 1 -m 0 "84900000000 84900000000 text nothing" &
wait "$bearer"
