//! Pictures as textures of the window, within what its device can hold.

use egui::{ColorImage, Context};
use image::imageops::thumbnail;
use image::{ImageBuffer, Rgb};

use crate::domain::RgbImage;

/// The picture for [`Context::load_texture`], made smaller where a side exceeds what the device can
/// hold in one texture.
pub fn color_image(ctx: &Context, picture: &RgbImage) -> ColorImage {
    let most = ctx.input(|input| input.max_texture_side) as u32;
    shrunk(picture, most)
}

fn shrunk(picture: &RgbImage, most: u32) -> ColorImage {
    let (width, height) = (picture.width, picture.height);
    let scale = f64::from(most) / f64::from(width.max(height));
    let whole = ImageBuffer::<Rgb<u8>, &[u8]>::from_raw(width, height, &picture.data);
    match whole {
        Some(whole) if scale < 1.0 => {
            let side = |length: u32| ((f64::from(length) * scale) as u32).clamp(1, most);
            let small = thumbnail(&whole, side(width), side(height));
            let size = [small.width() as usize, small.height() as usize];
            ColorImage::from_rgb(size, small.as_raw())
        }
        _ => ColorImage::from_rgb([width as usize, height as usize], &picture.data),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_too_large_is_made_smaller() {
        let picture = RgbImage::new(300, 2, vec![9u8; 1800]).unwrap();
        assert_eq!(shrunk(&picture, 300).size, [300, 2]);
        assert_eq!(shrunk(&picture, 100).size, [100, 1]);
        assert_eq!(shrunk(&picture, 100).pixels[50].r(), 9);
    }
}
