#!/bin/bash
# A real S3 server for the tests: Ceph's RADOS gateway on one node, data in memory, loopback only.
# For Debian 12 (bookworm) as root; no systemd needed.
#
#   ceph-rgw.sh install          the packages, from Debian
#   eval "$(ceph-rgw.sh start)"  starts it, makes the bucket, prints what `env` prints
#   ceph-rgw.sh env              the variables by which the tests find it
#   ceph-rgw.sh stop             ends it; the data is gone
#
# CEPH_RGW_DIR (default /run/cairn-ceph-rgw) holds its state, CEPH_RGW_PORT (7480) and the one after it
# are the gateway's and the monitor's ports.
set -euo pipefail

dir=${CEPH_RGW_DIR:-/run/cairn-ceph-rgw}
port=${CEPH_RGW_PORT:-7480}
bucket=cairn-test
export AWS_ACCESS_KEY_ID=test-key AWS_SECRET_ACCESS_KEY=test-secret

fail() {
  echo "ceph-rgw: $*" >&2
  exit 1
}

install() {
  grep -q VERSION_CODENAME=bookworm /etc/os-release || fail 'expected Debian 12 (bookworm)'
  export DEBIAN_FRONTEND=noninteractive
  for attempt in 1 2 3; do
    apt-get update -qq &&
      apt-get install -qq -y --no-install-recommends ceph-mon ceph-osd radosgw curl >&2 && return
    echo "ceph-rgw: attempt $attempt to install failed" >&2
    sleep $((attempt * 5))
  done
  fail 'the packages could not be installed'
}

configure() {
  cat >"$dir/ceph.conf" <<CONF
[global]
fsid = $(cat /proc/sys/kernel/random/uuid)
mon_host = [v2:127.0.0.1:$((port + 1))]
public_network = 127.0.0.0/8
ms_bind_msgr1 = false
keyring = $dir/keyring
mon_data = $dir/mon
osd_data = $dir/osd
rgw_data = $dir/rgw
run_dir = $dir
pid_file = $dir/\$name.pid
log_file = $dir/\$name.log
admin_socket = $dir/\$name.asok
crash_dir = $dir
osd_objectstore = memstore
memstore_device_bytes = 4294967296
osd_class_load_list = *
osd_class_default_list = *
# one copy of everything, and as many small pools as the gateway likes
osd_pool_default_size = 1
osd_pool_default_min_size = 1
osd_pool_default_pg_num = 4
osd_pool_default_pgp_num = 4
osd_pool_default_pg_autoscale_mode = off
mon_allow_pool_size_one = true
mon_max_pg_per_osd = 5000
mon_data_avail_crit = 1
# the monitor decides at once instead of waiting for more to decide: pools are made in milliseconds
paxos_propose_interval = 0.02
paxos_min_wait = 0.01
[client.rgw]
# without tcp_nodelay every small answer waits 40 ms for an acknowledgement
rgw_frontends = beast endpoint=127.0.0.1:$port tcp_nodelay=1
CONF
}

keys() {
  ceph-authtool -C "$dir/keyring" --gen-key -n mon. --cap mon 'allow *'
  ceph-authtool "$dir/keyring" --gen-key -n osd.0 --cap mon 'allow profile osd' --cap osd 'allow *'
  ceph-authtool "$dir/keyring" --gen-key -n client.rgw --cap mon 'allow rw' --cap osd 'allow rwx'
}

daemons() {
  local conf=(-c "$dir/ceph.conf")
  monmaptool --create --addv a "[v2:127.0.0.1:$((port + 1))]" --enable-all-features \
    --fsid "$(sed -n 's/^fsid = //p' "$dir/ceph.conf")" "$dir/monmap"
  osdmaptool --createsimple 1 "$dir/osdmap" "${conf[@]}"
  ceph-mon "${conf[@]}" -i a --mkfs --monmap "$dir/monmap" --osdmap "$dir/osdmap" --keyring "$dir/keyring"
  ceph-mon "${conf[@]}" -i a
  timeout 60 ceph-osd "${conf[@]}" -i 0 --mkfs --osd-uuid "$(cat /proc/sys/kernel/random/uuid)"
  timeout 60 ceph-osd "${conf[@]}" -i 0
  timeout 60 radosgw-admin "${conf[@]}" -n client.rgw user create --uid=test --display-name=test \
    --access-key="$AWS_ACCESS_KEY_ID" --secret-key="$AWS_SECRET_ACCESS_KEY"
  timeout 60 radosgw "${conf[@]}" -n client.rgw
}

# The first request of each kind makes a pool and takes seconds: no test shall pay for it.
request() {
  curl -sS --fail --noproxy '*' -m 60 --aws-sigv4 aws:amz:us-east-1:s3 \
    -u "$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY" -H 'x-amz-content-sha256: UNSIGNED-PAYLOAD' \
    -o /dev/null "$@"
}

warm_up() {
  local url=http://127.0.0.1:$port/$bucket i
  for ((i = 0; i < 600; i++)); do
    (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null && break
    sleep 0.1
  done
  request -X PUT "$url"
  request -X PUT -H 'content-type: text/plain' --data-binary x "$url/warm-up"
  request "$url?list-type=2"
  request -X DELETE "$url/warm-up"
}

start() {
  command -v radosgw >/dev/null || fail "Ceph is not installed: run '$0 install'"
  [ ! -e "$dir" ] || [ -f "$dir/ceph.conf" ] || fail "$dir is there and was not made by this script"
  stop
  rm -rf "$dir"
  mkdir -m 700 "$dir" "$dir"/{mon,osd,rgw}
  configure
  # A condition around the group would switch off its `set -e`.
  local status
  set +e
  (set -e; keys; daemons; warm_up) >"$dir/setup.log" 2>&1
  status=$?
  set -e
  if [ "$status" != 0 ]; then
    tail -n 20 "$dir/setup.log" >&2
    stop
    fail "it did not start; logs are in $dir"
  fi
  print_env
}

print_env() {
  cat <<ENV
export AWS_ENDPOINT_URL_S3=http://127.0.0.1:$port
export AWS_ACCESS_KEY_ID=$AWS_ACCESS_KEY_ID
export AWS_SECRET_ACCESS_KEY=$AWS_SECRET_ACCESS_KEY
export AWS_REGION=us-east-1
export CAIRN_TEST_S3_BUCKET=$bucket
ENV
}

# The data is thrown away, so there is nothing to wait for. A pid counts only while its process was
# started with our configuration: numbers are used again.
stop() {
  local file pid
  for file in "$dir"/*.pid; do
    [ -f "$file" ] || continue
    pid=$(tr -dc 0-9 <"$file")
    if grep -qzxF "$dir/ceph.conf" "/proc/$pid/cmdline" 2>/dev/null; then
      kill -KILL "$pid"
      while [ -e "/proc/$pid" ] && ! grep -q '^State:.Z' "/proc/$pid/status" 2>/dev/null; do sleep 0.05; done
    fi
    rm -f "$file"
  done
}

case ${1:-} in
  install | start | stop) "$1" ;;
  env) print_env ;;
  *) fail 'expected install, start, env or stop' ;;
esac
