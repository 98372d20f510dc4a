#!/bin/bash
# s3boot, class reports: taints and labels the nodes that exist already. May run again. Generated: change the manifest.
set -euo pipefail
SELECTOR=eks.amazonaws.com/nodegroup=static-2
NODES=$(kubectl get nodes --selector="$SELECTOR" --output=name)
if [ -z "$NODES" ]; then echo "no node is $SELECTOR" >&2; exit 1; fi
NEW=$(kubectl get nodes --selector="$SELECTOR",'s3boot.dev/class!=reports' --output=name)
if [ -n "$NEW" ]; then kubectl taint nodes --selector="$SELECTOR",'s3boot.dev/class!=reports' --overwrite s3boot.dev/not-mounted:NoSchedule; fi
kubectl taint nodes --selector="$SELECTOR" --overwrite s3boot.dev/class=reports:NoSchedule
kubectl label nodes --selector="$SELECTOR" --overwrite s3boot.dev/class=reports
