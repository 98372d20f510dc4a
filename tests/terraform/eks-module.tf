# What terraform-aws-modules/eks v21.19 takes, of the fields that s3boot writes: typed as there (`variables.tf`). An object
# type drops what it does not know, so the test compares the names too.
variable "eks_managed_node_groups" {
  type = map(object({
    name                        = optional(string)
    use_name_prefix             = optional(bool)
    ami_type                    = optional(string)
    ami_id                      = optional(string)
    ami_release_version         = optional(string)
    enable_bootstrap_user_data  = optional(bool)
    capacity_type               = optional(string)
    instance_types              = optional(list(string))
    min_size                    = optional(number)
    max_size                    = optional(number)
    desired_size                = optional(number)
    labels                      = optional(map(string))
    taints                      = optional(map(object({ key = string, value = optional(string), effect = string })))
    cloudinit_pre_nodeadm       = optional(list(object({ content = string, content_type = optional(string) })))
    block_device_mappings       = optional(map(object({ device_name = optional(string), ebs = optional(object({ delete_on_termination = optional(bool), encrypted = optional(bool), volume_size = optional(number), volume_type = optional(string) })) })))
    metadata_options            = optional(object({ http_endpoint = optional(string), http_put_response_hop_limit = optional(number), http_tokens = optional(string) }))
    create_iam_role_policy      = optional(bool)
    iam_role_policy_statements  = optional(list(object({ sid = optional(string), actions = optional(list(string)), effect = optional(string), resources = optional(list(string)), condition = optional(list(object({ test = string, values = list(string), variable = string }))) })))
    subnet_ids                  = optional(list(string))
    tags                        = optional(map(string))
  }))
}

output "read" {
  value = jsonencode(var.eks_managed_node_groups)
}
