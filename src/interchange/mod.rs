//! interchange.
