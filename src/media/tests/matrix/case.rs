//! What a file of the matrix is made of.

/// What is done to the file after encoding, or how it is put together.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Quirk {
    None,
    /// The file begins at this share of its bytes.
    Begins(f64),
    /// Encoded in parts; each part's clock begins at these seconds.
    Parts(&'static [f64]),
    /// Three of four presentation times are taken out of the transport stream.
    LacksTimes,
    /// H.264 in single fields, by the encoder of this test; whether pictures are reordered.
    Fields(bool),
    /// Copied from this second on, so that an edit list hides the beginning.
    Edited(&'static str),
    /// Put through another container first.
    Through(&'static str),
}

pub struct Case {
    pub codec: &'static str,
    pub container: &'static str,
    pub what: &'static str,
    pub args: &'static [&'static str],
    pub quirk: Quirk,
}
