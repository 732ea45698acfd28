//! How a coded picture is turned for display: the display matrix of the container, reduced to
//! quarter turns and a flip.

use serde::{Deserialize, Serialize};

use crate::domain::RgbImage;

/// Quarter turns clockwise after an optional vertical flip.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Orientation {
    /// Clockwise rotation to apply for display: 0, 90, 180 or 270.
    pub rotation_deg: i32,
    /// Whether the picture is flipped top to bottom before it is rotated.
    pub flipped: bool,
}

impl Orientation {
    /// Reads a display matrix: nine 32-bit integers, row by row, 16.16 fixed point in the first two
    /// columns (ISO/IEC 14496-12, track header). The angle is that of the image of the x axis,
    /// rounded to a quarter turn.
    pub fn from_matrix(matrix: [i32; 9]) -> Self {
        let [a, b, c, d] = [matrix[0], matrix[1], matrix[3], matrix[4]].map(f64::from);
        let scale = (a.hypot(c), b.hypot(d));
        if scale.0 == 0.0 || scale.1 == 0.0 {
            return Self::default();
        }
        let degrees = (b / scale.1).atan2(a / scale.0).to_degrees();
        let quarters = (degrees / 90.0).round() as i32;
        Self {
            rotation_deg: quarters.rem_euclid(4) * 90,
            flipped: a * d - b * c < 0.0,
        }
    }

    /// Whether width and height change places.
    pub fn swaps_sides(self) -> bool {
        self.rotation_deg % 180 != 0
    }

    /// The size for display of a picture of this size.
    pub fn displayed(self, (width, height): (u32, u32)) -> (u32, u32) {
        if self.swaps_sides() {
            (height, width)
        } else {
            (width, height)
        }
    }

    /// Where an upright pixel comes from in a coded picture of this size: `column = x·a + y·b + c`,
    /// and so the row.
    pub fn source_from_upright(self, width: u32, height: u32) -> ([f32; 3], [f32; 3]) {
        let (right, bottom) = (width as f32 - 1.0, height as f32 - 1.0);
        let (column, row) = match self.rotation_deg {
            90 => ([0.0, 1.0, 0.0], [-1.0, 0.0, bottom]),
            180 => ([-1.0, 0.0, right], [0.0, -1.0, bottom]),
            270 => ([0.0, -1.0, right], [1.0, 0.0, 0.0]),
            _ => ([1.0, 0.0, 0.0], [0.0, 1.0, 0.0]),
        };
        if self.flipped {
            (column, [-row[0], -row[1], bottom - row[2]])
        } else {
            (column, row)
        }
    }

    /// Turns a packed RGB picture upright; `data` has `width * height * 3` bytes.
    pub fn upright(self, width: u32, height: u32, data: Vec<u8>) -> Option<RgbImage> {
        if self == Self::default() {
            return RgbImage::new(width, height, data);
        }
        let (columns, rows) = (width as usize, height as usize);
        if data.len() != columns * rows * 3 {
            return None;
        }
        let (out_width, out_height) = self.displayed((width, height));
        let mut out = Vec::with_capacity(data.len());
        for y in 0..out_height as usize {
            for x in 0..out_width as usize {
                let (source_x, turned_y) = match self.rotation_deg {
                    90 => (y, rows - 1 - x),
                    180 => (columns - 1 - x, rows - 1 - y),
                    270 => (columns - 1 - y, x),
                    _ => (x, y),
                };
                let source_y = if self.flipped {
                    rows - 1 - turned_y
                } else {
                    turned_y
                };
                let at = (source_y * columns + source_x) * 3;
                out.extend_from_slice(&data[at..at + 3]);
            }
        }
        RgbImage::new(out_width, out_height, out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: i32 = 1 << 16;

    fn matrix(a: i32, b: i32, c: i32, d: i32) -> [i32; 9] {
        [a, b, 0, c, d, 0, 0, 0, 1 << 30]
    }

    #[test]
    fn matrices_become_quarter_turns() {
        let cases = [
            (matrix(ONE, 0, 0, ONE), 0, false),
            (matrix(0, ONE, -ONE, 0), 90, false),
            (matrix(-ONE, 0, 0, -ONE), 180, false),
            (matrix(0, -ONE, ONE, 0), 270, false),
            (matrix(ONE, 0, 0, -ONE), 0, true),
            // A horizontal flip is a vertical flip and half a turn.
            (matrix(-ONE, 0, 0, ONE), 180, true),
            (matrix(0, 0, 0, 0), 0, false),
        ];
        for (matrix, rotation_deg, flipped) in cases {
            assert_eq!(
                Orientation::from_matrix(matrix),
                Orientation {
                    rotation_deg,
                    flipped
                }
            );
        }
    }

    #[test]
    fn pixels_turn_clockwise() {
        // Two columns, three rows: 0 1 / 2 3 / 4 5.
        let data: Vec<u8> = (0..6u8).flat_map(|v| [v; 3]).collect();
        let turned = |rotation_deg, flipped| {
            let image = Orientation {
                rotation_deg,
                flipped,
            }
            .upright(2, 3, data.clone())
            .unwrap();
            (
                (image.width, image.height),
                image.data.chunks(3).map(|p| p[0]).collect::<Vec<_>>(),
            )
        };
        assert_eq!(turned(90, false), ((3, 2), vec![4, 2, 0, 5, 3, 1]));
        assert_eq!(turned(180, false), ((2, 3), vec![5, 4, 3, 2, 1, 0]));
        assert_eq!(turned(270, false), ((3, 2), vec![1, 3, 5, 0, 2, 4]));
        assert_eq!(turned(0, true), ((2, 3), vec![4, 5, 2, 3, 0, 1]));
        assert_eq!(turned(180, true), ((2, 3), vec![1, 0, 3, 2, 5, 4]));
    }
}
