//! Pictures of the window without a display: the same frame code, drawn by wgpu into a texture and
//! read back.

use std::sync::Arc;

use anyhow::{Context as _, Result, bail};
use eframe::egui_wgpu::{
    RenderState, RendererOptions, ScreenDescriptor, WgpuConfiguration, WgpuSetup,
    WgpuSetupCreateNew,
};
use egui::{Color32, Pos2, RawInput, Rect, TextureHandle, TextureOptions, Ui, vec2};
use wgpu::DeviceType;

use super::layout::Pane;
use super::window::{MakePlayer, PlayerLink, PlayerStatus, Window};
use crate::domain::RgbImage;
use crate::gpu::{self, block_on};
use crate::state::{AppState, Overlay, PlayerRequest};
use crate::ui::picture::color_image;
use crate::ui::theme::ThemeChoice;

/// Frames run before the picture is taken, so that sizes and textures have settled.
const SETTLING_FRAMES: usize = 6;
/// Texture rows are copied in multiples of this many bytes.
const ROW_ALIGNMENT: u32 = 256;

/// What the picture shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PictureView {
    /// The whole window.
    Explorer,
    /// One panel alone, in the whole window's place.
    Panel(Pane),
    /// The window with nothing open.
    Welcome,
}

/// A picture of the window as PNG.
///
/// `size` is in pixels, at one pixel a point.
///
/// # Errors
/// When no graphics adapter, not even a software one, can be found, or the picture cannot be
/// encoded.
pub fn render_picture(
    state: AppState,
    size: [u32; 2],
    view: PictureView,
    theme: ThemeChoice,
) -> Result<Vec<u8>> {
    let image = render_image(state, size, view, theme)?;
    let mut png = std::io::Cursor::new(Vec::new());
    image
        .write_to(&mut png, image::ImageFormat::Png)
        .context("could not encode the picture as PNG")?;
    Ok(png.into_inner())
}

/// The same as pixels.
///
/// # Errors
/// As [`render_picture`].
pub fn render_image(
    state: AppState,
    size: [u32; 2],
    view: PictureView,
    theme: ThemeChoice,
) -> Result<image::RgbaImage> {
    render_frame(state, None, size, view, theme)
}

/// As [`render_image`], with the video frame at the playhead in full size in the player; without
/// one a thumbnail stands in.
///
/// # Errors
/// As [`render_picture`].
pub fn render_frame(
    mut state: AppState,
    frame: Option<RgbImage>,
    size: [u32; 2],
    view: PictureView,
    theme: ThemeChoice,
) -> Result<image::RgbaImage> {
    if size.contains(&0) || size.iter().any(|&side| side > 8192) {
        bail!(
            "a picture of {}×{} pixels cannot be made; use 1 to 8192 a side",
            size[0],
            size[1]
        );
    }
    state.prefs.theme = match theme {
        // There is no system to ask without a display.
        ThemeChoice::System => ThemeChoice::Dark,
        chosen => chosen,
    };
    state.prefs.reduced_motion = true;
    if view == PictureView::Welcome {
        state.session = None;
        state.overlay = Overlay::None;
    }
    let mut window = Window::still(state);
    if let Some(frame) = frame {
        window = window.with_player(still_player(frame));
    }
    if let PictureView::Panel(pane) = view {
        window.show_only(pane);
    }
    draw(&mut window, size)
}

/// A player that stands on one frame.
struct StillPlayer {
    frame: RgbImage,
    position_secs: f64,
    texture: Option<TextureHandle>,
}

fn still_player(frame: RgbImage) -> MakePlayer {
    Box::new(move |state: &AppState| {
        Some(Box::new(StillPlayer {
            frame: frame.clone(),
            position_secs: state.playback.position_secs,
            texture: None,
        }) as Box<dyn PlayerLink>)
    })
}

impl PlayerLink for StillPlayer {
    fn send(&mut self, _: &PlayerRequest) {}

    fn status(&mut self) -> Option<PlayerStatus> {
        Some(PlayerStatus {
            position_secs: self.position_secs,
            ..PlayerStatus::default()
        })
    }

    fn error(&self) -> Option<String> {
        None
    }

    fn paint(&mut self, ui: &Ui, rect: Rect) -> bool {
        let frame = &self.frame;
        let texture = self.texture.get_or_insert_with(|| {
            let picture = color_image(ui.ctx(), frame);
            ui.ctx()
                .load_texture("frame", picture, TextureOptions::LINEAR)
        });
        let whole = Rect::from_min_max(Pos2::ZERO, Pos2::new(1.0, 1.0));
        ui.painter()
            .image(texture.id(), rect, whole, Color32::WHITE);
        true
    }

    fn picture(&mut self) -> Option<RgbImage> {
        Some(self.frame.clone())
    }
}

fn draw(window: &mut Window, size: [u32; 2]) -> Result<image::RgbaImage> {
    let render_state = render_state()?;
    let ctx = egui::Context::default();
    let screen_rect = Rect::from_min_size(Pos2::ZERO, vec2(size[0] as f32, size[1] as f32));
    let limit = render_state.device.limits().max_texture_dimension_2d;
    let mut renderer = render_state.renderer.write();
    let mut output = None;
    for frame in 0..SETTLING_FRAMES {
        let input = RawInput {
            screen_rect: Some(screen_rect),
            max_texture_side: Some(limit as usize),
            time: Some(frame as f64 / 60.0),
            focused: true,
            ..RawInput::default()
        };
        let mut full = ctx.run_ui(input, |ui| window.frame(ui));
        for (id, images) in full.textures_delta.set.drain() {
            for image in images {
                renderer.update_texture(&render_state.device, &render_state.queue, id, &image);
            }
        }
        output = Some(full);
    }
    let output = output.context("no frame was drawn")?;
    let screen = ScreenDescriptor {
        size_in_pixels: size,
        pixels_per_point: 1.0,
    };
    let jobs = ctx.tessellate(output.shapes, 1.0);
    let device = &render_state.device;
    let mut encoder = device.create_command_encoder(&wgpu::CommandEncoderDescriptor {
        label: Some("picture"),
    });
    let buffers =
        renderer.update_buffers(device, &render_state.queue, &mut encoder, &jobs, &screen);
    let extent = wgpu::Extent3d {
        width: size[0],
        height: size[1],
        depth_or_array_layers: 1,
    };
    let texture = device.create_texture(&wgpu::TextureDescriptor {
        label: Some("picture"),
        size: extent,
        mip_level_count: 1,
        sample_count: 1,
        dimension: wgpu::TextureDimension::D2,
        format: render_state.target_format,
        usage: wgpu::TextureUsages::RENDER_ATTACHMENT | wgpu::TextureUsages::COPY_SRC,
        view_formats: &[],
    });
    let view = texture.create_view(&wgpu::TextureViewDescriptor::default());
    {
        let mut pass = encoder
            .begin_render_pass(&wgpu::RenderPassDescriptor {
                label: Some("picture"),
                color_attachments: &[Some(wgpu::RenderPassColorAttachment {
                    view: &view,
                    resolve_target: None,
                    ops: wgpu::Operations {
                        load: wgpu::LoadOp::Clear(wgpu::Color::BLACK),
                        store: wgpu::StoreOp::Store,
                    },
                    depth_slice: None,
                })],
                ..Default::default()
            })
            .forget_lifetime();
        renderer.render(&mut pass, &jobs, &screen);
    }
    let row_bytes = (size[0] * 4).div_ceil(ROW_ALIGNMENT) * ROW_ALIGNMENT;
    let buffer = device.create_buffer(&wgpu::BufferDescriptor {
        label: Some("picture"),
        size: u64::from(row_bytes) * u64::from(size[1]),
        usage: wgpu::BufferUsages::COPY_DST | wgpu::BufferUsages::MAP_READ,
        mapped_at_creation: false,
    });
    encoder.copy_texture_to_buffer(
        texture.as_image_copy(),
        wgpu::TexelCopyBufferInfo {
            buffer: &buffer,
            layout: wgpu::TexelCopyBufferLayout {
                offset: 0,
                bytes_per_row: Some(row_bytes),
                rows_per_image: None,
            },
        },
        extent,
    );
    render_state
        .queue
        .submit(buffers.into_iter().chain(std::iter::once(encoder.finish())));
    read_back(&render_state, &buffer, size, row_bytes)
}

fn read_back(
    render_state: &RenderState,
    buffer: &wgpu::Buffer,
    size: [u32; 2],
    row_bytes: u32,
) -> Result<image::RgbaImage> {
    let slice = buffer.slice(..);
    let (sender, receiver) = crossbeam_channel::bounded(1);
    slice.map_async(wgpu::MapMode::Read, move |result| {
        // The receiver lives until this was called.
        let _ = sender.send(result);
    });
    render_state
        .device
        .poll(wgpu::PollType::wait_indefinitely())
        .context("the graphics adapter did not finish the picture")?;
    receiver
        .recv()
        .context("the graphics adapter gave no answer")?
        .context("the picture could not be read back")?;
    let swap = matches!(
        render_state.target_format,
        wgpu::TextureFormat::Bgra8Unorm | wgpu::TextureFormat::Bgra8UnormSrgb
    );
    let data = slice
        .get_mapped_range()
        .context("the picture could not be read back")?;
    let mut pixels = Vec::with_capacity((size[0] * size[1] * 4) as usize);
    for row in data.chunks_exact(row_bytes as usize) {
        for pixel in row[..(size[0] * 4) as usize].chunks_exact(4) {
            if swap {
                pixels.extend([pixel[2], pixel[1], pixel[0], 255]);
            } else {
                pixels.extend([pixel[0], pixel[1], pixel[2], 255]);
            }
        }
    }
    image::RgbaImage::from_raw(size[0], size[1], pixels).context("the picture has a wrong size")
}

/// A device without a display; a software adapter first, because its pictures are the same
/// everywhere.
fn render_state() -> Result<RenderState> {
    let mut setup = WgpuSetupCreateNew::without_display_handle();
    setup.instance_descriptor.backends = crate::gpu::usable_backends();
    setup.native_adapter_selector = Some(Arc::new(|adapters, _| {
        let rank = |adapter: &wgpu::Adapter| match adapter.get_info().device_type {
            DeviceType::Cpu => 0,
            DeviceType::DiscreteGpu => 1,
            _ => 2,
        };
        adapters
            .iter()
            .min_by_key(|adapter| rank(adapter))
            .cloned()
            .ok_or_else(|| gpu::NO_ADAPTER.to_owned())
    }));
    let setup = WgpuSetup::CreateNew(setup);
    let instance = block_on(setup.new_instance());
    let config = WgpuConfiguration {
        wgpu_setup: setup,
        ..WgpuConfiguration::default()
    };
    block_on(RenderState::create(
        &config,
        &instance,
        None,
        RendererOptions::PREDICTABLE,
    ))
    .context("the graphics adapter could not be used")
}
