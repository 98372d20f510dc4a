{#- s3boot template: context 1. -#}
#!/bin/bash
# s3boot, class {{ class.name }}: taints and labels the nodes that exist already. May run again. Generated: change the manifest.
set -euo pipefail
SELECTOR={{ selector }}
NODES=$(kubectl get nodes --selector="$SELECTOR" --output=name)
if [ -z "$NODES" ]; then echo "no node is $SELECTOR" >&2; exit 1; fi
{# The taints first: a node with the label and without them would take pods of everyone, and pods of the class before the
   first mount. The taint that the DaemonSet lifts is only for nodes that are new to the class. #}
{% if lift_taint is string %}
NEW=$(kubectl get nodes --selector="$SELECTOR",{{ not_labelled }} --output=name)
if [ -n "$NEW" ]; then kubectl taint nodes --selector="$SELECTOR",{{ not_labelled }} --overwrite {{ lift_taint }}; fi
{% endif %}
{% for taint in taints %}
kubectl taint nodes --selector="$SELECTOR" --overwrite {{ taint }}
{% endfor %}
kubectl label nodes --selector="$SELECTOR" --overwrite {{ labels }}
