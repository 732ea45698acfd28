//! Frames on the GPU: luma and chroma planes become an upright RGB texture that egui paints like
//! any picture.
//!
//! The processor's version of the same arithmetic is [`crate::media::VideoFrame::to_rgb`]; use it
//! where there is no adapter and for picture snapshots.

mod adapters;
mod yuv;

use std::sync::Arc;

use eframe::egui_wgpu::RenderState;
use eframe::wgpu;

use crate::media::VideoFrame;
pub use adapters::{Adapter, NO_ADAPTER, adapters, block_on, usable_backends};
pub use yuv::YuvConverter;

/// The picture of a player as an egui texture, redrawn only when the frame changes.
#[derive(Default)]
pub struct FrameTexture {
    converter: Option<YuvConverter>,
    id: Option<egui::TextureId>,
    shown: Option<Arc<VideoFrame>>,
    /// Size of the texture that `id` stands for.
    size: (u32, u32),
}

impl FrameTexture {
    /// Uploads and converts the frame unless it is the one already shown; returns the texture to
    /// paint, which is upright and must be stretched to [`VideoFrame::displayed_size`]'s shape.
    /// `None` where the frame is too large for the GPU.
    pub fn show(
        &mut self,
        render_state: &RenderState,
        frame: &Arc<VideoFrame>,
    ) -> Option<egui::TextureId> {
        if self
            .shown
            .as_ref()
            .is_some_and(|old| Arc::ptr_eq(old, frame))
        {
            return self.id;
        }
        let device = &render_state.device;
        let converter = self
            .converter
            .get_or_insert_with(|| YuvConverter::new(device));
        let texture = converter.draw(device, &render_state.queue, frame)?;
        let size = frame.upright_size();
        if self.id.is_none() || self.size != size {
            let view = texture.create_view(&wgpu::TextureViewDescriptor::default());
            let mut renderer = render_state.renderer.write();
            match self.id {
                Some(id) => renderer.update_egui_texture_from_wgpu_texture_with_sampler_options(
                    device,
                    &view,
                    sampler(),
                    id,
                ),
                None => {
                    self.id = Some(renderer.register_native_texture_with_sampler_options(
                        device,
                        &view,
                        sampler(),
                    ));
                }
            }
            self.size = size;
        }
        self.shown = Some(Arc::clone(frame));
        self.id
    }

    /// Frees the texture; the next [`FrameTexture::show`] makes a new one.
    pub fn free(&mut self, render_state: &RenderState) {
        if let Some(id) = self.id.take() {
            render_state.renderer.write().free_texture(&id);
        }
        *self = Self::default();
    }
}

/// Smooth when shown larger, calm when shown smaller.
fn sampler() -> wgpu::SamplerDescriptor<'static> {
    wgpu::SamplerDescriptor {
        label: Some("frame"),
        mag_filter: wgpu::FilterMode::Linear,
        min_filter: wgpu::FilterMode::Linear,
        mipmap_filter: wgpu::MipmapFilterMode::Linear,
        ..wgpu::SamplerDescriptor::default()
    }
}
