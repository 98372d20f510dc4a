{#- s3boot template: context 1. -#}
{% if identity == "irsa" %}
  statement {
    actions = ["sts:AssumeRoleWithWebIdentity"]

    principals {
      type        = "Federated"
      identifiers = [data.aws_iam_openid_connect_provider.s3boot.arn]
    }

    condition {
      test     = "StringEquals"
      variable = join(":", [trimprefix(data.aws_iam_openid_connect_provider.s3boot.url, "https://"), "sub"])
      values   = {{ subjects }}
    }

    condition {
      test     = "StringEquals"
      variable = join(":", [trimprefix(data.aws_iam_openid_connect_provider.s3boot.url, "https://"), "aud"])
      values   = ["sts.amazonaws.com"]
    }
  }
{% else %}
  statement {
    actions = ["sts:AssumeRole", "sts:TagSession"]

    principals {
      type        = "Service"
      identifiers = ["pods.eks.amazonaws.com"]
    }
  }
{% endif %}
