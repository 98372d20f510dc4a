//! The codes of `s3boot preflight`: as those of the manifest. `tests/aws/s3boot.yaml` has each one's `right`, and no finding;
//! with `wrong` in its place it has that one.

use crate::diagnostic::codes;

codes! { CODES "Every code of an account: what was rendered would not come up there.";
    NOT_CHECKED = Warning "not-checked":
        "The account did not answer, so s3boot does not know. Nothing that was not checked counts as fine: the exit code is 1.",
        ""
        => "";
    INSTANCE_TYPE_GONE = Error "instance-type-gone":
        "EC2 has no such instance type or family in this region: no node is ever made of it.",
        "      types: [r6id.7xlarge, m5d.4xlarge]\n"
        => "      types: [r6id.4xlarge, m5d.4xlarge]\n";
    INSTANCE_NOT_OFFERED = Error "instance-not-offered":
        "EC2 offers it in other zones of the region than those where the nodes are.",
        "      families: [hpc7a]\n"
        => "      families: [m5]\n";
    INSTANCE_ARCH = Error "instance-arch":
        "No processor of these instances runs the AMI.",
        "      families: [mac1]\n"
        => "      families: [m5]\n";
    INSTANCE_STORE_NONE = Error "instance-store-none":
        "The cache is on the instance store, and these instances have none: their mount fails, and they do not join.",
        "      families: [m5d, m9d]\n"
        => "      families: [m5d]\n";
    INSTANCE_STORE_SMALL = Error "instance-store-small":
        "The caches are larger than the disks: they fill them, and kubelet, whose pods are on the same disks, evicts pods.",
        "        cache: {on: instance-store, size: 500Gi}\n"
        => "        cache: {on: instance-store, size: 50Gi}\n";
    ZONE_GONE = Error "zone-gone":
        "The account has no such zone in this region.",
        "      zones: [us-west-2f]\n"
        => "      zones: [us-west-2a]\n";
    ZONE_WITHOUT_SUBNET = Error "zone-without-subnet":
        "No subnet that the manifest finds is in this zone: no node is made there.",
        "      zones: [us-west-2a, us-west-2c]\n"
        => "      zones: [us-west-2a, us-west-2b]\n";
    SUBNETS_NONE = Error "subnets-none":
        "The terms find no subnet: no node can be made.",
        "  subnets: [{tags: {karpenter.sh/discovery: analytic}}]\n"
        => "  subnets: [{tags: {karpenter.sh/discovery: analytics}}]\n";
    SUBNETS_APART = Error "subnets-apart":
        "Subnets and security groups are in several VPCs. An instance is in one.",
        "  security-groups: [{tags: {karpenter.sh/discovery: elsewhere}}]\n"
        => "  security-groups: [{tags: {karpenter.sh/discovery: analytics}}]\n";
    SUBNET_ADDRESSES = Warning "subnet-addresses":
        "Every pod takes an address of its subnet, and a node takes several at once. Without one left, no node joins.",
        "  subnets: [{tags: {karpenter.sh/discovery: small}}]\n"
        => "  subnets: [{tags: {karpenter.sh/discovery: analytics}}]\n";
    SECURITY_GROUPS_NONE = Error "security-groups-none":
        "The terms find no security group: no node can be made.",
        "  security-groups: [{name: nodes-of-nobody}]\n"
        => "  security-groups: [{tags: {karpenter.sh/discovery: analytics}}]\n";
    DIRECTORY_BUCKET_APART = Error "directory-bucket-apart":
        "A directory bucket is in one zone. No node is made there: every read crosses zones, slowly and for money.",
        "        bucket: shuffle--usw2-az4--x-s3\n"
        => "        bucket: shuffle--usw2-az2--x-s3\n";
    S3_UNREACHABLE = Error "s3-unreachable":
        "There is no way from the subnet to S3, neither through an endpoint nor out of the VPC: mount-s3 is not installed, and nothing is mounted.",
        "  subnets: [{tags: {karpenter.sh/discovery: closed}}]\n"
        => "  subnets: [{tags: {karpenter.sh/discovery: analytics}}]\n";
    NO_WAY_OUT = Error "no-way-out":
        "The endpoint of S3 leads to the buckets of its own region. What is elsewhere takes a route out of the VPC.",
        "install: {from: release}\n"
        => "install: {from: distribution}\n";
    S3_THROUGH_NAT = Warning "s3-through-nat":
        "Without a gateway endpoint, which is free, every byte from S3 goes through the NAT gateway, which charges for it.",
        "  subnets: [{tags: {karpenter.sh/discovery: nat}}]\n"
        => "  subnets: [{tags: {karpenter.sh/discovery: analytics}}]\n";
    AMI_GONE = Error "ami-gone":
        "There is no such AMI in this region: no node can be made.",
        "    ami: al2023@v20200101\n"
        => "    ami: al2023@v20260915\n";
    AMI_ARCH = Error "ami-arch":
        "The AMI is for other processors than the class's nodes have.",
        "    ami: {family: al2023, name: amazon-eks-node-al2023-arm64-standard-1.33-v20260915, owner: amazon}\n"
        => "    ami: {family: al2023, name: amazon-eks-node-al2023-x86_64-standard-1.33-v20260915, owner: amazon}\n";
    AMI_OLD = Warning "ami-old":
        "There is a newer release, with fixes. A pinned version is tested, and stays until someone moves it.",
        "    ami: al2023@v20260801\n"
        => "    ami: al2023@v20260915\n";
    AMI_DEPRECATED = Warning "ami-deprecated":
        "After its deprecation an AMI is not found by terms any more, and may be taken away.",
        "    ami: {family: al2023, name: old-nodes, owner: self}\n"
        => "    ami: {family: al2023, name: own-nodes, owner: self}\n";
    BUCKET_GONE = Error "bucket-gone":
        "There is no such bucket: the mount fails, and the node does not join.",
        "        bucket: acme-spark-jar\n"
        => "        bucket: acme-spark-jars\n";
    BUCKET_ELSEWHERE = Error "bucket-elsewhere":
        "The bucket is in another region than mount-s3 is told: it fails, or reads across regions, slowly and for money.",
        "        bucket: acme-in-ireland\n"
        => "        bucket: acme-spark-jars\n";
    LAUNCH_REFUSED = Error "launch-refused":
        "EC2 was asked whether it would launch such an instance, without launching it, and said no.",
        ""
        => "";
}
