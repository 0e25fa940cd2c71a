//! The codes for the status and the health of a stack.

/// Status: waiting to be analyzed.
pub(super) const PENDING: u8 = 0;
/// Status: the last deployment succeeded.
pub(super) const DEPLOYED: u8 = 1;
/// Status: the last deployment failed.
pub(super) const FAILED: u8 = 2;
/// Status: being analyzed.
pub(super) const ANALYZING: u8 = 3;
/// Status: ready to be deployed.
pub(super) const ANALYZED: u8 = 4;
/// Status: waiting to be deployed.
pub(super) const QUEUED: u8 = 5;
/// Status: being deployed.
pub(super) const DEPLOYING: u8 = 6;
/// Status: could not be analyzed.
pub(super) const UNABLE_TO_ANALYZE: u8 = 7;

/// Health: unknown.
pub(super) const UNKNOWN: u8 = 0;
/// Health: being built.
pub(super) const BUILDING: u8 = 1;
/// Health: impaired.
pub(super) const IMPAIRED: u8 = 2;
/// Health: healthy.
pub(super) const HEALTHY: u8 = 3;
/// Health: failed.
pub(super) const BROKEN: u8 = 4;
