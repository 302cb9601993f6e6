#!/usr/bin/env bash
# Containers of podman on a Weft node: policy by labels, a published port, a service by name.
#
#   examples/runtimes/podman.sh
#
# Needs root, podman 4.3 (the CNI backend; Debian: podman crun) and a static busybox (busybox-static) and curl. It runs an agent
# of its own, and leaves nothing behind.
set -euo pipefail
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../.."

if [ "${WEFT_EXAMPLE_INSIDE:-}" != yes ]; then # crun wants cgroup2 alone: in a mount namespace of our own
  WEFT_EXAMPLE_INSIDE=yes exec unshare -m "$0" "$@"
fi
if [ "$(stat -fc %T /sys/fs/cgroup)" != cgroup2fs ]; then
  umount -R /sys/fs/cgroup
  mount -t cgroup2 cgroup2 /sys/fs/cgroup
fi

instance=podman$$
work=$(mktemp -d)
agent=
p() { podman --root "$work/store" --runroot "$work/run" --log-level=error "$@"; }
finish() {
  p rm -f -a -t 0 >/dev/null 2>&1 || true
  if [ -n "$agent" ]; then kill "$agent" 2>/dev/null || true; wait "$agent" 2>/dev/null || true; fi
  ./weft agent --instance "$instance" --remove --force >/dev/null 2>&1 || true
  # the store's own mount, which podman leaves, and what is in it
  grep -o " $work/[^ ]*" /proc/self/mountinfo | sort -ru | xargs -r umount -l || true
  rm -rf "$work"
}
trap finish EXIT

# a root file system of the machine's own busybox and curl
mkdir -p "$work"/rootfs/{bin,etc,proc,dev,sys,tmp,www}
cp "$(command -v busybox)" "$work/rootfs/bin/"
for name in sh sleep httpd; do ln -s busybox "$work/rootfs/bin/$name"; done
for file in $(command -v curl) $(ldd "$(command -v curl)" | grep -o '/[^ ]*') /lib/*/libnss_dns.so.2; do
  install -D "$file" "$work/rootfs$file"
done
echo "hello from web" >"$work/rootfs/www/index.html"

# the plugin, and a network for each role: its labels are what policies select by
./weft cni install --bin-dir "$work/bin" --conf-dir "$work/net.d" --instance "$instance"
rm "$work"/net.d/*
for app in web front other; do
  cat >"$work/net.d/$app.conflist" <<EOF
{"cniVersion": "1.0.0", "name": "$app", "plugins": [
  {"type": "weft-$instance", "labels": {"app": "$app"},
   "capabilities": {"portMappings": true, "bandwidth": true, "ips": true, "mac": true, "dns": true}}]}
EOF
done
cat >"$work/containers.conf" <<EOF
[network]
network_backend = "cni"
cni_plugin_dirs = ["$work/bin"]
network_config_dir = "$work/net.d"
default_network = "web"
[engine]
runtime = "crun"
cgroup_manager = "cgroupfs"
EOF
export CONTAINERS_CONF="$work/containers.conf"

./weft agent --instance "$instance" 2>"$work/agent.log" &
agent=$!
for _ in $(seq 300); do
  [ -S "/run/weft/$instance/cni.sock" ] && break
  kill -0 "$agent" 2>/dev/null || { cat "$work/agent.log" >&2; exit 1; }
  sleep 0.1
done
cat >"$work/policy.yaml" <<EOF
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: web-from-front}
spec:
  podSelector: {matchLabels: {app: web}}
  ingress:
  - from: [{podSelector: {matchLabels: {app: front}}}]
    ports: [{port: 80}]
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {selector: {app: web}, ports: [{port: 80}]}
EOF
./weft apply --instance "$instance" -f "$work/policy.yaml"

run=(run -d --cgroups=disabled --ulimit nofile=1024:1024 --ulimit nproc=1024:1024)
p "${run[@]}" --name web --network web -p 8080:80 --rootfs "$work/rootfs" /bin/httpd -f -p 80 -h /www >/dev/null
p "${run[@]}" --name front --network front --rootfs "$work/rootfs" /bin/sleep 600 >/dev/null
p "${run[@]}" --name other --network other --rootfs "$work/rootfs" /bin/sleep 600 >/dev/null
./weft get leases --instance "$instance"

failed=0
expect() { # WHAT WANTED COMMAND...
  local what=$1 wanted=$2 got=no
  shift 2
  if "$@" >/dev/null 2>&1; then got=yes; fi
  printf '%-52s %s\n' "$what" "$got"
  [ "$got" = "$wanted" ] || { failed=1; echo "  wanted: $wanted" >&2; }
}
web=$(p inspect -f '{{(index .NetworkSettings.Networks "web").IPAddress}}' web)
expect "front reaches web at its address" yes p exec front curl -sf -m 3 "http://$web/"
expect "front reaches web by the service's name" yes p exec front curl -sf -m 3 http://web.default.svc.cluster.local/
expect "other reaches web" no p exec other curl -sf -m 3 "http://$web/"
expect "front reaches web at the published port" yes p exec front curl -sf -m 3 http://10.77.0.1:8080/
expect "other reaches web at the published port" no p exec other curl -sf -m 3 http://10.77.0.1:8080/
./weft why other web --port 80 --instance "$instance" || true
exit "$failed"
