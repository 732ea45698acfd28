//! A small H.264 encoder that stores each field by itself, as broadcasters do and no free encoder
//! does: every macroblock holds its samples as they are (I_PCM). Rec. ITU-T H.264, 7.3.

use super::{FRAMES, HEIGHT, WIDTH, bit_of};

/// Most significant bit first.
#[derive(Default)]
struct Bits {
    bytes: Vec<u8>,
    held: u32,
    count: u32,
}

impl Bits {
    fn put(&mut self, value: u32, bits: u32) {
        for bit in (0..bits).rev() {
            self.held = self.held << 1 | (value >> bit & 1);
            self.count += 1;
            if self.count == 8 {
                self.bytes.push(self.held as u8);
                (self.held, self.count) = (0, 0);
            }
        }
    }

    /// Exp-Golomb code of an unsigned number.
    fn ue(&mut self, value: u32) {
        let length = (value + 1).ilog2();
        self.put(0, length);
        self.put(value + 1, length + 1);
    }

    fn align(&mut self, bit: u32) {
        while self.count != 0 {
            self.put(bit, 1);
        }
    }

    /// A unit with its start code; bytes that would look like one are broken up.
    fn unit(mut self, header: u8) -> Vec<u8> {
        self.put(1, 1);
        self.align(0);
        let mut unit = vec![0, 0, 0, 1, header];
        let mut zeros = 0;
        for byte in self.bytes {
            if zeros >= 2 && byte <= 3 {
                unit.push(3);
                zeros = 0;
            }
            zeros = if byte == 0 { zeros + 1 } else { 0 };
            unit.push(byte);
        }
        unit
    }
}

fn parameter_sets() -> Vec<u8> {
    let mut sps = Bits::default();
    // Main profile, level 3, no constraints.
    sps.put(77, 8);
    sps.put(0, 8);
    sps.put(30, 8);
    // Set 0; frame numbers and picture order counts of 8 bits; two reference frames; no gaps.
    for value in [0, 4, 0, 4, 2] {
        sps.ue(value);
    }
    sps.put(0, 1);
    sps.ue(WIDTH as u32 / 16 - 1);
    // In pairs of macroblock rows, as pictures may be fields.
    sps.ue(HEIGHT as u32 / 32 - 1);
    // Fields allowed, no mixing within a picture, direct_8x8, no cropping.
    sps.put(0b0010, 4);
    // Usability: only the limits of reordering.
    sps.put(1, 1);
    sps.put(0, 8);
    sps.put(1, 1);
    sps.put(1, 1);
    for value in [0, 0, 10, 10, 1, 2] {
        sps.ue(value);
    }
    let mut pps = Bits::default();
    pps.ue(0);
    pps.ue(0);
    pps.put(0, 2);
    pps.ue(0);
    pps.ue(0);
    pps.ue(0);
    pps.put(0, 3);
    for _ in 0..3 {
        pps.ue(0);
    }
    // Deblocking is controlled by the slices, which switch it off.
    pps.put(0b100, 3);
    [sps.unit(0x67), pps.unit(0x68)].concat()
}

/// One field: all of a picture's rows look alike, so both fields do.
fn field(number: usize, group: usize, place: usize, is_reference: bool, second: bool) -> Vec<u8> {
    let is_idr = place == 0 && !second;
    let mut slice = Bits::default();
    slice.ue(0);
    slice.ue(7);
    slice.ue(0);
    slice.put(place as u32, 8);
    slice.put(1, 1);
    slice.put(u32::from(second), 1);
    if is_idr {
        slice.ue(group as u32 % 2);
    }
    slice.put(2 * (number % GROUP) as u32 + u32::from(second), 8);
    if is_idr {
        slice.put(0, 2);
    } else if is_reference {
        slice.put(0, 1);
    }
    slice.ue(0);
    slice.ue(1);
    for _ in 0..HEIGHT / 32 {
        for column in 0..WIDTH / 16 {
            // I_PCM in an I slice.
            slice.ue(25);
            slice.align(0);
            for _ in 0..16 {
                for x in 0..16 {
                    slice.put(u32::from(bit_of(number, column * 16 + x)), 8);
                }
            }
            for _ in 0..128 {
                slice.put(128, 8);
            }
        }
    }
    let kind = if is_idr { 5 } else { 1 };
    let unit = slice.unit(u8::from(is_reference) << 5 | kind);
    // An access unit delimiter begins each field.
    [vec![0, 0, 0, 1, 9, 0xf0], unit].concat()
}

const GROUP: usize = 15;

/// A raw stream of numbered pictures in pairs of fields. With `reorders`, every third picture is
/// stored before the two that are shown before it.
pub fn stream(reorders: bool) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (group, start) in (0..FRAMES).step_by(GROUP).enumerate() {
        let end = FRAMES.min(start + GROUP);
        let mut order: Vec<usize> = (start..end).collect();
        if reorders {
            for three in order[1..].chunks_exact_mut(3) {
                three.rotate_right(1);
            }
        }
        let mut place = 0;
        for (at, &number) in order.iter().enumerate() {
            let is_reference = !reorders || at % 3 != 2 && at % 3 != 0 || at == 0;
            if number == start {
                bytes.extend(parameter_sets());
            }
            bytes.extend(field(number, group, place, is_reference, false));
            bytes.extend(field(number, group, place, is_reference, true));
            place += usize::from(is_reference);
        }
    }
    bytes
}
