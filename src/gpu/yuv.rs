//! The render pass from planes to RGB.

use eframe::wgpu;

use crate::media::VideoFrame;
use crate::media::color::Transfer;

const PARAM_WORDS: usize = 32;
/// Halvings kept beside a picture, so that it stays calm when it is shown small.
const MAX_LEVELS: u32 = 4;

/// Converts frames into a texture of its own, which is kept while the size stays.
pub struct YuvConverter {
    module: wgpu::ShaderModule,
    /// For the kind of colours that was drawn last.
    pipeline: Option<(ColourKind, wgpu::RenderPipeline)>,
    layout: wgpu::BindGroupLayout,
    params: wgpu::Buffer,
    halve: wgpu::RenderPipeline,
    halve_layout: wgpu::BindGroupLayout,
    inputs: Option<Inputs>,
    target: Option<Target>,
}

/// What a pipeline is made for: the transfer's code in `yuv.wgsl`, and whether the gamut is wide.
type ColourKind = (u8, bool);

/// The picture and its halvings.
struct Target {
    texture: wgpu::Texture,
    /// One view a level.
    views: Vec<wgpu::TextureView>,
    /// For each level but the first, the level above it as input.
    finer: Vec<wgpu::BindGroup>,
}

struct Inputs {
    /// Plane sizes and bytes per sample the textures were made for.
    shape: [(u32, u32); 3],
    sample_bytes: u32,
    planes: [wgpu::Texture; 3],
    group: wgpu::BindGroup,
}

impl YuvConverter {
    /// Compiles the shader for a device.
    pub fn new(device: &wgpu::Device) -> Self {
        let module = device.create_shader_module(wgpu::ShaderModuleDescriptor {
            label: Some("frame"),
            source: wgpu::ShaderSource::Wgsl(include_str!("yuv.wgsl").into()),
        });
        let texture = |binding| wgpu::BindGroupLayoutEntry {
            binding,
            visibility: wgpu::ShaderStages::FRAGMENT,
            ty: wgpu::BindingType::Texture {
                sample_type: wgpu::TextureSampleType::Uint,
                view_dimension: wgpu::TextureViewDimension::D2,
                multisampled: false,
            },
            count: None,
        };
        let layout = device.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor {
            label: Some("frame"),
            entries: &[
                wgpu::BindGroupLayoutEntry {
                    binding: 0,
                    visibility: wgpu::ShaderStages::VERTEX_FRAGMENT,
                    ty: wgpu::BindingType::Buffer {
                        ty: wgpu::BufferBindingType::Uniform,
                        has_dynamic_offset: false,
                        min_binding_size: None,
                    },
                    count: None,
                },
                texture(1),
                texture(2),
                texture(3),
            ],
        });
        let halve_layout = device.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor {
            label: Some("frame level"),
            entries: &[wgpu::BindGroupLayoutEntry {
                binding: 0,
                visibility: wgpu::ShaderStages::FRAGMENT,
                ty: wgpu::BindingType::Texture {
                    sample_type: wgpu::TextureSampleType::Float { filterable: false },
                    view_dimension: wgpu::TextureViewDimension::D2,
                    multisampled: false,
                },
                count: None,
            }],
        });
        let halve = pass_pipeline(
            device,
            &module,
            &[None, Some(&halve_layout)],
            ("vs_halve", "fs_halve"),
            &[],
        );
        let params = device.create_buffer(&wgpu::BufferDescriptor {
            label: Some("frame"),
            size: (PARAM_WORDS * 4) as u64,
            usage: wgpu::BufferUsages::UNIFORM | wgpu::BufferUsages::COPY_DST,
            mapped_at_creation: false,
        });
        Self {
            module,
            pipeline: None,
            layout,
            params,
            halve,
            halve_layout,
            inputs: None,
            target: None,
        }
    }

    /// Draws a frame; the texture is `Rgba8Unorm`, gamma-coded, upright,
    /// [`VideoFrame::upright_size`] large. `None` where the frame exceeds what the device can hold
    /// in one texture.
    pub fn draw(
        &mut self,
        device: &wgpu::Device,
        queue: &wgpu::Queue,
        frame: &VideoFrame,
    ) -> Option<&wgpu::Texture> {
        let limit = device.limits().max_texture_dimension_2d;
        if frame.width.max(frame.height) > limit || frame.width.min(frame.height) == 0 {
            return None;
        }
        self.make_inputs(device, frame);
        let size = frame.upright_size();
        if self
            .target
            .as_ref()
            .is_none_or(|t| (t.texture.width(), t.texture.height()) != size)
        {
            self.target = Some(self.new_target(device, size));
        }
        self.make_pipeline(device, frame);
        let (inputs, target) = (self.inputs.as_ref()?, self.target.as_ref()?);
        let (_, pipeline) = self.pipeline.as_ref()?;
        for (texture, plane) in inputs.planes.iter().zip(&frame.planes) {
            queue.write_texture(
                texture.as_image_copy(),
                &plane.data,
                wgpu::TexelCopyBufferLayout {
                    offset: 0,
                    bytes_per_row: Some(plane.width * inputs.sample_bytes),
                    rows_per_image: None,
                },
                texture.size(),
            );
        }
        queue.write_buffer(&self.params, 0, &params_bytes(frame));
        let mut encoder = device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
        draw_pass(&mut encoder, &target.views[0], pipeline, (0, &inputs.group));
        for (view, finer) in target.views[1..].iter().zip(&target.finer) {
            draw_pass(&mut encoder, view, &self.halve, (1, finer));
        }
        queue.submit([encoder.finish()]);
        self.target.as_ref().map(|target| &target.texture)
    }

    fn make_pipeline(&mut self, device: &wgpu::Device, frame: &VideoFrame) {
        let transfer = match frame.colour.transfer {
            Transfer::Sdr => 0,
            Transfer::Pq => 1,
            Transfer::Hlg => 2,
        };
        let kind = (transfer, frame.colour.wide_gamut);
        if self.pipeline.as_ref().is_some_and(|(of, _)| *of == kind) {
            return;
        }
        let pipeline = pass_pipeline(
            device,
            &self.module,
            &[Some(&self.layout)],
            ("vs_main", "fs_main"),
            &[
                ("transfer", f64::from(kind.0)),
                ("wide", f64::from(u8::from(kind.1))),
            ],
        );
        self.pipeline = Some((kind, pipeline));
    }

    fn new_target(&self, device: &wgpu::Device, size: (u32, u32)) -> Target {
        let levels = (size.0.min(size.1).max(1).ilog2() + 1).min(MAX_LEVELS);
        let texture = new_texture(
            device,
            size,
            levels,
            wgpu::TextureFormat::Rgba8Unorm,
            wgpu::TextureUsages::RENDER_ATTACHMENT
                | wgpu::TextureUsages::TEXTURE_BINDING
                | wgpu::TextureUsages::COPY_SRC,
        );
        let views: Vec<_> = (0..levels)
            .map(|level| {
                texture.create_view(&wgpu::TextureViewDescriptor {
                    base_mip_level: level,
                    mip_level_count: Some(1),
                    ..wgpu::TextureViewDescriptor::default()
                })
            })
            .collect();
        let finer = views[..views.len() - 1]
            .iter()
            .map(|view| {
                device.create_bind_group(&wgpu::BindGroupDescriptor {
                    label: Some("frame level"),
                    layout: &self.halve_layout,
                    entries: &[wgpu::BindGroupEntry {
                        binding: 0,
                        resource: wgpu::BindingResource::TextureView(view),
                    }],
                })
            })
            .collect();
        Target {
            texture,
            views,
            finer,
        }
    }

    fn make_inputs(&mut self, device: &wgpu::Device, frame: &VideoFrame) {
        let shape = [0, 1, 2].map(|p| (frame.planes[p].width, frame.planes[p].height));
        let sample_bytes = if frame.bit_depth > 8 { 2 } else { 1 };
        if self
            .inputs
            .as_ref()
            .is_some_and(|i| i.shape == shape && i.sample_bytes == sample_bytes)
        {
            return;
        }
        let format = if sample_bytes == 2 {
            wgpu::TextureFormat::R16Uint
        } else {
            wgpu::TextureFormat::R8Uint
        };
        let planes = shape.map(|size| {
            new_texture(
                device,
                size,
                1,
                format,
                wgpu::TextureUsages::TEXTURE_BINDING | wgpu::TextureUsages::COPY_DST,
            )
        });
        let views = [0, 1, 2]
            .map(|p: usize| planes[p].create_view(&wgpu::TextureViewDescriptor::default()));
        let entry = |binding: u32| wgpu::BindGroupEntry {
            binding,
            resource: wgpu::BindingResource::TextureView(&views[binding as usize - 1]),
        };
        let group = device.create_bind_group(&wgpu::BindGroupDescriptor {
            label: Some("frame"),
            layout: &self.layout,
            entries: &[
                wgpu::BindGroupEntry {
                    binding: 0,
                    resource: self.params.as_entire_binding(),
                },
                entry(1),
                entry(2),
                entry(3),
            ],
        });
        self.inputs = Some(Inputs {
            shape,
            sample_bytes,
            planes,
            group,
        });
    }
}

/// A pipeline that fills an `Rgba8Unorm` target with one triangle.
fn pass_pipeline(
    device: &wgpu::Device,
    module: &wgpu::ShaderModule,
    layouts: &[Option<&wgpu::BindGroupLayout>],
    (vertex, fragment): (&str, &str),
    constants: &[(&str, f64)],
) -> wgpu::RenderPipeline {
    let layout = device.create_pipeline_layout(&wgpu::PipelineLayoutDescriptor {
        label: Some("frame"),
        bind_group_layouts: layouts,
        immediate_size: 0,
    });
    device.create_render_pipeline(&wgpu::RenderPipelineDescriptor {
        label: Some("frame"),
        layout: Some(&layout),
        vertex: wgpu::VertexState {
            module,
            entry_point: Some(vertex),
            buffers: &[],
            compilation_options: wgpu::PipelineCompilationOptions::default(),
        },
        primitive: wgpu::PrimitiveState::default(),
        depth_stencil: None,
        multisample: wgpu::MultisampleState::default(),
        fragment: Some(wgpu::FragmentState {
            module,
            entry_point: Some(fragment),
            targets: &[Some(wgpu::TextureFormat::Rgba8Unorm.into())],
            compilation_options: wgpu::PipelineCompilationOptions {
                constants,
                ..wgpu::PipelineCompilationOptions::default()
            },
        }),
        multiview_mask: None,
        cache: None,
    })
}

fn draw_pass(
    encoder: &mut wgpu::CommandEncoder,
    view: &wgpu::TextureView,
    pipeline: &wgpu::RenderPipeline,
    (slot, group): (u32, &wgpu::BindGroup),
) {
    let mut pass = encoder.begin_render_pass(&wgpu::RenderPassDescriptor {
        label: Some("frame"),
        color_attachments: &[Some(wgpu::RenderPassColorAttachment {
            view,
            resolve_target: None,
            ops: wgpu::Operations {
                load: wgpu::LoadOp::Clear(wgpu::Color::BLACK),
                store: wgpu::StoreOp::Store,
            },
            depth_slice: None,
        })],
        depth_stencil_attachment: None,
        occlusion_query_set: None,
        timestamp_writes: None,
        multiview_mask: None,
    });
    pass.set_pipeline(pipeline);
    pass.set_bind_group(slot, group, &[]);
    pass.draw(0..3, 0..1);
}

fn new_texture(
    device: &wgpu::Device,
    (width, height): (u32, u32),
    levels: u32,
    format: wgpu::TextureFormat,
    usage: wgpu::TextureUsages,
) -> wgpu::Texture {
    device.create_texture(&wgpu::TextureDescriptor {
        label: Some("frame"),
        size: wgpu::Extent3d {
            width,
            height,
            depth_or_array_layers: 1,
        },
        mip_level_count: levels,
        sample_count: 1,
        dimension: wgpu::TextureDimension::D2,
        format,
        usage,
        view_formats: &[],
    })
}

/// The uniform block of `yuv.wgsl`.
fn params_bytes(frame: &VideoFrame) -> Vec<u8> {
    let (columns, offset) = frame.colour.rgb_from_yuv(frame.bit_depth);
    let top = ((1u32 << frame.bit_depth) - 1) as f32;
    let (column, row) = frame
        .orientation
        .source_from_upright(frame.width, frame.height);
    let start = frame.chroma_offset();
    let per = |shift: u32| 1.0 / (1u32 << shift) as f32;
    let size = frame.upright_size();
    let mut words: Vec<f32> = Vec::with_capacity(PARAM_WORDS);
    for gain in columns {
        words.extend_from_slice(&[gain[0], gain[1], gain[2], 0.0]);
    }
    words.extend_from_slice(&[offset[0], offset[1], offset[2], 1.0 / top]);
    words.extend_from_slice(&[column[0], column[1], column[2], 0.0]);
    words.extend_from_slice(&[row[0], row[1], row[2], 0.0]);
    words.extend_from_slice(&[
        per(frame.chroma_shift.0),
        per(frame.chroma_shift.1),
        start.0,
        start.1,
    ]);
    words.extend_from_slice(&[size.0 as f32, size.1 as f32, 0.0, 0.0]);
    words.iter().flat_map(|w| w.to_ne_bytes()).collect()
}

#[cfg(test)]
mod tests;
