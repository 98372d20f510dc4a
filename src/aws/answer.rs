//! One function a question.

use super::{Account, Trouble, code_of};
use crate::plan::SelectorTerm;
use crate::preflight::question::{
    Endpoint, EndpointKind, Image, ImageTerms, InstanceType, Launch, Offering, RouteTable, SecurityGroup, Subnet,
    WayOut, Zone,
};
use aws_sdk_ec2::types::{
    EphemeralNvmeSupport, Filter, IamInstanceProfileSpecification, InstanceMarketOptionsRequest, InstanceTypeInfo,
    LocationType, MarketType, Route, RouteState, VpcEndpoint, VpcEndpointType,
};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

type Result<T> = std::result::Result<T, Trouble>;

/// How many values EC2 takes for one filter (EC2 API, "Filter").
const FILTER_VALUES: usize = 200;

fn filter(name: &str, values: &[String]) -> Filter {
    Filter::builder().name(name).set_values(Some(values.to_vec())).build()
}

fn filters(pairs: &[(String, String)]) -> Vec<Filter> {
    pairs.iter().map(|(name, value)| filter(name, std::slice::from_ref(value))).collect()
}

fn text(value: Option<&str>) -> String {
    value.unwrap_or_default().to_owned()
}

fn number(value: Option<impl TryInto<u64>>) -> u64 {
    value.and_then(|value| value.try_into().ok()).unwrap_or_default()
}

impl Account {
    pub(super) async fn zones(&self) -> Result<Vec<Zone>> {
        let said = self.ec2.describe_availability_zones().send().await?;
        let zone = |zone: &aws_sdk_ec2::types::AvailabilityZone| Zone {
            name: text(zone.zone_name()),
            id: text(zone.zone_id()),
        };
        Ok(said.availability_zones().iter().map(zone).collect())
    }

    pub(super) async fn types(&self, pattern: &str) -> Result<Vec<InstanceType>> {
        let request = self.ec2.describe_instance_types().filters(filter("instance-type", &[pattern.to_owned()]));
        let said: std::result::Result<Vec<_>, _> = request.into_paginator().items().send().collect().await;
        Ok(said?.iter().map(instance_type).collect())
    }

    pub(super) async fn offerings(&self, types: &[String]) -> Result<Vec<Offering>> {
        let offering = |offering: &aws_sdk_ec2::types::InstanceTypeOffering| Offering {
            instance_type: offering.instance_type().map_or_else(String::new, |kind| kind.as_str().to_owned()),
            zone: text(offering.location()),
        };
        let mut found = Vec::new();
        for types in types.chunks(FILTER_VALUES) {
            let request = self
                .ec2
                .describe_instance_type_offerings()
                .location_type(LocationType::AvailabilityZone)
                .filters(filter("instance-type", types));
            let said: std::result::Result<Vec<_>, _> = request.into_paginator().items().send().collect().await;
            found.extend(said?.iter().map(offering));
        }
        Ok(found)
    }

    pub(super) async fn parameter(&self, name: &str) -> Result<Option<String>> {
        match self.ssm.get_parameter().name(name).send().await {
            Ok(said) => Ok(said.parameter().and_then(|parameter| parameter.value()).map(str::to_owned)),
            Err(error) if code_of(&error) == Some("ParameterNotFound") => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    pub(super) async fn images(&self, terms: &ImageTerms) -> Result<Vec<Image>> {
        let request = self
            .ec2
            .describe_images()
            .include_deprecated(true)
            .set_image_ids(terms.id.clone().map(|id| vec![id]))
            .set_owners((!terms.owners.is_empty()).then(|| terms.owners.clone()))
            .set_filters((!terms.filters.is_empty()).then(|| filters(&terms.filters)));
        let said = match request.send().await {
            Ok(said) => said,
            Err(error) if code_of(&error).is_some_and(|code| code.starts_with("InvalidAMIID")) => return Ok(Vec::new()),
            Err(error) => return Err(error.into()),
        };
        let image = |image: &aws_sdk_ec2::types::Image| Image {
            id: text(image.image_id()),
            name: text(image.name()),
            architecture: image.architecture().map_or_else(String::new, |arch| arch.as_str().to_owned()),
            created: text(image.creation_date()),
            deprecated: image.deprecation_time().map(str::to_owned),
        };
        let mut images: Vec<_> = said.images().iter().map(image).collect();
        images.sort_by(|one, other| other.created.cmp(&one.created).then_with(|| one.id.cmp(&other.id)));
        Ok(images)
    }

    pub(super) async fn subnets(&self, term: &SelectorTerm) -> Result<Vec<Subnet>> {
        let request = self.ec2.describe_subnets().set_filters(Some(filters(&term.filters("subnet-id"))));
        let said: std::result::Result<Vec<_>, _> = request.into_paginator().items().send().collect().await;
        let subnet = |subnet: &aws_sdk_ec2::types::Subnet| Subnet {
            id: text(subnet.subnet_id()),
            zone: text(subnet.availability_zone()),
            zone_id: text(subnet.availability_zone_id()),
            vpc: text(subnet.vpc_id()),
            addresses: number(subnet.available_ip_address_count()),
        };
        let mut subnets: Vec<_> = said?.iter().map(subnet).collect();
        subnets.sort_by(|one, other| (&one.zone, &one.id).cmp(&(&other.zone, &other.id)));
        Ok(subnets)
    }

    pub(super) async fn security_groups(&self, term: &SelectorTerm) -> Result<Vec<SecurityGroup>> {
        let request = self.ec2.describe_security_groups().set_filters(Some(filters(&term.filters("group-id"))));
        let said: std::result::Result<Vec<_>, _> = request.into_paginator().items().send().collect().await;
        let group = |group: &aws_sdk_ec2::types::SecurityGroup| SecurityGroup {
            id: text(group.group_id()),
            vpc: text(group.vpc_id()),
        };
        let mut groups: Vec<_> = said?.iter().map(group).collect();
        groups.sort_by(|one, other| one.id.cmp(&other.id));
        Ok(groups)
    }

    pub(super) async fn endpoints(&self, vpc: &str) -> Result<Vec<Endpoint>> {
        let request = self.ec2.describe_vpc_endpoints().filters(filter("vpc-id", &[vpc.to_owned()]));
        let said: std::result::Result<Vec<_>, _> = request.into_paginator().items().send().collect().await;
        let is_there = |endpoint: &&VpcEndpoint| {
            endpoint.state().is_none_or(|state| state.as_str().eq_ignore_ascii_case("available"))
        };
        Ok(said?.iter().filter(is_there).map(endpoint).collect())
    }

    pub(super) async fn route_tables(&self, vpc: &str) -> Result<Vec<RouteTable>> {
        let request = self.ec2.describe_route_tables().filters(filter("vpc-id", &[vpc.to_owned()]));
        let said: std::result::Result<Vec<_>, _> = request.into_paginator().items().send().collect().await;
        Ok(said?.iter().map(route_table).collect())
    }

    /// S3 names the region of a bucket in its answer to anyone, also to those whom it does not let in.
    pub(super) async fn bucket(&self, name: &str, region: &str) -> Result<Option<String>> {
        let here = aws_sdk_s3::config::Builder::new().region(aws_config::Region::new(region.to_owned()));
        let request = self.s3.head_bucket().bucket(name).customize().config_override(here);
        match request.send().await {
            Ok(said) => Ok(Some(said.bucket_region().unwrap_or(region).to_owned())),
            Err(error) => {
                let answer = error.raw_response();
                let real = answer.and_then(|answer| answer.headers().get("x-amz-bucket-region")).map(str::to_owned);
                match (answer.map(|answer| answer.status().as_u16()), real) {
                    (Some(404), _) => Ok(None),
                    (Some(301 | 400 | 403), Some(real)) => Ok(Some(real)),
                    _ => Err(error.into()),
                }
            }
        }
    }

    pub(super) async fn launch(&self, launch: &Launch) -> Result<Option<String>> {
        let profile = |name: &String| IamInstanceProfileSpecification::builder().name(name).build();
        let spot = launch.spot.then(|| InstanceMarketOptionsRequest::builder().market_type(MarketType::Spot).build());
        let request = self
            .ec2
            .run_instances()
            .dry_run(true)
            .min_count(1)
            .max_count(1)
            .image_id(&launch.image)
            .instance_type(launch.instance_type.as_str().into())
            .subnet_id(&launch.subnet)
            .set_security_group_ids(Some(launch.security_groups.clone()))
            .set_iam_instance_profile(launch.instance_profile.as_ref().map(profile))
            .set_instance_market_options(spot)
            .set_user_data(launch.user_data.as_ref().map(|text| STANDARD.encode(text)));
        match request.send().await {
            Ok(_) => Ok(None),
            Err(error) => match code_of(&error) {
                Some("DryRunOperation") => Ok(None),
                // What EC2 says of the request itself, and not of who asks or how often.
                Some(code)
                    if code.starts_with("Invalid")
                        || code.starts_with("Unsupported")
                        || code.ends_with("LimitExceeded") && code != "RequestLimitExceeded" =>
                {
                    let message = error.as_service_error().and_then(|error| error.meta().message());
                    Ok(Some(format!("{code}: {}", message.unwrap_or("no reason given"))))
                }
                _ => Err(error.into()),
            },
        }
    }
}

fn instance_type(info: &InstanceTypeInfo) -> InstanceType {
    let store = info
        .instance_storage_info()
        .filter(|store| store.nvme_support().is_some_and(|support| *support != EphemeralNvmeSupport::Unsupported));
    let architectures =
        info.processor_info().map(aws_sdk_ec2::types::ProcessorInfo::supported_architectures).unwrap_or_default();
    InstanceType {
        name: info.instance_type().map_or_else(String::new, |kind| kind.as_str().to_owned()),
        architectures: architectures.iter().map(|arch| arch.as_str().to_owned()).collect(),
        cpus: number(info.v_cpu_info().and_then(aws_sdk_ec2::types::VCpuInfo::default_v_cpus)),
        memory_mib: number(info.memory_info().and_then(aws_sdk_ec2::types::MemoryInfo::size_in_mib)),
        store_gb: store.map(|store| number(store.total_size_in_gb())),
    }
}

fn endpoint(endpoint: &VpcEndpoint) -> Endpoint {
    Endpoint {
        service: text(endpoint.service_name()),
        kind: match endpoint.vpc_endpoint_type() {
            Some(VpcEndpointType::Gateway) => EndpointKind::Gateway(endpoint.route_table_ids().to_vec()),
            _ if endpoint.private_dns_enabled() == Some(true) => EndpointKind::PrivateName,
            _ => EndpointKind::OwnName,
        },
    }
}

fn route_table(table: &aws_sdk_ec2::types::RouteTable) -> RouteTable {
    let associations = table.associations();
    let out = table.routes().iter().find(|route| {
        route.destination_cidr_block() == Some("0.0.0.0/0") && route.state() != Some(&RouteState::Blackhole)
    });
    RouteTable {
        id: text(table.route_table_id()),
        main: associations.iter().any(|association| association.main() == Some(true)),
        subnets: associations.iter().filter_map(|association| association.subnet_id()).map(str::to_owned).collect(),
        out: match out.map(Route::nat_gateway_id) {
            None => WayOut::None,
            Some(Some(_)) => WayOut::Nat,
            Some(None) => WayOut::Other,
        },
    }
}
