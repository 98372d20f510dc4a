{#- s3boot template: context 1. -#}
data "kubectl_file_documents" {{ variable }} {
  content = file(join("/", [path.module, {{ class }}, {{ file }}]))
}

resource "kubectl_manifest" {{ variable }} {
  for_each  = data.kubectl_file_documents.{{ variable | identifier }}.manifests
  yaml_body = each.value

  # What it mounts needs the policy.
  depends_on = [aws_iam_role_policy_attachment.{{ variable | identifier }}]
}
