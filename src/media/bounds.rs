//! The most that is decoded of a file.

/// Pixels of the largest picture that is decoded: 8K twice.
pub(crate) const MOST_PIXELS: i64 = 1 << 26;
/// Largest block of memory that FFmpeg may ask for: a file of a few bytes can state an index of
/// gigabytes.
pub(crate) const MOST_ALLOCATION_BYTES: usize = 384 << 20;
