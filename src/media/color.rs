//! How coded samples become light: matrix, range, transfer and primaries of a picture, and the
//! numbers a converter needs. Does not touch pixels (see `gpu`, and `picture` for FFmpeg's own
//! scaler).

use ffmpeg_next as ff;
use serde::{Deserialize, Serialize};

/// Which luma/chroma matrix a picture is coded with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Matrix {
    /// Green, blue, red planes rather than luma and chroma.
    Identity,
    #[default]
    Bt601,
    Bt709,
    Bt2020,
    Smpte240,
    Fcc,
}

/// How coded values follow light.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Transfer {
    /// Any of the near-alike curves of standard dynamic range.
    #[default]
    Sdr,
    /// SMPTE ST 2084, absolute light up to 10,000 cd/m².
    Pq,
    /// ARIB STD-B67, hybrid log-gamma.
    Hlg,
}

/// Colour description of a picture, with guesses made where the file states nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Colour {
    pub matrix: Matrix,
    /// Whether samples use the whole range of their bits (0–255) rather than the studio range
    /// (16–235).
    pub full_range: bool,
    pub transfer: Transfer,
    /// Whether the primaries are those of BT.2020, to be brought into BT.709 for display.
    pub wide_gamut: bool,
}

impl Colour {
    /// From the code points of ISO/IEC 23091-2 (H.273), as FFmpeg numbers them.
    ///
    /// An unstated matrix is BT.709 for pictures wider than 1279 or taller than 576 samples, else
    /// BT.601: what players do.
    pub fn from_codes(
        space: u32,
        range: u32,
        transfer: u32,
        primaries: u32,
        (width, height): (u32, u32),
    ) -> Self {
        let matrix = match space {
            0 => Matrix::Identity,
            1 => Matrix::Bt709,
            4 => Matrix::Fcc,
            5 | 6 => Matrix::Bt601,
            7 => Matrix::Smpte240,
            9 | 10 => Matrix::Bt2020,
            _ if width >= 1280 || height > 576 => Matrix::Bt709,
            _ => Matrix::Bt601,
        };
        Self {
            matrix,
            full_range: range == 2,
            transfer: match transfer {
                16 => Transfer::Pq,
                18 => Transfer::Hlg,
                _ => Transfer::Sdr,
            },
            wide_gamut: primaries == 9,
        }
    }

    /// Whether the picture must be tone-mapped to be seen on an ordinary screen.
    pub fn is_hdr(self) -> bool {
        self.transfer != Transfer::Sdr
    }

    /// Brings decoded R'G'B' to an ordinary screen: tone-maps HDR and brings wide primaries into
    /// BT.709. The same steps are in `gpu/yuv.wgsl`.
    pub fn for_screen(self, rgb: [f32; 3]) -> [f32; 3] {
        if !self.is_hdr() && !self.wide_gamut {
            return rgb;
        }
        let rgb = rgb.map(|v| v.clamp(0.0, 1.0));
        let mut light = match self.transfer {
            Transfer::Sdr => rgb.map(|v| v.powf(SCREEN_GAMMA)),
            Transfer::Pq => rgb.map(|v| pq_light(v) * 10_000.0 / WHITE_NITS),
            Transfer::Hlg => {
                let scene = rgb.map(hlg_light);
                // BT.2100 system gamma 1.2 for a display of 1000 cd/m².
                let luma = 0.2627 * scene[0] + 0.6780 * scene[1] + 0.0593 * scene[2];
                let gain = luma.max(1e-6).powf(0.2) * 1_000.0 / WHITE_NITS;
                scene.map(|v| v * gain)
            }
        };
        if self.wide_gamut {
            let [r, g, b] = light;
            // BT.2087: BT.2020 to BT.709 primaries.
            light = [
                1.6605 * r - 0.5876 * g - 0.0728 * b,
                -0.1246 * r + 1.1329 * g - 0.0083 * b,
                -0.0182 * r - 0.1006 * g + 1.1187 * b,
            ]
            .map(|v| v.max(0.0));
        }
        if self.is_hdr() {
            let peak = light[0].max(light[1]).max(light[2]);
            let gain = shoulder(peak) / peak.max(1e-6);
            light = light.map(|v| v * gain);
        }
        light.map(|v| v.powf(1.0 / SCREEN_GAMMA))
    }

    /// Luma weights of red and blue (H.273, table 4).
    pub fn luma_weights(self) -> (f32, f32) {
        match self.matrix {
            Matrix::Bt709 => (0.2126, 0.0722),
            Matrix::Bt2020 => (0.2627, 0.0593),
            Matrix::Smpte240 => (0.212, 0.087),
            Matrix::Fcc => (0.30, 0.11),
            Matrix::Bt601 | Matrix::Identity => (0.299, 0.114),
        }
    }

    /// The affine map from samples in [0, 1] (value over `2^bits - 1`) to R'G'B' in [0, 1].
    ///
    /// Returns `(columns, offset)`: `rgb = columns · (yuv - offset)`, where `columns[c]` is what
    /// one unit of component `c` (Y, Cb, Cr) adds to red, green and blue.
    pub fn rgb_from_yuv(self, bit_depth: u32) -> ([[f32; 3]; 3], [f32; 3]) {
        let top = ((1u64 << bit_depth.clamp(8, 16)) - 1) as f32;
        let step = (1u64 << (bit_depth.clamp(8, 16) - 8)) as f32;
        let middle = 128.0 * step / top;
        let (luma_offset, luma_gain, chroma_gain) = if self.full_range {
            (0.0, 1.0, 1.0)
        } else {
            (
                16.0 * step / top,
                top / (219.0 * step),
                top / (224.0 * step),
            )
        };
        if self.matrix == Matrix::Identity {
            // Planes are green, blue, red.
            let g = luma_gain;
            return (
                [[0.0, g, 0.0], [0.0, 0.0, g], [g, 0.0, 0.0]],
                [luma_offset; 3],
            );
        }
        let (red, blue) = self.luma_weights();
        let green = 1.0 - red - blue;
        let cb_blue = 2.0 * (1.0 - blue) * chroma_gain;
        let cr_red = 2.0 * (1.0 - red) * chroma_gain;
        (
            [
                [luma_gain; 3],
                [0.0, -cb_blue * blue / green, cb_blue],
                [cr_red, -cr_red * red / green, 0.0],
            ],
            [luma_offset, middle, middle],
        )
    }
}

/// Diffuse white of HDR pictures, cd/m² (BT.2408).
const WHITE_NITS: f32 = 203.0;
/// Gamma of the screen the preview is made for.
const SCREEN_GAMMA: f32 = 2.2;

/// SMPTE ST 2084 to light, 1 for 10,000 cd/m².
fn pq_light(value: f32) -> f32 {
    let power = value.max(0.0).powf(1.0 / 78.84375);
    let top = (power - 0.835_937_5).max(0.0);
    (top / (18.851_563 - 18.6875 * power)).powf(1.0 / 0.159_301_76)
}

/// ARIB STD-B67 to scene light in [0, 1].
fn hlg_light(value: f32) -> f32 {
    const A: f32 = 0.178_832_77;
    if value <= 0.5 {
        value * value / 3.0
    } else {
        (((value - 0.559_910_7) / A).exp() + 0.284_668_92) / 12.0
    }
}

/// Straight up to three quarters of white, then bending towards white without reaching it.
fn shoulder(light: f32) -> f32 {
    const KNEE: f32 = 0.75;
    if light <= KNEE {
        light
    } else {
        let over = light - KNEE;
        KNEE + (1.0 - KNEE) * over / (over + 1.0 - KNEE)
    }
}

/// Colour description of a decoded frame.
pub(crate) fn frame_colour(frame: &ff::frame::Video) -> Colour {
    // SAFETY: reads plain fields of a live frame.
    let (space, range, transfer, primaries) = unsafe {
        let raw = frame.as_ptr();
        (
            (*raw).colorspace as u32,
            (*raw).color_range as u32,
            (*raw).color_trc as u32,
            (*raw).color_primaries as u32,
        )
    };
    let mut colour = Colour::from_codes(
        space,
        range,
        transfer,
        primaries,
        (frame.width(), frame.height()),
    );
    use ff::format::Pixel::{YUVJ411P, YUVJ420P, YUVJ422P, YUVJ440P, YUVJ444P};
    colour.full_range |= matches!(
        frame.format(),
        YUVJ411P | YUVJ420P | YUVJ422P | YUVJ440P | YUVJ444P
    );
    colour
}

#[cfg(test)]
mod tests {
    use super::*;

    fn convert(colour: Colour, bits: u32, yuv: [f32; 3]) -> [f32; 3] {
        let top = ((1u32 << bits) - 1) as f32;
        let (columns, offset) = colour.rgb_from_yuv(bits);
        let mut rgb = [0.0; 3];
        for (c, column) in columns.iter().enumerate() {
            for (out, gain) in rgb.iter_mut().zip(column) {
                *out += gain * (yuv[c] / top - offset[c]);
            }
        }
        rgb
    }

    #[test]
    fn hdr_white_is_bright_and_highlights_stay_below_the_top() {
        // ST 2084: 203 cd/m² is coded as 0.58.
        assert!((pq_light(0.5807) * 10_000.0 - 203.0).abs() < 2.0);
        assert!((pq_light(1.0) - 1.0).abs() < 1e-3);
        // BT.2100: HLG 0.5 is a twelfth of the range, 1 is all of it.
        assert!((hlg_light(0.5) - 1.0 / 12.0).abs() < 1e-6);
        assert!((hlg_light(1.0) - 1.0).abs() < 1e-3);
        let pq = Colour {
            transfer: Transfer::Pq,
            wide_gamut: true,
            ..Colour::default()
        };
        let white = pq.for_screen([0.5807; 3]);
        assert!((0.9..1.0).contains(&white[1]), "{white:?}");
        let highlight = pq.for_screen([0.75; 3]);
        assert!(highlight[1] > white[1] && highlight[1] < 1.0);
        assert_eq!(
            Colour::default().for_screen([0.2, 1.5, -0.1]),
            [0.2, 1.5, -0.1]
        );
    }

    #[test]
    fn black_white_and_red_land_where_the_standards_put_them() {
        for (matrix, red_yuv) in [
            // 8-bit studio-range code values of pure red.
            (Matrix::Bt601, [81.0, 90.0, 240.0]),
            (Matrix::Bt709, [63.0, 102.0, 240.0]),
            (Matrix::Bt2020, [74.0, 97.0, 240.0]),
        ] {
            let colour = Colour {
                matrix,
                ..Colour::default()
            };
            for (yuv, rgb) in [
                ([16.0, 128.0, 128.0], [0.0, 0.0, 0.0]),
                ([235.0, 128.0, 128.0], [1.0, 1.0, 1.0]),
                (red_yuv, [1.0, 0.0, 0.0]),
            ] {
                for (got, want) in convert(colour, 8, yuv).iter().zip(rgb) {
                    assert!((got - want).abs() < 0.012, "{matrix:?} {yuv:?}");
                }
                for (got, want) in convert(colour, 10, yuv.map(|v| v * 4.0)).iter().zip(rgb) {
                    assert!((got - want).abs() < 0.012, "{matrix:?} {yuv:?} in 10 bits");
                }
            }
        }
        let full = Colour {
            full_range: true,
            ..Colour::default()
        };
        assert!((convert(full, 8, [255.0, 128.0, 128.0])[1] - 1.0).abs() < 1e-6);
    }
}
