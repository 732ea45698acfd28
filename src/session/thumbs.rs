//! Thumbnails of the open video: bounded in number, ordered by time, packed into few textures. Does
//! not decode.

use egui::{Color32, ColorImage, Context, Rect, TextureHandle, TextureId, TextureOptions, pos2};

use crate::domain::RgbImage;

/// Most thumbnails kept. A long video keeps every second, fourth, … one; at 160×90 this is 44 MB.
pub const MAX_THUMBS: usize = 1024;
/// Side of a texture page in texels; every adapter takes this size.
const PAGE_SIDE: usize = 2048;

/// One thumbnail.
#[derive(Clone, Debug)]
pub struct Thumb {
    pub pick: usize,
    pub frame: u64,
    pub secs: f64,
    pub image: RgbImage,
}

/// Where a thumbnail lies on the graphics card.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ThumbUv {
    pub texture: TextureId,
    pub uv: Rect,
    /// Width over height.
    pub aspect: f32,
}

/// All thumbnails of one video.
#[derive(Default)]
pub struct Thumbs {
    /// Ascending by time.
    items: Vec<Thumb>,
    /// Only picks that are multiples of this are kept.
    stride: usize,
    pages: Vec<TextureHandle>,
    /// Slot of each item in the pages, parallel to `items`; `None` until uploaded.
    slots: Vec<Option<usize>>,
    used_slots: usize,
}

impl Thumbs {
    /// Adds a thumbnail, in any order. Past [`MAX_THUMBS`] every second one is dropped.
    pub fn insert(&mut self, thumb: Thumb) {
        self.stride = self.stride.max(1);
        if !thumb.pick.is_multiple_of(self.stride) {
            return;
        }
        let at = self.items.partition_point(|other| other.secs < thumb.secs);
        if self
            .items
            .get(at)
            .is_some_and(|other| other.frame == thumb.frame)
        {
            return;
        }
        self.items.insert(at, thumb);
        self.slots.insert(at, None);
        if self.items.len() > MAX_THUMBS {
            self.stride *= 2;
            let stride = self.stride;
            self.items.retain(|item| item.pick.is_multiple_of(stride));
            self.slots = vec![None; self.items.len()];
            self.used_slots = 0;
        }
    }

    pub fn len(&self) -> usize {
        self.items.len()
    }

    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// Time of the last thumbnail that arrived, seconds.
    pub fn last_secs(&self) -> Option<f64> {
        self.items.last().map(|thumb| thumb.secs)
    }

    /// Index of the thumbnail nearest to a time.
    pub fn nearest_index(&self, secs: f64) -> Option<usize> {
        let right = self.items.partition_point(|thumb| thumb.secs < secs);
        match (right.checked_sub(1), self.items.get(right)) {
            (Some(left), Some(next)) => {
                let nearer_left = secs - self.items[left].secs <= next.secs - secs;
                Some(if nearer_left { left } else { right })
            }
            (Some(left), None) => Some(left),
            (None, Some(_)) => Some(right),
            (None, None) => None,
        }
    }

    /// Forgets the thumbnails after a time.
    pub fn truncate_after(&mut self, secs: f64) {
        let kept = self.items.partition_point(|thumb| thumb.secs <= secs);
        self.items.truncate(kept);
        self.slots.truncate(kept);
    }

    /// Time and picture of each, ascending; the pixels are shared, not copied.
    pub fn pictures(&self) -> Vec<(f64, crate::domain::RgbImage)> {
        self.items
            .iter()
            .map(|thumb| (thumb.secs, thumb.image.clone()))
            .collect()
    }

    pub fn get(&self, index: usize) -> Option<&Thumb> {
        self.items.get(index)
    }

    /// Width over height of the thumbnails; 16:9 before there are any.
    pub fn aspect(&self) -> f32 {
        self.items.first().map_or(16.0 / 9.0, |thumb| {
            thumb.image.width as f32 / thumb.image.height.max(1) as f32
        })
    }

    /// The thumbnail nearest to a time, where it is on the graphics card already.
    pub fn nearest(&self, secs: f64) -> Option<ThumbUv> {
        let index = self.nearest_index(secs)?;
        let slot = (*self.slots.get(index)?)?;
        self.uv(index, slot)
    }

    fn cell(&self) -> Option<(usize, usize)> {
        let image = &self.items.first()?.image;
        let (width, height) = (image.width as usize, image.height as usize);
        (width > 0 && height > 0 && width <= PAGE_SIDE && height <= PAGE_SIDE)
            .then_some((width, height))
    }

    fn uv(&self, index: usize, slot: usize) -> Option<ThumbUv> {
        let (cell_width, cell_height) = self.cell()?;
        let columns = PAGE_SIDE / cell_width;
        let per_page = columns * (PAGE_SIDE / cell_height);
        let page = self.pages.get(slot / per_page)?;
        let (column, row) = (slot % per_page % columns, slot % per_page / columns);
        let image = &self.items.get(index)?.image;
        let (width, height) = (
            (image.width as usize).min(cell_width),
            (image.height as usize).min(cell_height),
        );
        // Half a texel inside, so that a neighbour never bleeds in.
        let side = PAGE_SIDE as f32;
        let (x, y) = ((column * cell_width) as f32, (row * cell_height) as f32);
        let uv = Rect::from_min_max(
            pos2((x + 0.5) / side, (y + 0.5) / side),
            pos2(
                (x + width as f32 - 0.5) / side,
                (y + height as f32 - 0.5) / side,
            ),
        );
        Some(ThumbUv {
            texture: page.id(),
            uv,
            aspect: width as f32 / height as f32,
        })
    }

    /// Copies new thumbnails to the graphics card, at most `limit` a frame; whether more are
    /// waiting.
    pub fn upload(&mut self, ctx: &Context, limit: usize) -> bool {
        let Some((cell_width, cell_height)) = self.cell() else {
            return false;
        };
        let columns = PAGE_SIDE / cell_width;
        let per_page = columns * (PAGE_SIDE / cell_height);
        let mut done = 0;
        for index in 0..self.items.len() {
            if self.slots[index].is_some() {
                continue;
            }
            if done == limit {
                return true;
            }
            let slot = self.used_slots;
            let page = slot / per_page;
            if page >= self.pages.len() {
                let blank = ColorImage::filled([PAGE_SIDE, PAGE_SIDE], Color32::TRANSPARENT);
                self.pages.push(ctx.load_texture(
                    format!("thumbnails {page}"),
                    blank,
                    TextureOptions::LINEAR,
                ));
            }
            let image = &self.items[index].image;
            let picture = cropped(image, cell_width, cell_height);
            let (column, row) = (slot % per_page % columns, slot % per_page / columns);
            self.pages[page].set_partial(
                [column * cell_width, row * cell_height],
                picture,
                TextureOptions::LINEAR,
            );
            self.slots[index] = Some(slot);
            self.used_slots += 1;
            done += 1;
        }
        false
    }
}

/// The image as egui's, cut to a cell (a video may change size midway).
fn cropped(image: &RgbImage, max_width: usize, max_height: usize) -> ColorImage {
    let (width, height) = (image.width as usize, image.height as usize);
    if width <= max_width && height <= max_height {
        return ColorImage::from_rgb([width, height], &image.data);
    }
    let (out_width, out_height) = (width.min(max_width), height.min(max_height));
    let mut data = Vec::with_capacity(out_width * out_height * 3);
    for row in 0..out_height {
        let start = row * width * 3;
        data.extend_from_slice(&image.data[start..start + out_width * 3]);
    }
    ColorImage::from_rgb([out_width, out_height], &data)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn thumb(pick: usize) -> Thumb {
        Thumb {
            pick,
            frame: pick as u64 * 12,
            secs: pick as f64 * 0.5,
            image: RgbImage::new(4, 2, vec![0u8; 24]).unwrap(),
        }
    }

    #[test]
    fn the_number_is_bounded_and_spread_over_the_whole_video() {
        let mut thumbs = Thumbs::default();
        for pick in 0..20_000 {
            thumbs.insert(thumb(pick));
        }
        assert!(thumbs.len() <= MAX_THUMBS && thumbs.len() > MAX_THUMBS / 3);
        let gaps: Vec<f64> = thumbs
            .items
            .windows(2)
            .map(|pair| pair[1].secs - pair[0].secs)
            .collect();
        assert!(gaps.iter().all(|gap| (gap - gaps[0]).abs() < 1e-9));
        assert!(thumbs.last_secs().unwrap() > 9_900.0);
    }

    #[test]
    fn the_nearest_one_is_found_whatever_the_order_of_arrival() {
        let mut thumbs = Thumbs::default();
        for pick in [4, 0, 2] {
            thumbs.insert(thumb(pick));
        }
        thumbs.insert(thumb(2));
        assert_eq!(thumbs.len(), 3);
        let pick_at = |secs: f64| {
            thumbs
                .get(thumbs.nearest_index(secs).unwrap())
                .unwrap()
                .pick
        };
        assert_eq!(pick_at(-3.0), 0);
        assert_eq!(pick_at(0.9), 2);
        assert_eq!(pick_at(99.0), 4);
        assert!(Thumbs::default().nearest_index(1.0).is_none());
    }
}
