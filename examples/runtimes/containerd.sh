#!/usr/bin/env bash
# Containers of containerd (ctr run --cni) on a Weft node: addresses, policy, and garbage that is really collected.
#
#   examples/runtimes/containerd.sh
#
# Needs root, containerd 1.6 with runc (Debian: containerd runc) and a static busybox (busybox-static) and curl. It runs a
# containerd and an agent of its own, and leaves nothing behind.
set -euo pipefail
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../.."

if [ "${WEFT_EXAMPLE_INSIDE:-}" != yes ]; then # ctr looks in /opt/cni/bin and /etc/cni/net.d only
  WEFT_EXAMPLE_INSIDE=yes exec unshare -m "$0" "$@"
fi
instance=ctr$$
work=$(mktemp -d)
agent= daemon=
c() { ctr --address "$work/containerd.sock" -n weft "$@"; }
finish() {
  for name in web front other; do c task rm -f "$name" >/dev/null 2>&1 || true; c container rm "$name" >/dev/null 2>&1 || true; done
  for pid in $daemon $agent; do kill "$pid" 2>/dev/null || true; wait "$pid" 2>/dev/null || true; done
  ./weft agent --instance "$instance" --remove --force >/dev/null 2>&1 || true
  rm -rf "$work"
}
trap finish EXIT

mkdir -p "$work"/{bin,net.d,data,state} "$work"/rootfs/{bin,etc,proc,dev,sys,tmp,run,www} /opt/cni/bin /etc/cni/net.d
cp "$(command -v busybox)" "$work/rootfs/bin/"
for name in sh sleep httpd; do ln -s busybox "$work/rootfs/bin/$name"; done
for file in $(command -v curl) $(ldd "$(command -v curl)" | grep -o '/[^ ]*') /lib/*/libnss_dns.so.2; do
  install -D "$file" "$work/rootfs$file"
done
echo "hello from web" >"$work/rootfs/www/index.html"
./weft cni install --bin-dir "$work/bin" --conf-dir "$work/net.d" --instance "$instance" --name containers
cp -n /usr/lib/cni/loopback "$work/bin/" 2>/dev/null || true
mount --bind "$work/bin" /opt/cni/bin
mount --bind "$work/net.d" /etc/cni/net.d

cat >"$work/config.toml" <<EOF
version = 2
root = "$work/data"
state = "$work/state"
disabled_plugins = ["io.containerd.grpc.v1.cri"]
[grpc]
  address = "$work/containerd.sock"
EOF
containerd --config "$work/config.toml" >"$work/containerd.log" 2>&1 &
daemon=$!
./weft agent --instance "$instance" 2>"$work/agent.log" &
agent=$!
for _ in $(seq 300); do
  [ -S "/run/weft/$instance/cni.sock" ] && [ -S "$work/containerd.sock" ] && break
  kill -0 "$agent" 2>/dev/null || { cat "$work/agent.log" >&2; exit 1; }
  kill -0 "$daemon" 2>/dev/null || { cat "$work/containerd.log" >&2; exit 1; }
  sleep 0.1
done

# ctr tells no labels: manifests of pods that are called like the containers do
cat >"$work/policy.yaml" <<EOF
apiVersion: v1
kind: Pod
metadata: {name: weft-web, labels: {app: web}}
---
apiVersion: v1
kind: Pod
metadata: {name: weft-front, labels: {app: front}}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: web-from-front}
spec:
  podSelector: {matchLabels: {app: web}}
  ingress: [{from: [{podSelector: {matchLabels: {app: front}}}]}]
EOF
./weft apply --instance "$instance" -f "$work/policy.yaml"
c run -d --cni --rootfs "$work/rootfs" web /bin/httpd -f -p 80 -h /www
c run -d --cni --rootfs "$work/rootfs" front /bin/sleep 600
c run -d --cni --rootfs "$work/rootfs" other /bin/sleep 600
./weft get leases --instance "$instance"

failed=0
expect() { # WHAT WANTED COMMAND...
  local what=$1 wanted=$2 got=no
  shift 2
  if "$@" >/dev/null 2>&1; then got=yes; fi
  printf '%-52s %s\n' "$what" "$got"
  [ "$got" = "$wanted" ] || { failed=1; echo "  wanted: $wanted" >&2; }
}
web=$(./weft get leases --instance "$instance" | awk '/ weft-web /{split($1, ips, ","); print ips[1]}')
expect "front reaches web" yes c task exec --exec-id a front "$(command -v curl)" -sf -m 3 "http://$web/"
expect "other reaches web" no c task exec --exec-id b other "$(command -v curl)" -sf -m 3 "http://$web/"
exit "$failed"
