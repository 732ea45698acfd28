//! Scenes at sea and by the sea: sunrise, gulls, boats leaving, the regatta, under water, the
//! storm.

use std::f32::consts::TAU;

use tiny_skia::Color;

use crate::paint::{
    Canvas, HEIGHT, WIDTH, hash, mix, noise, pick, rgb, rgba, ridge, shape, smooth,
};
use crate::props::{cloud, fishing_boat, gull, sailing_boat, stars, streak};

/// The sun comes up out of the sea; the camera moves slowly nearer.
pub fn sunrise(canvas: &mut Canvas, time: f32, length: f32) {
    let share = time / length;
    let horizon = 292.0 + 10.0 * share;
    let warm = smooth(-0.2, 1.0, share);
    canvas.camera(0.0, 0.0, 1.0);
    canvas.backdrop(&[
        (0.0, mix(rgb(0x232a5c), rgb(0x4a6db0), warm)),
        (0.28, mix(rgb(0x5c4a86), rgb(0x9a8fc4), warm)),
        (0.47, mix(rgb(0xc9687d), rgb(0xf4a99a), warm)),
        (0.6, mix(rgb(0xf3a05f), rgb(0xffd79a), warm)),
    ]);
    if share < 0.5 {
        stars(canvas, 46, 130.0, time);
    }
    let zoom = 1.0 + 0.07 * share;
    canvas.camera(0.0, 0.0, zoom);
    let (sun_x, sun_y) = (470.0, horizon - 8.0 - 74.0 * share);
    canvas.glow(sun_x, sun_y, 330.0, rgba(0xffb45e, 0.75));
    canvas.glow(sun_x, sun_y, 120.0, rgba(0xfff0c0, 0.8));
    canvas.circle(sun_x, sun_y, 37.0, rgb(0xfff3cf));
    for strip in 0..11u32 {
        let x = pick(7, strip, -40.0, 900.0) + time * pick(8, strip, 3.0, 9.0);
        let y = pick(9, strip, 60.0, 250.0);
        let near_sun = 1.0 - ((y - sun_y).abs() / 220.0).min(1.0);
        let color = mix(rgb(0x8d6aa0), rgb(0xffd3a1), near_sun);
        streak(
            canvas,
            x,
            y,
            pick(10, strip, 150.0, 420.0),
            pick(11, strip, 6.0, 15.0),
            rgba_of(color, 0.62),
        );
    }
    for (key, height, color) in [
        (61, 46.0, mix(rgb(0x6b4f7f), rgb(0xb98aa0), warm)),
        (75, 26.0, mix(rgb(0x43355f), rgb(0x836486), warm)),
    ] {
        canvas.land(horizon, color, mix(color, rgb(0xffc796), 0.35), |x| {
            horizon
                - height * ridge(key, x / 170.0) * smooth(430.0, 60.0, x.min(854.0 - x * 0.4))
                - 1.0
        });
    }
    sailing_boat(
        canvas,
        250.0 + time * 5.0,
        horizon,
        0.42,
        (time * 1.2).sin(),
        mix(rgb(0x5c4160), rgb(0x7e5262), warm),
        rgb(0x2f2540),
    );
    for bird in 0..4u32 {
        let phase = time * 5.5 + bird as f32 * 1.7;
        let (x, y) = (
            600.0 - time * 22.0 + bird as f32 * 34.0,
            132.0 + (bird as f32 * 2.4).sin() * 20.0 + (time + bird as f32).sin() * 4.0,
        );
        gull(
            canvas,
            x,
            y,
            0.22,
            phase.sin(),
            0.0,
            rgb(0x4a3558),
            rgb(0x3a2848),
        );
    }
    canvas.camera(0.0, 0.0, 1.0);
    let line = HEIGHT / 2.0 + (horizon - HEIGHT / 2.0) * zoom;
    canvas.water(
        line,
        mix(rgb(0xd98a78), rgb(0xf6c39a), warm),
        mix(rgb(0x1d2a55), rgb(0x3a6a9a), warm),
        0.72,
        1.0,
        time,
    );
    canvas.camera(0.0, 0.0, zoom);
    for glint in 0..34u32 {
        let depth = pick(21, glint, 0.0, 1.0);
        let shine = (time * pick(22, glint, 1.6, 4.0) + glint as f32)
            .sin()
            .max(0.0);
        let x = sun_x + (pick(23, glint, -1.0, 1.0)) * (16.0 + 90.0 * depth);
        let y = horizon + 6.0 + 170.0 * depth;
        canvas.light(|c| {
            c.oval(
                x,
                y,
                5.0 + 22.0 * depth,
                0.9 + 1.6 * depth,
                rgba(0xffe7b0, 0.75 * shine),
            )
        });
    }
}

fn rgba_of(mut color: Color, alpha: f32) -> Color {
    color.set_alpha(alpha);
    color
}

/// Gulls close to the eye, clouds passing behind.
pub fn gulls(canvas: &mut Canvas, time: f32, _length: f32) {
    canvas.camera(0.0, 0.0, 1.0);
    canvas.backdrop(&[
        (0.0, rgb(0x2f86c9)),
        (0.6, rgb(0x86c5e8)),
        (1.0, rgb(0xd9eff5)),
    ]);
    canvas.glow(700.0, 40.0, 420.0, rgba(0xfff3cf, 0.7));
    let drift = time * 34.0;
    for (layer, (size, speed, top)) in [(0.8, 0.35, 190.0), (1.25, 0.7, 300.0), (2.1, 1.3, 450.0)]
        .into_iter()
        .enumerate()
    {
        for number in 0..5u32 {
            let key = layer as u32 * 10 + number;
            let span = 1300.0;
            let x = (number as f32 * 270.0 + pick(31, key, 0.0, 120.0) - drift * speed)
                .rem_euclid(span)
                - 200.0;
            let y = top + pick(32, key, -50.0, 50.0);
            cloud(
                canvas,
                key + 5,
                x,
                y,
                size,
                rgb(0xffffff),
                mix(rgb(0xc3dcec), rgb(0x9fc3de), layer as f32 * 0.3),
            );
        }
    }
    let flock = [
        (0.0, 250.0, 170.0, 1.5),
        (1.3, 470.0, 250.0, 2.5),
        (2.4, 610.0, 120.0, 1.15),
        (3.6, 130.0, 330.0, 1.0),
        (4.4, 760.0, 330.0, 1.7),
    ];
    for (phase, x, y, size) in flock {
        let beat = (time * 6.2 / f32::sqrt(size) + phase).sin()
            * smooth(-0.6, 0.5, (time * 0.9 + phase).sin());
        let x = x + 46.0 * (time * 0.8 + phase).sin() + (time - 2.2) * 18.0 * size;
        let y = y + 18.0 * (time * 1.1 + phase * 2.0).cos() - beat * 5.0;
        gull(
            canvas,
            x,
            y,
            size,
            beat * 0.9 + 0.1,
            9.0 * (time * 0.7 + phase).sin(),
            rgb(0xfafcff),
            rgb(0x49566b),
        );
    }
}

fn lighthouse(canvas: &mut Canvas, x: f32, y: f32, size: f32, night: f32) {
    let dusk = rgb(0x141b33);
    canvas.placed(x, y, (size, size), 0.0, |canvas| {
        let white = mix(rgb(0xfbf6ec), dusk, night * 0.7);
        let red = mix(rgb(0xcf4a43), dusk, night * 0.6);
        let at = |height: f32| 17.0 - 6.0 * height / 120.0;
        for band in 0..5 {
            let (low, high) = (band as f32 * 24.0, (band + 1) as f32 * 24.0);
            let color = if band % 2 == 0 { white } else { red };
            canvas.polygon(
                &[
                    (-at(low), -low),
                    (at(low), -low),
                    (at(high), -high),
                    (-at(high), -high),
                ],
                color,
            );
        }
        let shade = rgba(0x2a2340, 0.2);
        canvas.polygon(
            &[(5.0, 0.0), (17.0, 0.0), (11.0, -120.0), (3.0, -120.0)],
            shade,
        );
        canvas.rect(
            -15.0,
            -124.0,
            30.0,
            5.0,
            mix(rgb(0x39405a), dusk, night * 0.5),
        );
        canvas.round_rect(
            -8.0,
            -141.0,
            16.0,
            18.0,
            2.0,
            mix(rgb(0xffe9a8), rgb(0xfff6d0), night),
        );
        canvas.polygon(&[(-12.0, -141.0), (12.0, -141.0), (0.0, -155.0)], red);
    });
}

/// Fishing boats pass the lighthouse on their way out; the camera goes along.
pub fn boats_leaving(canvas: &mut Canvas, time: f32, _length: f32) {
    let horizon = 270.0;
    canvas.camera(0.0, 0.0, 1.0);
    canvas.backdrop(&[
        (0.0, rgb(0x5aa7d6)),
        (0.4, rgb(0xa9d8e6)),
        (0.57, rgb(0xf6ecd0)),
    ]);
    canvas.glow(180.0, 90.0, 300.0, rgba(0xfff2c4, 0.8));
    let pan = -time * 26.0;
    canvas.camera(pan * 0.15, 0.0, 1.0);
    for number in 0..5u32 {
        cloud(
            canvas,
            number + 40,
            number as f32 * 240.0 + 20.0,
            pick(41, number, 90.0, 190.0),
            pick(42, number, 0.6, 1.1),
            rgb(0xffffff),
            rgb(0xd3e4ea),
        );
    }
    canvas.camera(pan * 0.25, 0.0, 1.0);
    canvas.land(horizon, rgb(0x8fb5b4), rgb(0xb9d3c6), |x| {
        horizon - 56.0 * ridge(81, x / 210.0) - 4.0
    });
    canvas.camera(pan * 0.5, 0.0, 1.0);
    canvas.land(horizon, rgb(0x5c9a78), rgb(0x8dba86), |x| {
        horizon - 100.0 * ridge(84, x / 260.0) * smooth(330.0, 800.0, x) - 2.0
    });
    canvas.land(horizon, rgb(0xc9b79a), rgb(0x9c8b78), |x| {
        horizon
            - 26.0
                * smooth(470.0, 560.0, x)
                * smooth(1040.0, 720.0, x)
                * (0.75 + 0.4 * ridge(88, x / 40.0))
    });
    lighthouse(canvas, 640.0, horizon - 20.0, 1.05, 0.0);
    for number in 0..4u32 {
        let tone = [rgb(0xf1e3c8), rgb(0xe8c7a6), rgb(0xf3efe6), rgb(0xdcb6a2)][number as usize];
        let x = 820.0 + number as f32 * 33.0;
        canvas.rect(
            x,
            horizon - 52.0 - pick(43, number, 0.0, 14.0),
            24.0,
            40.0,
            tone,
        );
        let top = horizon - 52.0 - pick(43, number, 0.0, 14.0);
        canvas.polygon(
            &[(x - 3.0, top), (x + 12.0, top - 14.0), (x + 27.0, top)],
            rgb(0xb8604c),
        );
    }
    canvas.camera(pan * 0.5, 0.0, 1.0);
    sailing_boat(
        canvas,
        330.0 + time * 8.0,
        horizon,
        0.5,
        2.0 * (time * 1.1).sin(),
        rgb(0xfff8ea),
        rgb(0x42617a),
    );
    canvas.camera(0.0, 0.0, 1.0);
    canvas.water(horizon, rgb(0xbfe0e2), rgb(0x1f7f9c), 0.5, 0.9, time);
    for (x, y, size, hull, phase) in [
        (90.0, 318.0, 0.8, 0x3b7a8c, 0.0),
        (400.0, 352.0, 1.2, 0xd0583f, 1.1),
        (-190.0, 408.0, 1.75, 0x2b4f86, 2.3),
    ] {
        let x = x + time * 44.0 * size;
        let lift = (time * 1.7 + phase).sin() * 4.0 * size;
        let lean = (time * 1.7 + phase + 1.0).cos() * 2.2;
        canvas.placed(x, y + lift + 12.0 * size, (1.0, -0.55), 0.0, |c| {
            fishing_boat(
                c,
                0.0,
                0.0,
                size,
                lean,
                mix(rgb(hull), rgb(0x1f7f9c), 0.55),
                false,
            );
        });
        canvas.oval(
            x,
            y + 9.0 * size,
            66.0 * size,
            7.0 * size,
            rgba(0x1f7f9c, 0.5),
        );
        fishing_boat(canvas, x, y + lift, size, lean, rgb(hull), false);
        wake(canvas, x, y + 6.0 * size, size, time + phase);
    }
}

fn wake(canvas: &mut Canvas, x: f32, y: f32, size: f32, time: f32) {
    for foam in 0..16u32 {
        let age = (time * 0.9 + foam as f32 / 16.0).fract();
        let out = x + (52.0 - 190.0 * age) * size;
        let spread = (2.0 + 12.0 * age) * size * (hash(foam + 3) - 0.3);
        canvas.oval(
            out,
            y + spread,
            (9.0 + 15.0 * age) * size,
            2.3 * size,
            rgba(0xffffff, 0.6 * (1.0 - age)),
        );
    }
}

fn waves(canvas: &mut Canvas, rows: &[(f32, f32, f32, Color, Color)], time: f32, speed: f32) {
    for (number, (y, height, length, top, bottom)) in rows.iter().enumerate() {
        let drift = time * speed * (0.6 + 0.35 * number as f32);
        let edge = |x: f32| {
            let place = (x + drift) / length;
            let crest = (place * TAU).sin();
            y - height
                * (crest * 0.6
                    + 0.4 * (place * TAU * 0.53 + 1.0).sin()
                    + 0.18 * (place * TAU * 2.3 + time).sin())
        };
        canvas.land(HEIGHT + 60.0, *top, *bottom, edge);
        let crest: Vec<(f32, f32)> = (-4..180)
            .map(|step| (step as f32 * 5.0, edge(step as f32 * 5.0) + 1.5))
            .collect();
        canvas.line(&crest, 1.6, rgba(0xffffff, 0.4));
    }
}

/// Sails heeling in bright wind; the camera rides the waves.
pub fn regatta(canvas: &mut Canvas, time: f32, _length: f32) {
    canvas.camera(0.0, 0.0, 1.0);
    canvas.backdrop(&[
        (0.0, rgb(0x1f7fcb)),
        (0.45, rgb(0x7fc6ea)),
        (0.62, rgb(0xe9f6f2)),
    ]);
    canvas.glow(620.0, 70.0, 360.0, rgba(0xfffbe4, 0.9));
    canvas.circle(620.0, 70.0, 26.0, rgb(0xfffdf2));
    let heave = (time * 1.9).sin() * 9.0;
    canvas.camera(-time * 30.0, heave * 0.4, 1.0);
    for number in 0..6u32 {
        cloud(
            canvas,
            number + 70,
            number as f32 * 230.0,
            pick(71, number, 120.0, 220.0),
            pick(72, number, 0.5, 1.0),
            rgb(0xffffff),
            rgb(0xcfe6f1),
        );
    }
    canvas.camera(0.0, heave, 1.04);
    let row = |y, height, length, top, bottom| (y, height, length, rgb(top), rgb(bottom));
    waves(
        canvas,
        &[row(292.0, 5.0, 150.0, 0x5db6cf, 0x2d8fb8)],
        time,
        60.0,
    );
    let fleet = [
        (0.62, 250.0, 298.0, 0xffffff, 0xb33c44),
        (0.75, 520.0, 304.0, 0xffd35c, 0x2b4f86),
        (0.68, 790.0, 296.0, 0xf2f4f8, 0x386a56),
    ];
    for (number, (size, x, y, sail, hull)) in fleet.into_iter().enumerate() {
        let phase = number as f32 * 1.3;
        let x = x - 130.0 + time * (26.0 + 9.0 * number as f32);
        sailing_boat(
            canvas,
            x,
            y + 4.0 * (time * 2.0 + phase).sin(),
            size,
            9.0 + 4.0 * (time * 1.4 + phase).sin(),
            rgb(sail),
            rgb(hull),
        );
    }
    waves(
        canvas,
        &[row(318.0, 9.0, 230.0, 0x3fa3c6, 0x1c77a8)],
        time,
        90.0,
    );
    let x = 120.0 + time * 78.0;
    sailing_boat(
        canvas,
        x,
        356.0 + 10.0 * (time * 2.2).sin(),
        1.75,
        13.0 + 5.0 * (time * 2.2 + 0.8).cos(),
        rgb(0xff6b4a),
        rgb(0x20304f),
    );
    for drop in 0..46u32 {
        let age = (time * 1.5 + hash(drop)).fract();
        let reach = pick(51, drop, 20.0, 130.0);
        let spray_x = x + 78.0 + reach * (age - 0.25);
        let spray_y = 362.0 - pick(52, drop, 20.0, 90.0) * (age * (1.0 - age) * 4.0) + 20.0 * age;
        canvas.circle(
            spray_x,
            spray_y,
            pick(53, drop, 0.8, 3.0),
            rgba(0xffffff, 0.85 * (1.0 - age)),
        );
    }
    waves(
        canvas,
        &[
            row(372.0, 15.0, 330.0, 0x2a8bb8, 0x145f92),
            row(432.0, 22.0, 470.0, 0x1a6ea2, 0x0b4274),
        ],
        time,
        120.0,
    );
}

/// A shoal turns in the light under the surface.
pub fn under_water(canvas: &mut Canvas, time: f32, _length: f32) {
    canvas.camera(0.0, 0.0, 1.0);
    canvas.backdrop(&[
        (0.0, rgb(0x5fd3d6)),
        (0.3, rgb(0x1f97b8)),
        (1.0, rgb(0x07314f)),
    ]);
    for ray in 0..8u32 {
        let sway = (time * 0.6 + ray as f32).sin() * 24.0;
        let x = 40.0 + ray as f32 * 115.0 + sway;
        let alpha = 0.05 + 0.07 * noise(ray + 60, time * 0.9);
        let fan = pick(61, ray, 60.0, 150.0);
        canvas.light(|c| {
            c.polygon(
                &[
                    (x, -10.0),
                    (x + 34.0, -10.0),
                    (x + fan - 120.0, 490.0),
                    (x - 190.0, 490.0),
                ],
                rgba(0xd9fff6, alpha),
            )
        });
    }
    canvas.land(500.0, rgb(0x1b5a70), rgb(0x0a2c44), |x| {
        450.0 - 60.0 * ridge(91, x / 180.0 + 0.02 * time)
    });
    for weed in 0..15u32 {
        let x = pick(62, weed, 0.0, 854.0);
        let tall = pick(63, weed, 50.0, 170.0);
        let points: Vec<(f32, f32)> = (0..=12)
            .map(|step| {
                let up = step as f32 / 12.0;
                (
                    x + (time * 1.3 + weed as f32 + up * 3.0).sin() * 20.0 * up,
                    480.0 - tall * up,
                )
            })
            .collect();
        canvas.line(
            &points,
            pick(64, weed, 4.0, 9.0),
            mix(rgb(0x0d4a55), rgb(0x2f8f6f), hash(weed + 9)),
        );
    }
    canvas.land(500.0, rgb(0xc9b98a), rgb(0x5f6f66), |x| {
        466.0 - 16.0 * ridge(95, x / 120.0)
    });
    for fish in 0..64u32 {
        let ring = pick(65, fish, 0.25, 1.0);
        let angle = time * 0.85 + pick(66, fish, 0.0, TAU) + ring;
        let (cx, cy) = (430.0 + 50.0 * (time * 0.5).sin(), 225.0);
        let (x, y) = (
            cx + angle.cos() * 300.0 * ring,
            cy + (angle * 1.0 + 0.5).sin() * 120.0 * ring + 12.0 * (time * 2.0 + fish as f32).sin(),
        );
        let heading = (-angle.sin() * 300.0, (angle + 0.5).cos() * 120.0);
        let near = 0.8 + 0.85 * hash(fish + 200);
        let degrees = heading.1.atan2(heading.0).to_degrees();
        let silver = mix(
            rgb(0xe9f6ef),
            rgb(0xf2b84c),
            if fish % 7 == 0 { 0.9 } else { 0.0 },
        );
        paint_fish(
            canvas,
            x,
            y,
            near,
            degrees,
            mix(rgb(0x2b8aa8), silver, near - 0.5),
            time * 9.0 + fish as f32,
        );
    }
    for bubble in 0..26u32 {
        let rise = (time * pick(67, bubble, 0.12, 0.3) + hash(bubble + 31)).fract();
        let x = pick(68, bubble, 40.0, 820.0) + (time * 3.0 + bubble as f32).sin() * 6.0;
        let radius = pick(69, bubble, 1.5, 6.0);
        canvas.circle(x, 490.0 - 510.0 * rise, radius, rgba(0xe6fffb, 0.25));
        canvas.circle(
            x - radius * 0.3,
            490.0 - 510.0 * rise - radius * 0.3,
            radius * 0.35,
            rgba(0xffffff, 0.8),
        );
    }
}

fn paint_fish(
    canvas: &mut Canvas,
    x: f32,
    y: f32,
    size: f32,
    degrees: f32,
    color: Color,
    wag: f32,
) {
    // A fish swimming to the left is mirrored, so that its back stays up.
    let flip = if degrees.abs() > 90.0 { -1.0 } else { 1.0 };
    canvas.placed(x, y, (size, size * flip), degrees, |canvas| {
        let tail = wag.sin() * 5.0;
        let body = shape(|p| {
            p.move_to(20.0, 0.0);
            p.quad_to(6.0, -11.0, -14.0, tail * 0.3);
            p.quad_to(6.0, 11.0, 20.0, 0.0);
            p.close();
        });
        canvas.fill_maybe(body, color);
        canvas.polygon(
            &[
                (-11.0, tail * 0.3),
                (-23.0, -7.0 + tail),
                (-20.0, tail),
                (-23.0, 7.0 + tail),
            ],
            color,
        );
        canvas.oval(4.0, -2.6, 10.0, 1.6, rgba(0xffffff, 0.45));
        canvas.circle(13.5, -1.4, 1.5, rgb(0x0b2334));
    });
}

/// Heavy sea, rain, lightning; a small boat between the waves and the lighthouse far behind.
pub fn storm(canvas: &mut Canvas, time: f32, _length: f32) {
    let flash = [0.9f32, 1.15, 3.1]
        .iter()
        .map(|at| {
            if time >= *at {
                (-(time - at) * 7.0).exp()
            } else {
                0.0
            }
        })
        .fold(0.0, f32::max);
    let shake = (time * 1.3).sin() * 12.0;
    canvas.camera(0.0, 0.0, 1.0);
    let lit = |color: u32| mix(rgb(color), rgb(0xdfe6ff), flash * 0.55);
    canvas.backdrop(&[
        (0.0, lit(0x1a2233)),
        (0.5, lit(0x3c4a5c)),
        (0.65, lit(0x6d7f88)),
    ]);
    canvas.camera(-time * 22.0, 0.0, 1.1);
    for number in 0..14u32 {
        let y = pick(55, number, 10.0, 140.0);
        let dark = mix(lit(0x222b3c), lit(0x4a586a), y / 200.0);
        cloud(
            canvas,
            number + 90,
            pick(56, number, -60.0, 1050.0),
            y + 40.0,
            pick(57, number, 1.3, 2.3),
            dark,
            lit(0x161d2b),
        );
    }
    canvas.camera(0.0, shake * 0.5, 1.08);
    let (light_x, light_y) = (690.0, 262.0);
    canvas.land(330.0, lit(0x202a38), lit(0x2b3744), |x| {
        300.0 - 34.0 * smooth(560.0, 690.0, x) * (0.8 + 0.4 * ridge(97, x / 50.0))
    });
    lighthouse(canvas, light_x, light_y + 14.0, 0.62, 0.85 - flash * 0.5);
    let turn = time * 1.7;
    for beam in [turn, turn + std::f32::consts::PI] {
        let (x, y) = (light_x, light_y - 68.0);
        // The beam is laid on in shells, so that it fades outwards and towards its edges.
        for shell in 1..=7 {
            let share = shell as f32 / 7.0;
            let reach = 900.0 * beam.cos() * share;
            let width = (14.0 + 46.0 * beam.sin().abs()) * share;
            canvas.light(|c| {
                c.polygon(
                    &[
                        (x, y - 1.0),
                        (x + reach, y - width),
                        (x + reach, y + width),
                        (x, y + 1.0),
                    ],
                    rgba(0xfff1b8, 0.035),
                );
                c.polygon(
                    &[
                        (x, y - 1.0),
                        (x + reach, y - width * 0.55),
                        (x + reach, y + width * 0.55),
                        (x, y + 1.0),
                    ],
                    rgba(0xfff1b8, 0.03),
                );
            });
        }
    }
    canvas.glow(light_x, light_y - 68.0, 56.0, rgba(0xfff1b8, 0.95));
    if flash > 0.25 {
        let seed = if time < 2.0 { 5 } else { 6 };
        let mut bolt = vec![(pick(seed, 0, 200.0, 480.0), -20.0)];
        for step in 1..10u32 {
            bolt.push((
                bolt[0].0 + pick(seed, step, -46.0, 46.0) + step as f32 * 7.0,
                step as f32 * 33.0 - 20.0,
            ));
        }
        canvas.line(&bolt, 7.0, rgba(0xcdd8ff, 0.35 * flash));
        canvas.line(&bolt, 2.4, rgba(0xffffff, flash.min(1.0)));
    }
    let row = |y, height, length, top, bottom| (y, height, length, lit(top), lit(bottom));
    waves(
        canvas,
        &[
            row(312.0, 14.0, 210.0, 0x4c6672, 0x2b4352),
            row(342.0, 22.0, 300.0, 0x3b5765, 0x1f3645),
        ],
        time,
        -120.0,
    );
    let lean = 17.0 * (time * 1.9).sin();
    fishing_boat(
        canvas,
        300.0 + time * 15.0,
        372.0 + 26.0 * (time * 1.9 + 1.0).cos(),
        1.05,
        lean,
        lit(0x9c3b32),
        true,
    );
    canvas.glow(
        300.0 + time * 15.0,
        338.0 + 26.0 * (time * 1.9 + 1.0).cos(),
        70.0,
        rgba(0xffd98a, 0.4),
    );
    waves(
        canvas,
        &[
            row(392.0, 30.0, 390.0, 0x2f4a59, 0x142733),
            row(450.0, 38.0, 520.0, 0x20394a, 0x0b1a26),
        ],
        time,
        -170.0,
    );
    canvas.camera(0.0, 0.0, 1.0);
    for drop in 0..190u32 {
        let fall = (time * pick(58, drop, 1.7, 2.6) + hash(drop + 400)).fract();
        let x = pick(59, drop, 0.0, WIDTH + 160.0) - 150.0 * fall;
        let y = -30.0 + 540.0 * fall;
        canvas.line(&[(x, y), (x - 7.0, y + 24.0)], 1.1, rgba(0xd4e2ee, 0.33));
    }
}
