//! H.264 and HEVC at the level of NAL units: finding them, recognising clean keyframes, merging
//! parameter sets. Works on bytes alone (ISO/IEC 14496-10, 14496-15, 23008-2); decodes nothing.

/// How NAL units follow each other in a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Framing {
    /// Start codes, as in MPEG transport streams.
    AnnexB,
    /// A length of so many bytes before each, as in MP4 and Matroska.
    Length(usize),
}

impl Framing {
    /// The framing that an H.264 or HEVC configuration record states; start codes where there is no
    /// record.
    pub fn of_extradata(extradata: &[u8], hevc: bool) -> Self {
        let at = if hevc { 21 } else { 4 };
        match (extradata.first(), extradata.get(at)) {
            (Some(1), Some(byte)) => Self::Length(usize::from(byte & 3) + 1),
            _ => Self::AnnexB,
        }
    }
}

/// The NAL units of a packet, without their framing. Damaged lengths end the list.
pub(super) fn units(data: &[u8], framing: Framing) -> Vec<&[u8]> {
    match framing {
        Framing::AnnexB => annex_b_units(data),
        Framing::Length(size) => {
            let mut rest = data;
            let mut found = Vec::new();
            while rest.len() > size {
                let (head, tail) = rest.split_at(size);
                let length = head
                    .iter()
                    .fold(0usize, |sum, &byte| (sum << 8) | usize::from(byte));
                if length > tail.len() {
                    break;
                }
                let (unit, next) = tail.split_at(length);
                if !unit.is_empty() {
                    found.push(unit);
                }
                rest = next;
            }
            found
        }
    }
}

fn annex_b_units(data: &[u8]) -> Vec<&[u8]> {
    let mut starts = Vec::new();
    let mut at = 0;
    while at + 3 <= data.len() {
        if data[at..at + 3] == [0, 0, 1] {
            starts.push(at + 3);
            at += 3;
        } else {
            at += 1;
        }
    }
    let mut found = Vec::with_capacity(starts.len());
    for (n, &start) in starts.iter().enumerate() {
        let end = starts.get(n + 1).map_or(data.len(), |next| next - 3);
        let mut unit = &data[start..end.max(start)];
        // Zeros before the next start code (its fourth byte, or stuffing) belong to no unit.
        while let [head @ .., 0] = unit {
            unit = head;
        }
        if !unit.is_empty() {
            found.push(unit);
        }
    }
    found
}

/// Writes NAL units with four-byte lengths.
pub(super) fn with_lengths<'a>(units: impl IntoIterator<Item = &'a [u8]>) -> Vec<u8> {
    let mut out = Vec::new();
    for unit in units {
        out.extend_from_slice(&(unit.len() as u32).to_be_bytes());
        out.extend_from_slice(unit);
    }
    out
}

/// Whether an H.264 packet starts a picture that nothing before it influences.
pub(super) fn is_h264_idr(data: &[u8], framing: Framing) -> bool {
    units(data, framing).iter().any(|unit| unit[0] & 0x1f == 5)
}

/// The same for HEVC: an IDR or broken-link picture.
pub(super) fn is_hevc_idr(data: &[u8], framing: Framing) -> bool {
    units(data, framing)
        .iter()
        .any(|unit| matches!((unit[0] >> 1) & 0x3f, 16..=20))
}

/// Whether an HEVC packet is a keyframe that pictures shown before it may follow (a clean random
/// access picture).
pub(super) fn is_hevc_open_key(data: &[u8], framing: Framing) -> bool {
    units(data, framing)
        .iter()
        .any(|unit| (unit[0] >> 1) & 0x3f == CLEAN_RANDOM_ACCESS)
}

/// HEVC's kinds of keyframes (Rec. ITU-T H.265, table 7-1).
const CLEAN_RANDOM_ACCESS: u8 = 21;
const BROKEN_LINK_WITHOUT_LEADING: u8 = 18;

/// An HEVC packet with its open keyframe turned into one at which decoders begin afresh, as the
/// standard has it for splicing; `None` where it holds none.
pub(super) fn as_broken_link(data: &[u8], framing: Framing) -> Option<Vec<u8>> {
    let mut changed = data.to_vec();
    let mut found = false;
    let begin = data.as_ptr() as usize;
    for unit in units(data, framing) {
        if (unit[0] >> 1) & 0x3f == CLEAN_RANDOM_ACCESS {
            let at = unit.as_ptr() as usize - begin;
            changed[at] = unit[0] & 0x81 | BROKEN_LINK_WITHOUT_LEADING << 1;
            found = true;
        }
    }
    found.then_some(changed)
}

/// Sequence and picture parameter sets of H.264.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct ParameterSets {
    pub sequence: Vec<Vec<u8>>,
    pub picture: Vec<Vec<u8>>,
}

impl ParameterSets {
    /// Reads them from a configuration record (`avcC`) or from start codes.
    pub fn read(extradata: &[u8]) -> Option<Self> {
        let mut sets = Self::default();
        if Framing::of_extradata(extradata, false) == Framing::AnnexB {
            for unit in annex_b_units(extradata) {
                sets.push(unit);
            }
        } else {
            let mut at = 5;
            for (mask, minimum) in [(0x1f, 1), (0xff, 0)] {
                let count = usize::from(extradata.get(at)? & mask);
                if count < minimum {
                    return None;
                }
                at += 1;
                for _ in 0..count {
                    let length = usize::from(u16::from_be_bytes([
                        *extradata.get(at)?,
                        *extradata.get(at + 1)?,
                    ]));
                    sets.push(extradata.get(at + 2..at + 2 + length)?);
                    at += 2 + length;
                }
            }
        }
        (!sets.sequence.is_empty() && !sets.picture.is_empty()).then_some(sets)
    }

    fn push(&mut self, unit: &[u8]) {
        match unit.first().map(|byte| byte & 0x1f) {
            Some(7) if unit.len() >= 5 => self.sequence.push(unit.to_vec()),
            Some(8) if unit.len() >= 2 => self.picture.push(unit.to_vec()),
            _ => {}
        }
    }

    /// Numbers in use as ids of either kind.
    pub fn ids(&self) -> Vec<u32> {
        // After the NAL header a sequence set has profile, constraints and level; a picture set
        // begins with its id.
        let sequence = self.sequence.iter().filter_map(|set| exp_golomb(&set[4..]));
        let picture = self.picture.iter().filter_map(|set| exp_golomb(&set[1..]));
        sequence.chain(picture).collect()
    }

    /// A configuration record for these sets and another's, with four-byte lengths. `None` when
    /// there are too many.
    pub fn merged_record(&self, other: &Self) -> Option<Vec<u8>> {
        let sequence: Vec<&Vec<u8>> = self.sequence.iter().chain(&other.sequence).collect();
        let picture: Vec<&Vec<u8>> = self.picture.iter().chain(&other.picture).collect();
        if sequence.len() > 31 || picture.len() > 255 {
            return None;
        }
        // The record's profile and level must cover all sets; constraint flags hold only where all
        // state them.
        let profile = sequence.iter().map(|set| set[1]).max()?;
        let constraints = sequence.iter().map(|set| set[2]).reduce(|a, b| a & b)?;
        let level = sequence.iter().map(|set| set[3]).max()?;
        let mut out = vec![1, profile, constraints, level, 0xff];
        out.push(0xe0 | sequence.len() as u8);
        for set in sequence {
            out.extend_from_slice(&u16::try_from(set.len()).ok()?.to_be_bytes());
            out.extend_from_slice(set);
        }
        out.push(picture.len() as u8);
        for set in picture {
            out.extend_from_slice(&u16::try_from(set.len()).ok()?.to_be_bytes());
            out.extend_from_slice(set);
        }
        // The record's extension for the high profiles (4:2:0, 8 bit: the only ones spliced here).
        if matches!(profile, 100 | 110 | 122 | 144) {
            out.extend_from_slice(&[0xfd, 0xf8, 0xf8, 0]);
        }
        Some(out)
    }
}

/// The first unsigned Exp-Golomb number of some bytes (9.1 of the standard).
fn exp_golomb(bytes: &[u8]) -> Option<u32> {
    let bit = |n: usize| bytes.get(n / 8).map(|byte| (byte >> (7 - n % 8)) & 1);
    let mut zeros = 0;
    while bit(zeros)? == 0 {
        zeros += 1;
        if zeros > 31 {
            return None;
        }
    }
    let mut value = 0u32;
    for n in zeros..=2 * zeros {
        value = (value << 1) | u32::from(bit(n)?);
    }
    Some(value - 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn both_framings_give_the_same_units() {
        let annex_b = [
            0, 0, 0, 1, 0x67, 1, 2, 3, 4, 0, 0, 1, 0x68, 9, 0, 0, 0, 1, 0x65, 7, 7,
        ];
        let found = units(&annex_b, Framing::AnnexB);
        assert_eq!(found, [&[0x67, 1, 2, 3, 4][..], &[0x68, 9], &[0x65, 7, 7]]);
        let lengths = with_lengths(found.iter().copied());
        assert_eq!(units(&lengths, Framing::Length(4)), found);
        assert!(is_h264_idr(&lengths, Framing::Length(4)));
        assert!(!is_h264_idr(&[0, 0, 0, 2, 0x41, 5], Framing::Length(4)));
        assert!(is_hevc_idr(&[0, 0, 0, 2, 19 << 1, 5], Framing::Length(4)));
        assert!(!is_hevc_idr(&[0, 0, 0, 2, 21 << 1, 5], Framing::Length(4)));
    }

    #[test]
    fn exp_golomb_numbers_are_those_of_the_standard() {
        for (bits, value) in [
            (0b1000_0000u8, 0),
            (0b0100_0000, 1),
            (0b0110_0000, 2),
            (0b0010_0000, 3),
            (0b0011_1000, 6),
            (0b0001_0000, 7),
        ] {
            assert_eq!(exp_golomb(&[bits]), Some(value));
        }
        assert_eq!(exp_golomb(&[]), None);
        assert_eq!(exp_golomb(&[0; 8]), None);
    }

    #[test]
    fn merged_records_hold_both_sets() {
        let first = ParameterSets {
            sequence: vec![vec![0x67, 77, 0x40, 30, 0x80]],
            picture: vec![vec![0x68, 0x80]],
        };
        let second = ParameterSets {
            sequence: vec![vec![0x67, 100, 0, 31, 0x40]],
            picture: vec![vec![0x68, 0x40]],
        };
        assert_eq!(first.ids(), [0, 0]);
        assert_eq!(second.ids(), [1, 1]);
        let record = first.merged_record(&second).unwrap();
        assert_eq!(record[..4], [1, 100, 0, 31]);
        let read = ParameterSets::read(&record).unwrap();
        assert_eq!(read.sequence.len(), 2);
        assert_eq!(read.ids(), [0, 1, 0, 1]);
        assert_eq!(Framing::of_extradata(&record, false), Framing::Length(4));
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_without_panic(data in proptest::collection::vec(any::<u8>(), 0..200)) {
            for framing in [Framing::AnnexB, Framing::Length(1), Framing::Length(2), Framing::Length(4)] {
                let _ = units(&data, framing);
                let _ = is_h264_idr(&data, framing);
                let _ = is_hevc_idr(&data, framing);
            }
            if let Some(sets) = ParameterSets::read(&data) {
                let _ = sets.ids();
            }
        }
    }
}
