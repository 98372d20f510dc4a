"""A stand-in for AWS: moto, with what it lacks, on a port of its choice that it prints as its first line.

What is there: a VPC with a gateway endpoint of S3 and subnets (tagged `karpenter.sh/discovery`: analytics, small, closed, nat),
another VPC, the AMIs of EKS with their parameters, AMIs of one's own, buckets, and a node group with its launch template.

POST /fault {"Action": [CODE, STATUS, COUNT]} makes calls fail COUNT times (-1 for ever): with CODE in AWS's form, or for the
codes `slow`, `malformed` and `hang-up` as networks do. POST /call {"service", "call", "arguments"} makes a call through boto3
and answers with its result. /calls lists what was called, and
/bodies with what. The key `sender` may do what its policies allow, once
POST /moto-api/reset-auth was asked with the body 0.
"""
import datetime, io, json, os, re, sys, tempfile, threading, time

ACCOUNT = "123456789012"
REGION = "us-west-2"
NOW = "2026-09-20T00:00:00.000Z"


def ami(number, name, architecture="x86_64", owner="602401143452"):
    return dict(ami_id=f"ami-{0xe5000000000000000 + number:017x}"[:21], state="available", public=True, owner_id=owner, image_location=f"amazon/{name}",
                sriov="simple", root_device_type="ebs", root_device_name="/dev/xvda", description=name, image_type="machine", platform=None,
                architecture=architecture, name=name, virtualization_type="hvm", hypervisor="xen")


AMIS, PARAMETERS = [], {}
for version in ("1.33", "1.34"):
    for architecture in ("x86_64", "arm64"):
        for variant in ("standard", "nvidia"):
            root = f"/aws/service/eks/optimized-ami/{version}/amazon-linux-2023/{architecture}/{variant}"
            for date in ("20260801", "20260915"):
                name = f"amazon-eks-node-al2023-{architecture}-{variant}-{version}-v{date}"
                AMIS.append(ami(len(AMIS) + 1, name, architecture))
                PARAMETERS[f"{root}/{name}/image_id"] = PARAMETERS[f"{root}/recommended/image_id"] = AMIS[-1]["ami_id"]
AMIS += [ami(901, "own-nodes", owner=ACCOUNT), ami(902, "old-nodes", owner=ACCOUNT)]

path = os.path.join(tempfile.mkdtemp(), "amis.json")
with open(path, "w") as file:
    json.dump(AMIS, file)
os.environ.update(MOTO_AMIS_PATH=path, AWS_ACCESS_KEY_ID="seed", AWS_SECRET_ACCESS_KEY="seed", AWS_DEFAULT_REGION=REGION,
                  AWS_EC2_METADATA_DISABLED="true", MOTO_ACCOUNT_ID=ACCOUNT)
sys.argv = sys.argv[:1]

import boto3
from moto.ec2 import ec2_backends
from moto.iam import access_control
from moto.ec2.models import instance_types
from moto.s3 import responses as s3_responses
from moto.server import DomainDispatcherApplication, create_backend_app
from moto.ssm.models import Parameter, ssm_backends
from werkzeug.serving import make_server
from werkzeug.wrappers import Request, Response

# A type that no table of s3boot has heard of, without disks.
instance_types.INSTANCE_TYPES["m9d.large"] = dict(instance_types.INSTANCE_TYPES["m5.large"], InstanceType="m9d.large")
instance_types.InstanceTypeBackend.instance_types.append(instance_types.InstanceType("m9d.large"))
instance_types.INSTANCE_TYPE_OFFERINGS["availability-zone"][REGION].append({"InstanceType": "m9d.large", "Location": f"{REGION}a"})

# Policies are what is tested; moto computes another signature than AWS for a GET of EKS.
access_control.IAMRequestBase.check_signature = lambda self: None
# IAM has no action of the name HeadBucket.
s3_responses.ACTION_MAP["BUCKET"]["HEAD"]["DEFAULT"] = "ListBucket"

faults, calls, bodies = {}, [], []


def action_of(request, body):
    target = request.headers.get("X-Amz-Target")
    if target:
        return target.split(".")[-1]
    found = re.search(rb"(?:^|&)Action=(\w+)", body)
    if found:
        return found.group(1).decode()
    if "/node-groups/" in request.path:
        return "DescribeNodegroup"
    return "HeadBucket" if request.method == "HEAD" else None


def refused(action, fault, request):
    code, status, _ = fault
    if code == "slow":
        time.sleep(status)
        return None
    if code == "malformed":
        return Response("<not-xml", status=200, content_type="text/xml")
    if code == "hang-up":
        return "hang-up"
    if action in ("GetParameter",):
        return Response(json.dumps({"__type": code, "message": "injected"}), status=status, content_type="application/x-amz-json-1.1")
    if action == "DescribeNodegroup":
        return Response(json.dumps({"message": "injected"}), status=status, headers={"x-amzn-ErrorType": code}, content_type="application/json")
    if action == "HeadBucket":
        return Response("", status=status)
    return Response(f'<?xml version="1.0"?><Response><Errors><Error><Code>{code}</Code><Message>injected</Message></Error></Errors>'
                    f'<RequestID>x</RequestID></Response>', status=status, content_type="text/xml")


class Denials:
    """What moto says to those whom IAM does not let in is XML, also where the service speaks JSON."""

    def __init__(self, inner, environ, start):
        self.inner, self.environ, self.start = inner, environ, start

    def answer(self, action):
        said = {}
        body = b"".join(self.inner(self.environ, lambda status, headers, *_: said.update(status=status, headers=headers)))
        if said["status"].startswith("403") and b"<Code>AccessDenied" in body:
            return refused(action, ("AccessDeniedException", 400, 0), None)(self.environ, self.start)
        self.start(said["status"], said["headers"])
        return [body]


def session():
    """What S3 Express One Zone gives before it lets anyone near a directory bucket."""
    text = ("<CreateSessionResult><Credentials><SessionToken>session</SessionToken><SecretAccessKey>secret</SecretAccessKey>"
            "<AccessKeyId>key</AccessKeyId><Expiration>2036-01-01T00:00:00Z</Expiration></Credentials></CreateSessionResult>")
    return Response(text, content_type="application/xml")


def plainly(value):
    return str(value) if isinstance(value, (datetime.datetime, bytes)) else repr(value)


class App:
    def __init__(self, inner):
        self.inner = inner

    def __call__(self, environ, start):
        request = Request(environ)
        body = request.get_data(cache=True)
        environ["wsgi.input"] = io.BytesIO(body)
        if request.path == "/fault":
            faults.update(json.loads(body))
            return Response("{}")(environ, start)
        if request.path == "/calls":
            return Response(json.dumps(calls))(environ, start)
        if request.path == "/bodies":
            return Response(json.dumps(bodies))(environ, start)
        if request.path == "/call":
            asked = json.loads(body)
            result = getattr(client(asked["service"]), asked["call"])(**asked["arguments"])
            return Response(json.dumps(result, default=plainly))(environ, start)
        action = action_of(request, body)
        if action and "moto-api" not in request.path and request.headers.get("X-Seed") is None:
            calls.append(action)
            bodies.append(body.decode(errors="replace"))
        fault = faults.get(action)
        if fault and fault[2] != 0:
            fault[2] -= 1
            response = refused(action, fault, request)
            if response == "hang-up":
                environ["werkzeug.socket"].close()
                return []
            if response is not None:
                return response(environ, start)
        if "session" in request.args:
            return session()(environ, start)
        if action in ("GetParameter", "DescribeNodegroup"):
            return Denials(self.inner, environ, start).answer(action)
        return self.inner(environ, start)


server = make_server("127.0.0.1", 0, App(DomainDispatcherApplication(create_backend_app)), threaded=True)
URL = f"http://127.0.0.1:{server.server_port}"


def client(service):
    made = boto3.client(service, endpoint_url=URL, region_name=REGION)
    made.meta.events.register("before-send", lambda request, **_: request.headers.__setitem__("X-Seed", "1"))
    return made


def tagged(kind, value):
    return [{"ResourceType": kind, "Tags": [{"Key": "karpenter.sh/discovery", "Value": value}]}]


def seed():
    ec2, s3, eks, iam = client("ec2"), client("s3"), client("eks"), client("iam")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    table = ec2.describe_route_tables(Filters=[{"Name": "vpc-id", "Values": [vpc]}])["RouteTables"][0]["RouteTableId"]
    for service in ("s3", "s3express"):
        ec2.create_vpc_endpoint(VpcId=vpc, ServiceName=f"com.amazonaws.{REGION}.{service}", VpcEndpointType="Gateway", RouteTableIds=[table])

    def subnet(tag, zone, block):
        return ec2.create_subnet(VpcId=vpc, CidrBlock=block, AvailabilityZone=f"{REGION}{zone}", TagSpecifications=tagged("subnet", tag))["Subnet"]["SubnetId"]

    nodes = [subnet("analytics", "a", "10.0.0.0/20"), subnet("analytics", "b", "10.0.16.0/20")]
    subnet("small", "a", "10.0.32.0/28")
    subnet("small", "b", "10.0.33.0/28")
    for tag, third in (("closed", 48), ("nat", 64)):
        own = ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
        for at, zone in enumerate("ab"):
            made = subnet(tag, zone, f"10.0.{third + at}.0/24")
            ec2.associate_route_table(RouteTableId=own, SubnetId=made)
        if tag == "nat":
            gateway = ec2.create_nat_gateway(SubnetId=nodes[0], ConnectivityType="private")["NatGateway"]["NatGatewayId"]
            ec2.create_route(RouteTableId=own, DestinationCidrBlock="0.0.0.0/0", NatGatewayId=gateway)
    ec2.create_security_group(GroupName="nodes", Description="nodes", VpcId=vpc, TagSpecifications=tagged("security-group", "analytics"))
    other = ec2.create_vpc(CidrBlock="10.1.0.0/16")["Vpc"]["VpcId"]
    ec2.create_security_group(GroupName="elsewhere", Description="elsewhere", VpcId=other, TagSpecifications=tagged("security-group", "elsewhere"))

    for name in ("acme-spark-jars", "shuffle--usw2-az2--x-s3", "shuffle--usw2-az4--x-s3"):
        s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
    ireland = boto3.client("s3", endpoint_url=URL, region_name="eu-west-1")
    ireland.create_bucket(Bucket="acme-in-ireland", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})

    parameters = ssm_backends[ACCOUNT][REGION]._parameters
    for name, value in PARAMETERS.items():
        parameters[name].append(Parameter(account_id=ACCOUNT, name=name, value=value, parameter_type="String", description=None,
                                          allowed_pattern=None, keyid=None, last_modified_date=0, version=1, data_type="text"))
    for image in ec2_backends[ACCOUNT][REGION].amis.values():
        if image.name == "old-nodes":
            image.deprecation_time = "2026-05-01T00:00:00.000Z"

    role = iam.create_role(RoleName="analytics", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    eks.create_cluster(name="analytics", roleArn=role, resourcesVpcConfig={"subnetIds": nodes})
    iam.create_user(UserName="sender")
    key = iam.create_access_key(UserName="sender")["AccessKey"]
    return {"url": URL, "key": key["AccessKeyId"], "secret": key["SecretAccessKey"], "role": role, "subnets": nodes}


threading.Thread(target=server.serve_forever, daemon=True).start()
print(json.dumps(seed()), flush=True)
# The one who started it holds the other end of this pipe: its end is the server's.
sys.stdin.read()
