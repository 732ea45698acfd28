use std::sync::mpsc::sync_channel;

use super::*;
use crate::media::Orientation;
use crate::media::color::{Colour, Matrix};
use crate::media::frame::Plane;

/// Smooth but busy planes of any size and depth.
fn frame(
    colour: Colour,
    bit_depth: u32,
    chroma_shift: (u32, u32),
    orientation: Orientation,
) -> VideoFrame {
    let (width, height) = (53u32, 37u32);
    let plane = |seed: u32, width: u32, height: u32| {
        let top = (1u32 << bit_depth) - 1;
        let values = (0..width * height).map(|i| {
            let (x, y) = (i % width, i / width);
            (x * (3 + seed) * (top / 96) + y * (5 - seed) * (top / 128) + seed * top / 5) % top
        });
        let data = if bit_depth > 8 {
            values.flat_map(|v| (v as u16).to_ne_bytes()).collect()
        } else {
            values.map(|v| v as u8).collect()
        };
        Plane {
            width,
            height,
            data,
        }
    };
    let chroma = (
        width.div_ceil(1 << chroma_shift.0),
        height.div_ceil(1 << chroma_shift.1),
    );
    VideoFrame {
        frame: 0,
        secs: 0.0,
        width,
        height,
        pixel_aspect: 1.0,
        orientation,
        colour,
        bit_depth,
        chroma_shift,
        planes: [
            plane(0, width, height),
            plane(1, chroma.0, chroma.1),
            plane(2, chroma.0, chroma.1),
        ],
    }
}

fn read_back(
    device: &wgpu::Device,
    queue: &wgpu::Queue,
    texture: &wgpu::Texture,
    level: u32,
) -> Vec<u8> {
    let (width, height) = (texture.width() >> level, texture.height() >> level);
    let row_bytes = (width * 4).next_multiple_of(256);
    let buffer = device.create_buffer(&wgpu::BufferDescriptor {
        label: None,
        size: u64::from(row_bytes * height),
        usage: wgpu::BufferUsages::COPY_DST | wgpu::BufferUsages::MAP_READ,
        mapped_at_creation: false,
    });
    let mut encoder = device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
    encoder.copy_texture_to_buffer(
        wgpu::TexelCopyTextureInfo {
            mip_level: level,
            ..texture.as_image_copy()
        },
        wgpu::TexelCopyBufferInfo {
            buffer: &buffer,
            layout: wgpu::TexelCopyBufferLayout {
                offset: 0,
                bytes_per_row: Some(row_bytes),
                rows_per_image: None,
            },
        },
        wgpu::Extent3d {
            width,
            height,
            depth_or_array_layers: 1,
        },
    );
    queue.submit([encoder.finish()]);
    let (sender, receiver) = sync_channel(1);
    buffer
        .slice(..)
        .map_async(wgpu::MapMode::Read, move |done| {
            sender.send(done).unwrap();
        });
    device.poll(wgpu::PollType::wait_indefinitely()).unwrap();
    receiver.recv().unwrap().unwrap();
    let mapped = buffer.slice(..).get_mapped_range().unwrap().to_vec();
    mapped
        .chunks(row_bytes as usize)
        .flat_map(|row| row[..width as usize * 4].chunks(4))
        .flat_map(|pixel| pixel[..3].to_vec())
        .collect()
}

/// The adapter that pictures are made with; `None` where there is none.
fn adapter() -> Option<eframe::egui_wgpu::RenderState> {
    let state = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        egui_kittest::wgpu::create_render_state(
            egui_kittest::wgpu::default_wgpu_setup(),
            eframe::egui_wgpu::RendererOptions::default(),
        )
    }));
    if state.is_err() {
        crate::testing::skip_outside_ci("no graphics adapter, not even a software one");
    }
    state.ok()
}

#[test]
fn the_gpu_draws_what_the_processor_does() {
    let Some(state) = adapter() else {
        return;
    };
    let mut converter = YuvConverter::new(&state.device);
    let plain = Orientation::default();
    let turned = |rotation_deg, flipped| Orientation {
        rotation_deg,
        flipped,
    };
    let colour = |matrix, full_range, transfer, wide_gamut| Colour {
        matrix,
        full_range,
        transfer,
        wide_gamut,
    };
    use Matrix::{Bt601, Bt709, Bt2020, Identity};
    use Transfer::{Hlg, Pq, Sdr};
    for (colour, bits, shift, orientation) in [
        (colour(Bt601, false, Sdr, false), 8, (1, 1), plain),
        (
            colour(Bt709, false, Sdr, false),
            8,
            (1, 0),
            turned(90, false),
        ),
        (
            colour(Bt709, true, Sdr, false),
            8,
            (1, 1),
            turned(180, false),
        ),
        (
            colour(Bt601, true, Sdr, false),
            8,
            (0, 0),
            turned(270, true),
        ),
        (
            colour(Identity, true, Sdr, false),
            8,
            (0, 0),
            turned(0, true),
        ),
        (colour(Bt709, false, Sdr, false), 10, (1, 1), plain),
        (colour(Bt2020, false, Sdr, true), 10, (1, 0), plain),
        (
            colour(Bt2020, false, Pq, true),
            10,
            (1, 1),
            turned(90, true),
        ),
        (colour(Bt2020, false, Hlg, true), 10, (1, 1), plain),
        (colour(Bt2020, true, Pq, true), 12, (0, 0), plain),
    ] {
        let frame = frame(colour, bits, shift, orientation);
        let texture = converter
            .draw(&state.device, &state.queue, &frame)
            .unwrap()
            .clone();
        let drawn = read_back(&state.device, &state.queue, &texture, 0);
        let expected = frame.to_rgb();
        assert_eq!(
            (texture.width(), texture.height()),
            (expected.width, expected.height)
        );
        let worst = drawn
            .iter()
            .zip(expected.data.iter())
            .map(|(a, b)| a.abs_diff(*b))
            .max();
        // Rounding of the GPU's powers and interpolation.
        assert!(
            worst <= Some(2),
            "{colour:?} {bits} {shift:?} {orientation:?}: {worst:?}"
        );
        let halved = read_back(&state.device, &state.queue, &texture, 1);
        let width = expected.width as usize;
        let mean: u32 = [0, 1, width, width + 1]
            .map(|pixel| u32::from(expected.data[pixel * 3 + 1]))
            .iter()
            .sum();
        assert!(halved[1].abs_diff((mean / 4) as u8) <= 2, "{colour:?}");
    }
}

/// Frames that are drawn one after the other.
const MANY: usize = 400;
/// What may be left of them: a software renderer that kept a program for each frame had 260 MB
/// left.
const LEFT_KIB: u64 = 30 << 10;

/// The memory of this process, in KiB.
#[cfg(target_os = "linux")]
fn memory_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:"));
    let words = line.unwrap().split_whitespace();
    words.filter_map(|word| word.parse().ok()).next().unwrap()
}

/// In a process of its own, since other tests take memory in this one.
#[test]
#[cfg(target_os = "linux")]
fn frames_leave_no_memory_behind() {
    const ALONE: &str = "SUMMDIFF_TEST_ALONE";
    if std::env::var_os(ALONE).is_none() {
        let name = "gpu::yuv::tests::frames_leave_no_memory_behind";
        let output = std::process::Command::new(std::env::current_exe().unwrap())
            .args(["--exact", name, "--nocapture"])
            .env(ALONE, "1")
            .output()
            .unwrap();
        let words = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "{words}");
        return;
    }
    let Some(state) = adapter() else {
        return;
    };
    let mut converter = YuvConverter::new(&state.device);
    let colour = Colour {
        matrix: Matrix::Bt709,
        full_range: false,
        transfer: Transfer::Sdr,
        wide_gamut: false,
    };
    let frame = frame(colour, 8, (1, 1), Orientation::default());
    let mut draw = |count| {
        for _ in 0..count {
            converter.draw(&state.device, &state.queue, &frame).unwrap();
            state
                .device
                .poll(wgpu::PollType::wait_indefinitely())
                .unwrap();
        }
    };
    draw(40);
    let before = memory_kib();
    draw(MANY);
    let left = memory_kib().saturating_sub(before);
    assert!(left < LEFT_KIB, "{MANY} frames left {left} KiB");
}
