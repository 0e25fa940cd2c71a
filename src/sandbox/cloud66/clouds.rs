//! Clouds: the documented vendors with their regions and server sizes.

use serde_json::{Value, json};

use super::State;
use super::call::Call;
use super::reply::{ApiError, ApiResult, object};

/// An ID and its display name.
type Named = (&'static str, &'static str);

const AWS_REGIONS: &[Named] = &[
    ("us-east-1", "US East (Northern Virginia)"),
    ("us-west-1", "US West (Northern California)"),
    ("us-west-2", "US West (Oregon)"),
    ("sa-east-1", "South America (Sao Paulo, Brazil)"),
    ("eu-central-1", "Europe (Frankfurt, Germany)"),
    ("eu-west-1", "Europe (Dublin, Ireland)"),
    ("ap-southeast-1", "Asia Pacific (Singapore)"),
    ("ap-northeast-1", "Asia Pacific (Tokyo)"),
    ("ap-southeast-2", "Asia Pacific (Sydney)"),
];

// One ID ends with a space in the documentation too; clients must cope with it.
const AWS_SIZES: &[Named] = &[
    ("t1.micro", "Micro instance (t1.micro)"),
    ("t2.micro", "General purpose (t2.micro)"),
    ("t2.small", "General purpose (t2.small)"),
    ("t2.medium", "General purpose (t2.medium)"),
    ("m1.small", "General purpose (m1.small)"),
    ("m1.medium", "General purpose (m1.medium)"),
    ("m1.large", "General purpose (m1.large)"),
    ("m1.xlarge", "General purpose (m1.xlarge)"),
    ("m3.medium", "General purpose (m3.medium)"),
    ("m3.large", "General purpose (m3.large)"),
    ("m3.xlarge", "General purpose (m3.xlarge)"),
    ("m3.2xlarge ", "General purpose (m3.2xlarge )"),
    ("c1.medium", "Compute optimized (c1.medium)"),
    ("c1.xlarge", "Compute optimized (c1.xlarge)"),
    ("c3.large", "Compute optimized (c3.large)"),
    ("c3.xlarge", "Compute optimized (c3.xlarge)"),
    ("c3.2xlarge", "Compute optimized (c3.2xlarge)"),
    ("c3.4xlarge", "Compute optimized (c3.4xlarge)"),
    ("c3.8xlarge", "Compute optimized (c3.8xlarge)"),
    ("cc2.8xlarge", "Compute optimized (cc2.8xlarge)"),
    ("m2.xlarge", "Memory optimized (m2.xlarge)"),
    ("m2.2xlarge", "Memory optimized (m2.2xlarge)"),
    ("m2.4xlarge", "Memory optimized (m2.4xlarge)"),
    ("cr1.8xlarge", "Memory optimized (cr1.8xlarge)"),
    ("hi1.4xlarge", "Storage optimized (hi1.4xlarge)"),
    ("hs1.8xlarge", "Storage optimized (hs1.8xlarge)"),
    ("cg1.4xlarge", "GPU instances (cg1.4xlarge)"),
    ("g2.2xlarge", "GPU instances (g2.2xlarge)"),
    ("i2.xlarge", "Storage optimized (i2.xlarge)"),
    ("i2.2xlarge", "Storage optimized (i2.2xlarge)"),
    ("i2.4xlarge", "Storage optimized (i2.4xlarge)"),
    ("i2.8xlarge", "Storage optimized (i2.8xlarge)"),
    ("r3.large", "Memory optimized (r3.large)"),
    ("r3.xlarge", "Memory optimized (r3.xlarge)"),
    ("r3.2xlarge", "Memory optimized (r3.2xlarge)"),
    ("r3.4xlarge", "Memory optimized (r3.4xlarge)"),
    ("r3.8xlarge", "Memory optimized (r3.8xlarge)"),
];

/// ID, name, and an earlier ID of the region.
const DIGITALOCEAN_REGIONS: &[(&str, &str, &str)] = &[
    ("ams1", "Amsterdam, Netherlands", "2"),
    ("ams2", "Amsterdam 2, Netherlands", "5"),
    ("ams3", "Amsterdam 3, Netherlands", "9"),
    ("nyc1", "New York, US", "1"),
    ("nyc2", "New York 2, US", "4"),
    ("nyc3", "New York 3, US", "8"),
    ("sfo1", "San Francisco, US", "3"),
    ("sgp1", "Singapore", "6"),
    ("lon1", "London, UK", "7"),
];

const DIGITALOCEAN_SIZES: &[Named] = &[
    ("512mb", "512MB - 1 CPU"),
    ("1gb", "1GB - 1 CPU"),
    ("2gb", "2GB - 2 CPU"),
    ("4gb", "4GB - 2 CPU"),
    ("8gb", "8GB - 4 CPU"),
    ("16gb", "16GB - 8 CPU"),
    ("32gb", "32GB - 12 CPU"),
    ("48gb", "48GB - 16 CPU"),
    ("64gb", "64GB - 20 CPU"),
];

const GOOGLE_REGIONS: &[Named] = &[
    ("asia-east1-a", "asia-east1-a"),
    ("asia-northeast1-a", "asia-northeast1-a"),
    ("europe-west1-b", "europe-west1-b"),
    ("us-central1-a", "us-central1-a"),
    ("us-east1-b", "us-east1-b"),
    ("us-west1-a", "us-west1-a"),
];

const GOOGLE_SIZES: &[Named] = &[
    ("f1-micro", "1 vCPU - 614MB RAM"),
    ("g1-small", "1 vCPU - 1,740MB RAM"),
    ("n1-standard-1", "1 vCPU - 3,840MB RAM"),
    ("n1-standard-2", "2 vCPUs - 7,680MB RAM"),
    ("n1-standard-4", "4 vCPUs - 15,360MB RAM"),
    ("n1-standard-8", "8 vCPUs - 30,720MB RAM"),
];

const RACKSPACE_REGIONS: &[Named] = &[
    ("chicago", "Chicago"),
    ("dallas", "Dallas"),
    ("hong_kong", "Hong Kong"),
    ("london", "London"),
    ("northern_virginia", "Northern Virginia"),
    ("sydney", "Sydney"),
];

const RACKSPACE_SIZES: &[Named] = &[
    ("512MB Standard Instance", "512MB Standard Instance"),
    ("1GB Standard Instance", "1GB Standard Instance"),
    ("2GB Standard Instance", "2GB Standard Instance"),
    ("4GB Standard Instance", "4GB Standard Instance"),
    ("8GB Standard Instance", "8GB Standard Instance"),
    ("15GB Standard Instance", "15GB Standard Instance"),
];

/// The names of the clouds: those of the documented list, and others on which there are stacks.
pub(super) const NAMES: [&str; 4] = ["aws", "digitalocean", "google", "rackspace"];

/// The display name of a cloud.
pub(super) fn display_name(name: &str) -> Option<&'static str> {
    match name {
        "aws" => Some("AWS"),
        "digitalocean" => Some("DigitalOcean"),
        "google" => Some("Google"),
        "rackspace" => Some("Rackspace"),
        _ => None,
    }
}

/// `clouds_list`
pub(super) fn clouds_list(_state: &mut State, call: &Call) -> ApiResult {
    call.list(&clouds(), Value::clone)
}

/// `clouds_show`, by name
pub(super) fn clouds_show(_state: &mut State, call: &Call) -> ApiResult {
    let name = call.path_param("cloud_id");
    let cloud = clouds().into_iter().find(|cloud| cloud["name"] == name);
    let cloud = cloud
        .ok_or_else(|| ApiError::not_found(format!("Cloud `{name}` not found. Available: {}.", NAMES.join(", "))))?;
    Ok(object(cloud))
}

fn clouds() -> [Value; 4] {
    let digitalocean_regions: Vec<Value> = DIGITALOCEAN_REGIONS
        .iter()
        .map(|(id, name, old_id)| json!({ "id": id, "name": name, "old_id": old_id }))
        .collect();
    let cloud = |name: &str, regions: Vec<Value>, sizes: &[Named]| {
        json!({
            "name": name, "display_name": display_name(name), "regions": regions, "server_sizes": named(sizes),
            // Only the official client knows it.
            "key_name": "Default",
        })
    };
    [
        cloud("aws", named(AWS_REGIONS), AWS_SIZES),
        cloud("digitalocean", digitalocean_regions, DIGITALOCEAN_SIZES),
        cloud("google", named(GOOGLE_REGIONS), GOOGLE_SIZES),
        cloud("rackspace", named(RACKSPACE_REGIONS), RACKSPACE_SIZES),
    ]
}

fn named(items: &[Named]) -> Vec<Value> {
    items.iter().map(|(id, name)| json!({ "id": id, "name": name })).collect()
}
