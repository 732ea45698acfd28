//! The stages of making an index, in words that every process knows.

/// What is done to make an index, for a person.
pub(crate) const STAGES: [&str; 2] = [
    "Reading the frame index",
    "Decoding once to find the order of pictures",
];
