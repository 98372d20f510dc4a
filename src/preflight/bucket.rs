//! Buckets: that they are there, and where.

use super::{Inquiry, Subject, code};
use crate::diagnostic::Fault;

/// Each bucket is there, and in the region that mount-s3 is told.
pub(super) fn buckets_are_there(subject: &Subject<'_>, inquiry: &mut Inquiry<'_>) {
    for (mount, written) in subject.class.mounts.iter().zip(&subject.written.mounts.value) {
        let (name, region) = (mount.bucket.as_str(), mount.region.as_str());
        let fault = match inquiry.bucket(name, region, written.bucket.span) {
            None => continue,
            Some(None) => Fault::new(
                &code::BUCKET_GONE,
                format!("there is no bucket `{name}`"),
                "name one that is there, or make it first",
            ),
            Some(Some(real)) if real == region => continue,
            Some(Some(real)) => Fault::new(
                &code::BUCKET_ELSEWHERE,
                format!("the bucket `{name}` is in {real}, not in {region}"),
                format!("take a bucket in {region}, or add `region: {real}` to the mount"),
            ),
        };
        inquiry.report(fault, written.bucket.span);
    }
}
