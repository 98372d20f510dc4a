{#- s3boot template: context 1. -#}
data "aws_iam_role" {{ variable }} {
  name = var.{{ variable | identifier }}.node_role
}

{% for kind, terms in [["aws_subnets", subnets], ["aws_security_groups", security_groups]] %}
{% for term in terms %}
data {{ kind }} "{{ variable | identifier }}_{{ loop.index }}" {
{% for filter in term %}
  filter {
    name   = {{ filter.name }}
    values = {{ filter.values }}
  }
{% if not loop.last %}

{% endif %}
{% endfor %}
}

{% endfor %}
{% endfor %}
resource "aws_launch_template" {{ variable }} {
  name                   = {{ launch_template }}
  update_default_version = true
{% if image_id is string %}

  # An AMI of your own: EKS adds nothing to the user data, which joins the node itself.
  image_id = {{ image_id }}
{% endif %}
{% if user_data_file is string %}

  user_data = filebase64(join("/", [path.module, {{ class }}, {{ user_data_file }}]))
{% endif %}

  vpc_security_group_ids = concat({% for term in security_groups %}data.aws_security_groups.{{ variable | identifier }}_{{ loop.index }}.ids{% if not loop.last %}, {% endif %}{% endfor %})
{% if root_volume_gib is number %}

  block_device_mappings {
    device_name = {{ root_device }}

    ebs {
      volume_size           = {{ root_volume_gib }}
      volume_type           = "gp3"
      encrypted             = "true"
      delete_on_termination = "true"
    }
  }
{% endif %}

  # With a hop limit of 1 only the host has the node's credentials: pods cannot read S3 with them.
  metadata_options {
    http_endpoint               = "enabled"
    http_tokens                 = "required"
    http_put_response_hop_limit = 1
  }

  dynamic "tag_specifications" {
    for_each = length(var.{{ variable | identifier }}.tags) > 0 ? ["instance", "volume"] : []

    content {
      resource_type = tag_specifications.value
      tags          = var.{{ variable | identifier }}.tags
    }
  }
}

# A group for each architecture and capacity: together they are the class.
resource "aws_eks_node_group" {{ variable }} {
  for_each = {
{% for group in groups %}
    {{ group.name }} = {
      capacity_type  = {{ group.capacity_type }}
      instance_types = {{ group.instance_types }}
      ami_type       = {% if group.ami_type is string %}{{ group.ami_type }}{% else %}null{% endif %}

    }
{% endfor %}
  }

  cluster_name    = {{ cluster }}
  node_group_name = each.key
  node_role_arn   = data.aws_iam_role.{{ variable | identifier }}.arn
  subnet_ids      = concat({% for term in subnets %}data.aws_subnets.{{ variable | identifier }}_{{ loop.index }}.ids{% if not loop.last %}, {% endif %}{% endfor %})
  capacity_type   = each.value.capacity_type
  instance_types  = each.value.instance_types
  ami_type        = each.value.ami_type
  labels          = var.{{ variable | identifier }}.labels
{% if release_version is string %}

  release_version = {{ release_version }}
{% endif %}

  launch_template {
    id      = aws_launch_template.{{ variable | identifier }}.id
    version = aws_launch_template.{{ variable | identifier }}.latest_version
  }

  scaling_config {
    min_size     = {{ size.min }}
    max_size     = {{ size.max }}
    desired_size = {{ size.desired }}
  }

  update_config {
    max_unavailable_percentage = 33
  }

  dynamic "taint" {
    for_each = var.{{ variable | identifier }}.taints

    content {
      key    = taint.value.key
      value  = taint.value.value
      effect = { NoSchedule = "NO_SCHEDULE", NoExecute = "NO_EXECUTE", PreferNoSchedule = "PREFER_NO_SCHEDULE" }[taint.value.effect]
    }
  }

  # What scales the group changes it.
  lifecycle {
    ignore_changes = [scaling_config[0].desired_size]
  }
{% if on_host %}

  # A node without the policy would wait for its mounts, so the policy comes first.
  depends_on = [aws_iam_role_policy_attachment.{{ variable | identifier }}]
{% endif %}
}
