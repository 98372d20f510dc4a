{#- s3boot template: context 1. -#}
{% if has_node_class %}
resource "kubectl_manifest" "{{ variable | identifier }}_node_class" {
  yaml_body = file(join("/", [path.module, {{ class }}, "ec2nodeclass.yaml"]))
{% if on_host %}

  # A node without the policy would wait for its mounts, so the policy comes first.
  depends_on = [aws_iam_role_policy_attachment.{{ variable | identifier }}]
{% endif %}
}

{% endif %}
resource "kubectl_manifest" "{{ variable | identifier }}_node_pool" {
  yaml_body = file(join("/", [path.module, {{ class }}, "nodepool.yaml"]))
{% if has_node_class %}

  depends_on = [kubectl_manifest.{{ variable | identifier }}_node_class]
{% endif %}
}
