// Draws a decoded frame: planes of luma and chroma to gamma-coded R'G'B', upright, at coded size.
// The arithmetic is that of `media::frame::VideoFrame::to_rgb`, to which tests compare it.

struct Params {
    // What one unit of Y, Cb, Cr adds to red, green, blue.
    y_gain: vec4<f32>,
    cb_gain: vec4<f32>,
    cr_gain: vec4<f32>,
    // Offsets of the three components; w is one over the largest sample value.
    offset: vec4<f32>,
    // Coded column and row of an upright pixel: x·a + y·b + c.
    column: vec4<f32>,
    row: vec4<f32>,
    // Chroma samples per luma sample across and down, then the position of luma sample 0 in chroma samples.
    chroma: vec4<f32>,
    // Upright width and height.
    size: vec4<f32>,
};

// What the arithmetic branches on, fixed in a pipeline: a software renderer builds a program for each value that a uniform decides on,
// at every frame, and keeps them all.
// 0 SDR, 1 PQ, 2 HLG.
override transfer: u32;
override wide: bool;

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var luma: texture_2d<u32>;
@group(0) @binding(2) var first_chroma: texture_2d<u32>;
@group(0) @binding(3) var second_chroma: texture_2d<u32>;

struct Corner {
    @builtin(position) position: vec4<f32>,
    // Place in the coded picture, in samples from its corner.
    @location(0) coded: vec2<f32>,
};

@vertex
fn vs_main(@builtin(vertex_index) index: u32) -> Corner {
    // One triangle over the whole target.
    let corner = vec2<f32>(f32((index << 1u) & 2u), f32(index & 2u));
    let upright = vec3<f32>(corner * params.size.xy - 0.5, 1.0);
    var out: Corner;
    out.position = vec4<f32>(corner.x * 2.0 - 1.0, 1.0 - corner.y * 2.0, 0.0, 1.0);
    out.coded = vec2<f32>(dot(upright, params.column.xyz), dot(upright, params.row.xyz)) + 0.5;
    return out;
}

fn linear_sample(plane: texture_2d<u32>, at: vec2<f32>) -> f32 {
    let last = vec2<i32>(textureDimensions(plane)) - 1;
    let place = clamp(at, vec2<f32>(0.0), vec2<f32>(last));
    let low = vec2<i32>(floor(place));
    let high = min(low + 1, last);
    let part = place - vec2<f32>(low);
    let a = f32(textureLoad(plane, low, 0).r);
    let b = f32(textureLoad(plane, vec2<i32>(high.x, low.y), 0).r);
    let c = f32(textureLoad(plane, vec2<i32>(low.x, high.y), 0).r);
    let d = f32(textureLoad(plane, high, 0).r);
    return mix(mix(a, b, part.x), mix(c, d, part.x), part.y);
}

const SCREEN_GAMMA: f32 = 2.2;
const WHITE_NITS: f32 = 203.0;

fn pq_light(value: vec3<f32>) -> vec3<f32> {
    let power = pow(value, vec3<f32>(1.0 / 78.84375));
    let top = max(power - 0.8359375, vec3<f32>(0.0));
    return pow(top / (18.8515625 - 18.6875 * power), vec3<f32>(1.0 / 0.15930176));
}

fn hlg_light(value: vec3<f32>) -> vec3<f32> {
    let low = value * value / 3.0;
    let high = (exp((value - 0.5599107) / 0.17883277) + 0.28466892) / 12.0;
    return select(high, low, value <= vec3<f32>(0.5));
}

fn shoulder(light: f32) -> f32 {
    let over = max(light - 0.75, 0.0);
    return min(light, 0.75) + 0.25 * over / (over + 0.25);
}

fn for_screen(coded: vec3<f32>) -> vec3<f32> {
    if transfer == 0u && !wide {
        return coded;
    }
    let rgb = clamp(coded, vec3<f32>(0.0), vec3<f32>(1.0));
    var light = pow(rgb, vec3<f32>(SCREEN_GAMMA));
    if transfer == 1u {
        light = pq_light(rgb) * 10000.0 / WHITE_NITS;
    } else if transfer == 2u {
        let scene = hlg_light(rgb);
        let scene_luma = dot(scene, vec3<f32>(0.2627, 0.6780, 0.0593));
        light = scene * (pow(max(scene_luma, 1e-6), 0.2) * 1000.0 / WHITE_NITS);
    }
    if wide {
        light = max(
            vec3<f32>(
                dot(light, vec3<f32>(1.6605, -0.5876, -0.0728)),
                dot(light, vec3<f32>(-0.1246, 1.1329, -0.0083)),
                dot(light, vec3<f32>(-0.0182, -0.1006, 1.1187)),
            ),
            vec3<f32>(0.0),
        );
    }
    if transfer != 0u {
        let peak = max(light.r, max(light.g, light.b));
        light = light * (shoulder(peak) / max(peak, 1e-6));
    }
    return pow(light, vec3<f32>(1.0 / SCREEN_GAMMA));
}

@fragment
fn fs_main(in: Corner) -> @location(0) vec4<f32> {
    let at = vec2<i32>(floor(in.coded));
    let chroma_at = vec2<f32>(at) * params.chroma.xy + params.chroma.zw;
    let yuv = vec3<f32>(
        f32(textureLoad(luma, at, 0).r),
        linear_sample(first_chroma, chroma_at),
        linear_sample(second_chroma, chroma_at),
    ) * params.offset.w - params.offset.xyz;
    let rgb = params.y_gain.rgb * yuv.x + params.cb_gain.rgb * yuv.y + params.cr_gain.rgb * yuv.z;
    return vec4<f32>(clamp(for_screen(rgb), vec3<f32>(0.0), vec3<f32>(1.0)), 1.0);
}

// Halves a picture for the next mip level: the mean of two by two pixels.

@group(1) @binding(0) var finer: texture_2d<f32>;

@vertex
fn vs_halve(@builtin(vertex_index) index: u32) -> @builtin(position) vec4<f32> {
    let corner = vec2<f32>(f32((index << 1u) & 2u), f32(index & 2u));
    return vec4<f32>(corner.x * 2.0 - 1.0, 1.0 - corner.y * 2.0, 0.0, 1.0);
}

@fragment
fn fs_halve(@builtin(position) position: vec4<f32>) -> @location(0) vec4<f32> {
    let last = vec2<i32>(textureDimensions(finer)) - 1;
    let low = min(vec2<i32>(position.xy) * 2, last);
    let high = min(low + 1, last);
    return 0.25
        * (textureLoad(finer, low, 0)
            + textureLoad(finer, vec2<i32>(high.x, low.y), 0)
            + textureLoad(finer, vec2<i32>(low.x, high.y), 0)
            + textureLoad(finer, high, 0));
}
