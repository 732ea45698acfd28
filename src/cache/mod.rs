//! Results kept on disk between runs: features with their filmstrip, and content hashes.
//!
//! Entries are keyed by what they depend on (content hash, bundle hash, frame rate), so a stale one
//! is never read; it is only ever evicted. A damaged entry counts as absent. Knows nothing of how
//! features are made.

mod features;
mod hashes;
mod store;

#[cfg(any(test, feature = "testing"))]
pub(crate) use features::read_entry;
pub use features::{CachedFeatures, CachedThumb, FeatureKey, StoredFeatures};
pub use hashes::HashMemo;
pub use store::{CacheError, CacheUsage, Store};
