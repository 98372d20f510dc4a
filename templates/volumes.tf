{#- s3boot template: context 1. -#}
{% if credentials == "driver" %}
resource "aws_iam_role_policy_attachment" {{ variable }} {
  role       = aws_iam_role.s3boot_csi_driver.name
  policy_arn = aws_iam_policy.{{ variable | identifier }}.arn
}
{% else %}
data "aws_iam_policy_document" {{ variable }} {
{% include "trust.tf" %}
}

# The role of the pods that read the class's volumes.
resource "aws_iam_role" {{ variable }} {
  name               = {{ role }}
  assume_role_policy = data.aws_iam_policy_document.{{ variable | identifier }}.json
}

resource "aws_iam_role_policy_attachment" {{ variable }} {
  role       = aws_iam_role.{{ variable | identifier }}.name
  policy_arn = aws_iam_policy.{{ variable | identifier }}.arn
}
{% if identity == "pod-identity" %}

resource "aws_eks_pod_identity_association" {{ variable }} {
  for_each        = toset({{ namespaces }})
  cluster_name    = {{ cluster }}
  namespace       = each.value
  service_account = {{ service_account }}
  role_arn        = aws_iam_role.{{ variable | identifier }}.arn
}
{% else %}

output "{{ variable | identifier }}_role_arn" {
  description = "Annotate the service account with it: eks.amazonaws.com/role-arn."
  value       = aws_iam_role.{{ variable | identifier }}.arn
}
{% endif %}
{% endif %}
