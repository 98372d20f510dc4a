{#- s3boot template: context 1. -#}
#!/bin/bash
# s3boot, class {{ class.name }}: joins the cluster; the CSI driver mounts. Generated: change the manifest.
exec /etc/eks/bootstrap.sh {{ join }}
