//! Scenes after dark: the city over the water, the festival, fireworks, floating lanterns, and the
//! cards with words.

use std::f32::consts::TAU;

use tiny_skia::Color;

use crate::paint::{Canvas, HEIGHT, WIDTH, hash, mix, noise, pick, rgb, rgba, ridge, smooth};
use crate::props::{Person, bunting, lantern, stars, streak};
use crate::town::row_of_houses;

fn night_sky(canvas: &mut Canvas, time: f32, glow: u32) {
    canvas.camera(0.0, 0.0, 1.0);
    canvas.backdrop(&[
        (0.0, rgb(0x070b24)),
        (0.4, rgb(0x1a2052)),
        (0.66, rgb(glow)),
    ]);
    stars(canvas, 120, 250.0, time);
}

fn moon(canvas: &mut Canvas, x: f32, y: f32, radius: f32) {
    canvas.glow(x, y, radius * 6.0, rgba(0xbfd0ff, 0.42));
    canvas.circle(x, y, radius, rgb(0xf6f2e0));
    for (dx, dy, size) in [
        (-0.35, -0.2, 0.22),
        (0.25, 0.3, 0.28),
        (0.3, -0.35, 0.14),
        (-0.2, 0.45, 0.12),
    ] {
        canvas.circle(
            x + dx * radius,
            y + dy * radius,
            size * radius,
            rgba(0xc9c8c4, 0.5),
        );
    }
}

fn towers(
    canvas: &mut Canvas,
    key: u32,
    foot: f32,
    tall: f32,
    color: Color,
    lights: f32,
    time: f32,
) {
    let mut x = -160.0;
    let mut number = 0u32;
    while x < WIDTH + 200.0 {
        let width = pick(key, number, 24.0, 58.0);
        let height = tall
            * pick(key + 1, number, 0.35, 1.0)
            * (0.55 + 0.45 * smooth(0.0, 380.0, (x - 20.0).min(900.0 - x)));
        canvas.rect(x, foot - height, width + 0.6, height, color);
        if pick(key + 2, number, 0.0, 1.0) > 0.6 {
            canvas.line(
                &[
                    (x + width / 2.0, foot - height),
                    (x + width / 2.0, foot - height - 18.0),
                ],
                1.6,
                color,
            );
            let blink = if (time * 1.1 + number as f32).fract() < 0.4 {
                0.9
            } else {
                0.15
            };
            canvas.circle(
                x + width / 2.0,
                foot - height - 18.0,
                1.7,
                rgba(0xff5a4a, blink),
            );
        }
        let (columns, rows) = ((width / 9.0) as u32, (height / 12.0) as u32);
        for column in 0..columns {
            for row in 0..rows {
                let window = key * 10_000 + number * 400 + column * 40 + row;
                if hash(window) < lights {
                    let hue = [0xffd27f, 0xffe9b8, 0xffb65c, 0xbfe0ff][(window % 4) as usize];
                    let steady = if hash(window + 5) > 0.9 {
                        noise(window, time * 1.5)
                    } else {
                        0.85
                    };
                    canvas.rect(
                        x + 4.0 + column as f32 * 9.0,
                        foot - height + 6.0 + row as f32 * 12.0,
                        4.4,
                        5.6,
                        rgba(hue, steady),
                    );
                }
            }
        }
        x += width + pick(key + 3, number, 0.0, 5.0);
        number += 1;
    }
}

fn wheel(canvas: &mut Canvas, x: f32, y: f32, radius: f32, time: f32) {
    let frame = rgb(0x8fa2d8);
    canvas.line(
        &[
            (x - radius * 0.55, y + radius * 1.2),
            (x, y),
            (x + radius * 0.55, y + radius * 1.2),
        ],
        3.4,
        rgb(0x4a568f),
    );
    let rim = |r: f32| -> Vec<(f32, f32)> {
        (0..=60)
            .map(|step| step as f32 / 60.0 * TAU)
            .map(|a| (x + r * a.cos(), y + r * a.sin()))
            .collect()
    };
    canvas.line(&rim(radius), 2.2, frame);
    canvas.line(&rim(radius * 0.86), 1.2, frame);
    let hues = [0xff6b8a, 0xffc857, 0x6be3c3, 0x7fb2ff, 0xd68bff];
    for spoke in 0..16usize {
        let angle = time * 0.42 + spoke as f32 / 16.0 * TAU;
        let (ex, ey) = (x + radius * angle.cos(), y + radius * angle.sin());
        canvas.line(&[(x, y), (ex, ey)], 1.0, rgba(0x8fa2d8, 0.6));
        let hue = hues[spoke % 5];
        canvas.glow(ex, ey, 17.0, rgba(hue, 0.8));
        canvas.round_rect(ex - 5.0, ey + 2.0, 10.0, 8.5, 2.5, rgb(hue));
        for bulb in 1..6usize {
            let out = bulb as f32 / 6.0;
            let lit = ((time * 2.4 - out * 2.0 + spoke as f32 * 0.125).fract() < 0.45) as u8 as f32;
            canvas.circle(
                x + radius * out * angle.cos(),
                y + radius * out * angle.sin(),
                1.7,
                rgba(hue, 0.35 + 0.65 * lit),
            );
        }
    }
    canvas.glow(x, y, 34.0, rgba(0xfff0c0, 0.8));
}

/// The city across the bay: towers, a wheel, cars on the bridge, all of it twice over in the water.
pub fn city(canvas: &mut Canvas, time: f32, length: f32) {
    let horizon = 318.0;
    night_sky(canvas, time, 0x6a4a86);
    let pan = 34.0 - 68.0 * time / length;
    moon(canvas, 150.0 + pan * 0.1, 56.0, 22.0);
    canvas.camera(pan * 0.35, 0.0, 1.0);
    towers(canvas, 101, horizon, 150.0, rgb(0x2c2f66), 0.22, time);
    canvas.camera(pan * 0.7, 0.0, 1.0);
    wheel(canvas, 655.0, 204.0, 92.0, time);
    towers(canvas, 141, horizon, 104.0, rgb(0x191c45), 0.4, time);
    canvas.camera(pan, 0.0, 1.0);
    let deck = horizon - 18.0;
    for mast in [120.0, 420.0] {
        canvas.rect(mast - 4.0, horizon - 128.0, 8.0, 128.0, rgb(0x10132f));
        canvas.circle(mast, horizon - 132.0, 3.0, rgb(0xff6a5a));
        canvas.glow(mast, horizon - 132.0, 18.0, rgba(0xff6a5a, 0.7));
    }
    for (from, to) in [(-180.0, 120.0), (120.0, 420.0), (420.0, 720.0)] {
        let sag =
            |share: f32| horizon - 124.0 + 96.0 * (1.0 - (2.0 * share - 1.0_f32).powi(2)).max(0.0);
        let cable: Vec<(f32, f32)> = (0..=30)
            .map(|step| step as f32 / 30.0)
            .map(|s| (from + (to - from) * s, sag(s)))
            .collect();
        canvas.line(&cable, 2.0, rgb(0x2a2f62));
        for (number, (x, y)) in cable.iter().enumerate() {
            if number % 2 == 0 {
                canvas.line(&[(*x, *y), (*x, deck)], 0.8, rgb(0x232858));
                canvas.circle(*x, *y, 1.5, rgb(0xfff0b8));
            }
        }
    }
    canvas.rect(-240.0, deck, 1300.0, 7.0, rgb(0x0e1130));
    for car in 0..26u32 {
        let right = car % 2 == 0;
        let way =
            (time * pick(105, car, 44.0, 80.0) + pick(106, car, 0.0, 1200.0)).rem_euclid(1200.0);
        let x = if right { way - 200.0 } else { 1000.0 - way };
        let hue = if right { 0xff5340 } else { 0xfff2c8 };
        canvas.glow(x, deck - 3.0, 10.0, rgba(hue, 0.9));
        canvas.round_rect(x - 4.0, deck - 4.5, 8.0, 3.0, 1.2, rgb(hue));
    }
    canvas.camera(0.0, 0.0, 1.0);
    canvas.water(horizon, rgb(0x3a2f6a), rgb(0x070b22), 0.8, 1.25, time);
}

/// Dancing under the lanterns.
pub fn festival(canvas: &mut Canvas, time: f32, length: f32) {
    canvas.camera(0.0, 0.0, 1.0);
    canvas.backdrop(&[
        (0.0, rgb(0x0e1238)),
        (0.5, rgb(0x3a2358)),
        (0.75, rgb(0x8a4658)),
    ]);
    stars(canvas, 60, 130.0, time);
    let push = 1.0 + 0.06 * time / length;
    canvas.camera(0.0, 0.0, push);
    row_of_houses(canvas, 9, -90.0, 960.0, 340.0, 1.05, 1.0);
    canvas.box_gradient(
        -100.0,
        334.0,
        1060.0,
        200.0,
        &[
            (0.0, rgb(0x4a2c44)),
            (0.5, rgb(0x6d4048)),
            (1.0, rgb(0x331f34)),
        ],
    );
    canvas.glow(427.0, 380.0, 430.0, rgba(0xffa24d, 0.42));
    for (number, (x, key)) in [(90.0, 71u32), (150.0, 72), (208.0, 73)]
        .into_iter()
        .enumerate()
    {
        let beat = (time * 8.0 + number as f32).sin();
        let mut player = Person::of(key).toned(rgb(0xffb36b), 0.18);
        player.stride = 0.25;
        player.phase = time * 4.0 + number as f32;
        player.arms = 0.42 + 0.1 * beat;
        player.basket = false;
        canvas.rect(x - 34.0, 366.0, 70.0, 16.0, rgb(0x3c2436));
        player.paint(canvas, x, 368.0, 1.1, 1.0);
        match number {
            0 => {
                canvas.oval(x + 18.0, 330.0, 17.0, 21.0, rgb(0xa8433a));
                canvas.oval(x + 18.0, 318.0, 17.0, 6.0, rgb(0xf3ead8));
            }
            1 => {
                let squeeze = 8.0 * beat;
                canvas.round_rect(x - 4.0, 302.0, 34.0 + squeeze, 22.0, 3.0, rgb(0x7d2f4a));
                for fold in 0..5 {
                    let at = x + 2.0 + fold as f32 * (6.0 + squeeze / 5.0);
                    canvas.line(&[(at, 303.0), (at, 323.0)], 1.2, rgb(0xf3c14f));
                }
            }
            _ => {
                canvas.placed(x + 12.0, 318.0, (1.0, 1.0), -28.0, |c| {
                    c.oval(-6.0, 0.0, 15.0, 11.0, rgb(0xb5713a));
                    c.circle(-4.0, 0.0, 3.6, rgb(0x3a2114));
                    c.rect(6.0, -2.0, 34.0, 4.0, rgb(0x5d3a24));
                });
            }
        }
    }
    let couples = [
        (330.0, 404.0, 1.25),
        (470.0, 388.0, 1.1),
        (590.0, 416.0, 1.35),
        (735.0, 396.0, 1.2),
        (430.0, 448.0, 1.55),
        (690.0, 456.0, 1.6),
    ];
    for (number, (x, y, size)) in couples.into_iter().enumerate() {
        let turn = time * 2.1 + number as f32 * 1.1;
        for half in 0..2u32 {
            let angle = turn + half as f32 * std::f32::consts::PI;
            let side = angle.cos();
            let mut dancer = Person::of(number as u32 * 2 + half + 120).toned(rgb(0xffa659), 0.2);
            dancer.phase = time * 8.2 + half as f32 * 2.0;
            dancer.stride = 0.8;
            dancer.arms = 0.62 + 0.3 * (time * 4.1 + number as f32).sin();
            dancer.basket = false;
            let hop = 7.0 * (time * 8.2 + number as f32).sin().max(0.0);
            dancer.paint(
                canvas,
                x + side * 23.0 * size,
                y + 4.0 * angle.sin() - hop,
                size,
                if side > 0.0 { -1.0 } else { 1.0 },
            );
        }
    }
    let colors = [0xff9a4a, 0xff6b6b, 0xffd05c, 0x8fd3c8];
    for line in 0..3u32 {
        let (left, right, top) = (-60.0, 920.0, 40.0 + line as f32 * 46.0);
        let at = |share: f32| {
            (
                left + (right - left) * share,
                top + 4.0 * share * (1.0 - share) * (70.0 + 14.0 * line as f32),
            )
        };
        let cord: Vec<(f32, f32)> = (0..=30).map(|step| at(step as f32 / 30.0)).collect();
        canvas.line(&cord, 1.3, rgb(0x2a1b30));
        for number in 0..9u32 {
            let (x, y) = at((number as f32 + 0.3 + 0.25 * line as f32) / 9.0);
            let sway = 3.5 * (time * 1.5 + number as f32 + line as f32).sin();
            lantern(
                canvas,
                x + sway,
                y + 18.0,
                0.75 + 0.2 * line as f32,
                rgb(colors[((number + line) % 4) as usize]),
                time,
                number + line * 20,
            );
        }
    }
    bunting(canvas, (-40.0, 196.0), (900.0, 186.0), 40.0, time, 0.35);
    for scrap in 0..70u32 {
        let fall = (time * pick(131, scrap, 0.1, 0.2) + hash(scrap + 900)).fract();
        let x = pick(132, scrap, 0.0, WIDTH) + 16.0 * (time * 2.0 + scrap as f32).sin();
        let hue = [0xffd05c, 0xff6b8a, 0x7fd6ff, 0xb9f08a][(scrap % 4) as usize];
        let flat = (time * 7.0 + scrap as f32).sin().abs() * 4.0 + 0.6;
        canvas.oval(x, 500.0 * fall - 10.0, 3.0, flat, rgba(hue, 0.85));
    }
}

/// When, where and how the rockets of [`fireworks`] burst: seconds, x, y, size, hue. The sound
/// follows the same list.
pub const BURSTS: [(f32, f32, f32, f32, u32); 13] = [
    (0.3, 260.0, 120.0, 0.9, 0xff7a5c),
    (1.2, 560.0, 92.0, 1.1, 0x7fc8ff),
    (1.9, 400.0, 150.0, 0.8, 0xffd76a),
    (2.5, 690.0, 130.0, 0.9, 0xd690ff),
    (3.0, 170.0, 90.0, 1.0, 0x8ff0b0),
    (3.7, 430.0, 80.0, 1.35, 0xffe3a8),
    (4.4, 620.0, 150.0, 0.8, 0xff6b9a),
    (4.8, 270.0, 140.0, 1.0, 0x7fe3ff),
    (5.5, 530.0, 100.0, 1.15, 0xffb05a),
    (6.0, 150.0, 130.0, 0.9, 0xff7ad0),
    (6.2, 720.0, 90.0, 1.0, 0x9fffb8),
    (6.5, 430.0, 95.0, 1.5, 0xfff0c0),
    (6.7, 300.0, 150.0, 0.9, 0xff8a5c),
];

fn burst(canvas: &mut Canvas, age: f32, x: f32, y: f32, size: f32, hue: u32, key: u32) {
    if age < 0.0 {
        let rise = (1.0 + age / 0.55).clamp(0.0, 1.0);
        if rise > 0.0 {
            let from = 314.0;
            let at = from + (y - from) * (1.0 - (1.0 - rise).powi(2));
            canvas.line(
                &[(x, at + 26.0 * (1.0 - rise)), (x, at)],
                2.0,
                rgba(0xffe0a0, 0.8),
            );
            canvas.glow(x, at, 13.0, rgba(0xfff0c8, 0.9));
        }
        return;
    }
    if age > 2.6 {
        return;
    }
    canvas.glow(x, y, 300.0 * size, rgba(hue, 0.8 * (-age * 2.6).exp()));
    let fade = (1.0 - age / 2.6).powf(1.1);
    let sparks = 120;
    for spark in 0..sparks {
        let angle = spark as f32 * 2.399_963 + key as f32;
        let lift = ((spark as f32 + 0.5) / sparks as f32).sqrt();
        let speed = 150.0 * size * lift * pick(key, spark, 0.9, 1.1);
        let spread = |a: f32| 1.0 - (-a * 1.9).exp();
        let at = |a: f32| {
            let reach = speed * spread(a);
            (
                x + reach * angle.cos(),
                y + reach * angle.sin() + 18.0 * a * a,
            )
        };
        let twinkle = if age > 1.3 {
            0.4 + 0.6 * noise(key * 100 + spark, age * 16.0)
        } else {
            1.0
        };
        // Every third spark of a big burst glows in a second hue.
        let base = if size > 1.05 && spark % 3 == 0 {
            mix(rgb(hue), rgb(0xff5c8a), 0.6)
        } else {
            rgb(hue)
        };
        let color = mix(base, rgb(0xffffff), (0.55 - age).max(0.0));
        for piece in 0..3 {
            let (from, to) = (
                age - 0.3 * (1.0 - piece as f32 / 3.0),
                age - 0.3 * (1.0 - (piece + 1) as f32 / 3.0),
            );
            let mut trail = color;
            trail.set_alpha(fade * (0.25 + 0.35 * piece as f32));
            canvas.light(|c| {
                c.line(
                    &[at(from.max(0.0)), at(to.max(0.0))],
                    1.6 + 0.5 * piece as f32,
                    trail,
                )
            });
        }
        let (ex, ey) = at(age);
        let mut head = color;
        head.set_alpha(fade * twinkle);
        canvas.light(|c| c.circle(ex, ey, 2.3 * fade + 0.6, head));
        if spark % 4 == 0 {
            head.set_alpha(0.55 * fade * twinkle);
            canvas.glow(ex, ey, 13.0, head);
        }
    }
}

/// Fireworks over the harbour.
pub fn fireworks(canvas: &mut Canvas, time: f32, _length: f32) {
    let horizon = 322.0;
    let blaze: f32 = BURSTS
        .iter()
        .map(|(at, ..)| {
            if time >= *at {
                (-(time - at) * 2.6).exp()
            } else {
                0.0
            }
        })
        .sum::<f32>()
        .min(1.6);
    canvas.camera(0.0, 0.0, 1.0);
    canvas.backdrop(&[
        (0.0, rgb(0x050818)),
        (0.45, rgb(0x141a42)),
        (0.7, mix(rgb(0x2c2a5c), rgb(0x7a5a86), blaze * 0.5)),
    ]);
    stars(canvas, 80, 240.0, time);
    for (number, (at, x, y, size, hue)) in BURSTS.into_iter().enumerate() {
        burst(canvas, time - at, x, y, size, hue, number as u32 + 1);
    }
    let ink = mix(rgb(0x0a0d22), rgb(0x3a2f52), blaze * 0.25);
    canvas.land(horizon, ink, ink, |x| {
        horizon
            - 74.0 * ridge(151, x / 190.0) * smooth(520.0, 860.0, x)
            - 40.0 * ridge(155, x / 120.0) * smooth(330.0, 0.0, x)
    });
    towers(canvas, 161, horizon, 64.0, ink, 0.3, time);
    canvas.water(horizon, rgb(0x1c1d48), rgb(0x04060f), 0.82, 1.2, time);
    canvas.camera(0.0, 0.0, 1.0);
    let shade = mix(rgb(0x05060f), rgb(0x2a1f38), blaze * 0.3);
    canvas.rect(0.0, 466.0, WIDTH, 40.0, shade);
    for viewer in 0..22u32 {
        let mut person = Person::of(viewer + 300).toned(shade, 0.88 - 0.16 * blaze);
        person.stride = 0.0;
        person.basket = false;
        let cheer = ((time * 1.1 + hash(viewer) * 5.0).sin() - 0.25).max(0.0);
        person.arms = if viewer % 3 == 0 { cheer.min(1.0) } else { 0.0 };
        person.paint(
            canvas,
            14.0 + viewer as f32 * 39.5 + pick(171, viewer, -9.0, 9.0),
            528.0 + pick(172, viewer, 0.0, 16.0),
            pick(173, viewer, 1.05, 1.35),
            1.0,
        );
    }
}

/// Paper lanterns drift out under the moon.
pub fn lanterns_afloat(canvas: &mut Canvas, time: f32, length: f32) {
    let horizon = 210.0;
    let share = time / length;
    night_sky(canvas, time, 0x3c4684);
    canvas.camera(0.0, 10.0 * share, 1.0);
    moon(canvas, 600.0, 96.0, 40.0);
    for strip in 0..5u32 {
        streak(
            canvas,
            pick(181, strip, 0.0, 854.0) + time * 5.0,
            pick(182, strip, 70.0, 180.0),
            pick(183, strip, 160.0, 340.0),
            7.0,
            rgba(0x6a74b8, 0.4),
        );
    }
    for (key, tall, color) in [(185, 64.0, 0x2a3168), (188, 34.0, 0x191e48)] {
        canvas.land(horizon + 12.0, rgb(color), rgb(color), |x| {
            horizon - tall * ridge(key, x / 200.0)
        });
    }
    canvas.camera(0.0, 0.0, 1.0);
    canvas.water(
        horizon + 10.0 * share,
        rgb(0x39407e),
        rgb(0x060a22),
        0.72,
        1.0,
        time,
    );
    let mut boats: Vec<(f32, f32, u32)> = (0..34u32)
        .map(|number| {
            let depth = hash(number + 700) * 0.96 + 0.04;
            let x = pick(191, number, -80.0, 900.0) + (time - 3.0) * (6.0 + 22.0 * depth);
            (depth, x, number)
        })
        .collect();
    boats.sort_by(|a, b| a.0.total_cmp(&b.0));
    for (depth, x, number) in boats {
        let size = 0.16 + 1.25 * depth * depth;
        let y = horizon
            + 14.0
            + 240.0 * depth * depth
            + 2.5 * size * (time * 1.6 + number as f32).sin();
        let hue = [0xffa94d, 0xffc56b, 0xff8a66, 0xffd98a][(number % 4) as usize];
        let flicker = 0.82 + 0.18 * noise(number + 40, time * 4.0);
        canvas.glow(x, y - 14.0 * size, 88.0 * size, rgba(hue, 0.5 * flicker));
        for glimmer in 0..6u32 {
            let gy = y + (10.0 + glimmer as f32 * 11.0) * size;
            let wobble = 5.0 * size * (time * 3.0 + glimmer as f32 * 1.4 + number as f32).sin();
            canvas.light(|c| {
                c.oval(
                    x + wobble,
                    gy,
                    (15.0 - glimmer as f32 * 1.8) * size,
                    2.2 * size,
                    rgba(hue, 0.5 * flicker * (1.0 - glimmer as f32 / 6.0)),
                )
            });
        }
        canvas.polygon(
            &[
                (x - 20.0 * size, y),
                (x + 20.0 * size, y),
                (x + 13.0 * size, y + 7.0 * size),
                (x - 13.0 * size, y + 7.0 * size),
            ],
            rgb(0x4a2a22),
        );
        canvas.round_rect(
            x - 12.0 * size,
            y - 32.0 * size,
            24.0 * size,
            32.0 * size,
            3.0 * size,
            mix(rgb(hue), rgb(0xfff2cc), 0.25 * flicker),
        );
        canvas.oval(
            x,
            y - 12.0 * size,
            7.0 * size,
            11.0 * size,
            rgba(0xfffae6, 0.85 * flicker),
        );
        for bar in [-12.0, 0.0, 12.0] {
            canvas.line(
                &[(x + bar * size, y - 32.0 * size), (x + bar * size, y)],
                1.1 * size,
                rgba(0x6a3a22, 0.6),
            );
        }
    }
}

/// A card: what it says, in which colours.
fn card(canvas: &mut Canvas, time: f32, length: f32, sky: [u32; 3], title: &str, below: &str) {
    canvas.camera(0.0, 0.0, 1.0);
    canvas.backdrop(&[(0.0, rgb(sky[0])), (0.55, rgb(sky[1])), (1.0, rgb(sky[2]))]);
    for wave in 0..4u32 {
        let y = 368.0 + wave as f32 * 30.0;
        let color = mix(rgb(sky[2]), rgb(sky[0]), 0.35 + 0.18 * wave as f32);
        canvas.land(HEIGHT + 10.0, color, color, |x| {
            y + 9.0
                * ((x + time * (20.0 + 16.0 * wave as f32)) / (74.0 + 18.0 * wave as f32)
                    + wave as f32 * 2.0)
                    .sin()
        });
    }
    let shown = smooth(0.0, 0.7, time) * (1.0 - smooth(length - 0.35, length, time));
    let rise = 14.0 * (1.0 - smooth(0.0, 0.8, time));
    canvas.text(
        title,
        WIDTH / 2.0,
        226.0 + rise,
        58.0,
        1.0 + 0.7 * time / length,
        rgba(0xfffaf0, shown),
    );
    let line = 74.0 * smooth(0.25, 1.1, time);
    canvas.line(
        &[(WIDTH / 2.0 - line, 252.0), (WIDTH / 2.0 + line, 252.0)],
        2.0,
        rgba(0xfffaf0, shown * 0.8),
    );
    canvas.text(
        below,
        WIDTH / 2.0,
        288.0 - rise * 0.5,
        21.0,
        2.2,
        rgba(0xfffaf0, shown * 0.92),
    );
}

pub fn opening(canvas: &mut Canvas, time: f32, length: f32) {
    card(
        canvas,
        time,
        length,
        [0x2a2a5e, 0xa8567a, 0xf2a070],
        "A Day at the Harbour",
        "one film, many summaries",
    );
}

pub fn market_card(canvas: &mut Canvas, time: f32, length: f32) {
    card(
        canvas,
        time,
        length,
        [0x1f8a8c, 0x4fb3a2, 0xf3d08a],
        "The Market",
        "ten in the morning",
    );
}

pub fn night_card(canvas: &mut Canvas, time: f32, length: f32) {
    card(
        canvas,
        time,
        length,
        [0x0b1030, 0x2c2a66, 0x6a4a86],
        "After Dark",
        "the whole town is out",
    );
}

pub fn ending(canvas: &mut Canvas, time: f32, length: f32) {
    card(
        canvas,
        time,
        length,
        [0x060a20, 0x16204c, 0x3c4684],
        "Good Night",
        "until tomorrow",
    );
}
