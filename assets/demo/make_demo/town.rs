//! Scenes ashore by day: the market, its fruit, the quay, rain on a window.

use std::f32::consts::TAU;

use tiny_skia::Color;

use crate::paint::{Canvas, HEIGHT, WIDTH, hash, mix, noise, pick, rgb, rgba, shape, smooth};
use crate::props::{Person, bunting, cloud, gull, house, sailing_boat};

const WALLS: [u32; 8] = [
    0xe9a36b, 0xf0d9a8, 0x8fb7a8, 0xd97f6e, 0xf3ead8, 0x9fb3cc, 0xe6c15f, 0xc98a9c,
];

/// A row of houses from `from` to `to`, feet at `y`.
pub fn row_of_houses(
    canvas: &mut Canvas,
    key: u32,
    from: f32,
    to: f32,
    y: f32,
    size: f32,
    night: f32,
) {
    let mut x = from;
    let mut number = 0;
    while x < to {
        let width = pick(key, number, 62.0, 104.0) * size;
        let height = pick(key + 1, number, 108.0, 176.0) * size;
        let wall = rgb(WALLS[((key + number * 3) % 8) as usize]);
        house(canvas, key * 100 + number, x, y, width, height, wall, night);
        x += width;
        number += 1;
    }
}

fn stall(canvas: &mut Canvas, key: u32, x: f32, y: f32, time: f32) {
    let pairs = [
        (0xd9483b, 0xfff4e2),
        (0x2f7f86, 0xfff4e2),
        (0xe9a93a, 0xfff7e6),
        (0x5a73b8, 0xf7f2ff),
    ];
    let (strong, pale) = pairs[(key % 4) as usize];
    let wood = rgb(0x8a5f3c);
    let width = 176.0;
    for post in [x + 8.0, x + width - 12.0] {
        canvas.rect(post, y - 142.0, 5.0, 142.0, mix(wood, rgb(0x2a1c12), 0.3));
    }
    canvas.rect(x + 6.0, y - 132.0, width - 12.0, 86.0, rgba(0x3a2430, 0.35));
    Person {
        arms: 0.15 + 0.2 * (time * 1.4 + key as f32).sin().max(0.0),
        stride: 0.0,
        basket: false,
        ..Person::of(key + 30)
    }
    .paint(
        canvas,
        x + 60.0 + 14.0 * (time * 0.7 + key as f32).sin(),
        y - 12.0,
        1.08,
        1.0,
    );
    canvas.rect(x, y - 56.0, width, 56.0, wood);
    for plank in 1..6 {
        canvas.line(
            &[
                (x + plank as f32 * width / 6.0, y - 44.0),
                (x + plank as f32 * width / 6.0, y),
            ],
            1.2,
            rgba(0x2a1c12, 0.45),
        );
    }
    for crate_number in 0..4u32 {
        let left = x + 4.0 + crate_number as f32 * 43.0;
        canvas.polygon(
            &[
                (left, y - 46.0),
                (left + 40.0, y - 46.0),
                (left + 37.0, y - 62.0),
                (left + 3.0, y - 62.0),
            ],
            mix(wood, rgb(0xffe0b0), 0.35),
        );
        let produce = [0xe8842c, 0xd23f3a, 0x7da453, 0xf1cf45, 0x7a4a86]
            [((key + crate_number * 2) % 5) as usize];
        for fruit in 0..9u32 {
            let (fx, fy) = (
                left + 6.0 + (fruit % 5) as f32 * 7.0 + (fruit / 5) as f32 * 3.5,
                y - 64.0 - (fruit / 5) as f32 * 5.5,
            );
            canvas.circle(
                fx,
                fy,
                4.6,
                mix(rgb(produce), rgb(0x301010), 0.12 + 0.1 * hash(fruit)),
            );
            canvas.circle(fx - 1.3, fy - 1.5, 1.4, rgba(0xffffff, 0.55));
        }
        canvas.rect(left, y - 50.0, 40.0, 6.0, mix(wood, rgb(0xffe0b0), 0.15));
    }
    let stripes = 11;
    for stripe in 0..stripes {
        let share = |number: usize| number as f32 / stripes as f32;
        let (a, b) = (share(stripe), share(stripe + 1));
        let color = rgb(if stripe % 2 == 0 { strong } else { pale });
        let top = |s: f32| x + 16.0 + s * (width - 32.0);
        let low = |s: f32| x - 12.0 + s * (width + 24.0);
        canvas.polygon(
            &[
                (top(a), y - 168.0),
                (top(b), y - 168.0),
                (low(b), y - 128.0),
                (low(a), y - 128.0),
            ],
            color,
        );
        let breeze = 1.5 * (time * 2.4 + stripe as f32 * 0.6 + key as f32).sin();
        let scallop = shape(|p| {
            p.move_to(low(a), y - 128.5);
            p.line_to(low(b), y - 128.5);
            p.line_to(low(b), y - 120.0 + breeze);
            p.quad_to(
                low((a + b) / 2.0),
                y - 108.0 + breeze * 1.5,
                low(a),
                y - 120.0 + breeze,
            );
            p.close();
        });
        canvas.fill_maybe(scallop, mix(color, rgb(0x402020), 0.14));
    }
    canvas.rect(x - 12.0, y - 129.5, width + 24.0, 2.0, rgba(0x402020, 0.25));
}

fn street(canvas: &mut Canvas, y: f32, light: Color, dark: Color) {
    canvas.box_gradient(
        -300.0,
        y,
        WIDTH + 700.0,
        HEIGHT - y + 60.0,
        &[(0.0, dark), (1.0, light)],
    );
    for row in 0..9u32 {
        let share = row as f32 / 9.0;
        let at = y + (HEIGHT + 40.0 - y) * share * share + 3.0;
        let width = 20.0 + 52.0 * share;
        let mut x = -300.0 - (row % 2) as f32 * width / 2.0;
        while x < WIDTH + 400.0 {
            canvas.round_rect(
                x,
                at,
                width * 0.86,
                3.0 + 13.0 * share,
                3.0 + 3.0 * share,
                rgba(0x6b5646, 0.1 + 0.08 * hash((x as i32 as u32) ^ row)),
            );
            x += width;
        }
    }
}

/// The market from end to end: awnings, shoppers, flags.
pub fn market(canvas: &mut Canvas, time: f32, length: f32) {
    canvas.camera(0.0, 0.0, 1.0);
    canvas.backdrop(&[
        (0.0, rgb(0x69b4dd)),
        (0.5, rgb(0xc9e8ec)),
        (0.7, rgb(0xfbf0d4)),
    ]);
    let pan = 40.0 - 330.0 * smooth(-0.1, 1.1, time / length);
    canvas.camera(pan * 0.2, 0.0, 1.0);
    for number in 0..4u32 {
        cloud(
            canvas,
            number + 12,
            60.0 + number as f32 * 290.0,
            pick(13, number, 60.0, 120.0),
            0.8,
            rgb(0xffffff),
            rgb(0xd8e9ee),
        );
    }
    canvas.camera(pan * 0.5, 0.0, 1.0);
    row_of_houses(canvas, 3, -80.0, 1250.0, 330.0, 1.12, 0.0);
    canvas.rect(-200.0, 120.0, 1600.0, 214.0, rgba(0xfbeacb, 0.22));
    canvas.camera(pan * 0.8, 0.0, 1.0);
    street(canvas, 322.0, rgb(0xe8d3b0), rgb(0xc9ae8a));
    for walker in 0..5u32 {
        let facing = if walker % 2 == 0 { 1.0 } else { -1.0 };
        let x = walker as f32 * 230.0 + 40.0 + facing * time * 24.0;
        let mut person = Person::of(walker + 3).toned(rgb(0xf6e3c0), 0.22);
        person.phase += time * 5.2;
        person.paint(canvas, x, 350.0, 0.85, facing);
    }
    canvas.camera(pan, 0.0, 1.0);
    for number in 0..6u32 {
        stall(
            canvas,
            number + 1,
            number as f32 * 222.0 - 60.0,
            400.0,
            time,
        );
    }
    bunting(canvas, (-120.0, 120.0), (430.0, 150.0), 52.0, time, 0.0);
    bunting(canvas, (430.0, 150.0), (980.0, 112.0), 60.0, time, 0.0);
    bunting(canvas, (980.0, 112.0), (1500.0, 150.0), 50.0, time, 0.0);
    canvas.camera(pan * 1.35, 0.0, 1.0);
    for walker in 0..7u32 {
        let facing = if walker % 3 == 0 { -1.0 } else { 1.0 };
        let x = walker as f32 * 215.0 - 90.0 + facing * time * 42.0;
        let mut person = Person::of(walker + 11);
        person.phase += time * 6.0;
        person.paint(canvas, x, 462.0 + (walker % 2) as f32 * 14.0, 1.5, facing);
    }
}

/// Fruit so close that it fills the picture.
pub fn fruit(canvas: &mut Canvas, time: f32, length: f32) {
    let share = time / length;
    canvas.camera(0.0, 0.0, 1.0);
    canvas.backdrop(&[(0.0, rgb(0x5d3a24)), (1.0, rgb(0x2c1a10))]);
    canvas.camera(
        150.0 - 300.0 * smooth(-0.15, 1.15, share),
        -8.0,
        1.0 + 0.05 * share,
    );
    let kinds: [(u32, u32, f32, f32); 4] = [
        (0xffb347, 0xc4560c, 47.0, 1.0),
        (0xfff27a, 0xd29a12, 42.0, 1.32),
        (0xff7a62, 0x8f1420, 49.0, 1.0),
        (0xcdf08a, 0x4c8a2a, 41.0, 1.0),
    ];
    for (bin, (light, dark, radius, stretch)) in kinds.into_iter().enumerate() {
        let left = -190.0 + bin as f32 * 316.0;
        canvas.rect(left, 30.0, 306.0, 420.0, rgb(0x3d2415));
        for row in 0..6u32 {
            for column in 0..5u32 {
                let key = bin as u32 * 100 + row * 10 + column;
                let x = left
                    + 22.0
                    + column as f32 * 66.0
                    + (row % 2) as f32 * 31.0
                    + pick(81, key, -5.0, 5.0);
                let y = 62.0 + row as f32 * 66.0 + pick(82, key, -5.0, 5.0);
                let tint = pick(83, key, -0.12, 0.16);
                let (pale, deep) = (
                    mix(rgb(light), rgb(0xffffff), tint.max(0.0)),
                    mix(rgb(dark), rgb(0x000000), (-tint).max(0.0) * 2.0),
                );
                canvas.oval(
                    x + 4.0,
                    y + 9.0,
                    radius * 0.98,
                    radius * 0.96,
                    rgba(0x140804, 0.45),
                );
                let turn = pick(84, key, -40.0, 40.0);
                canvas.placed(
                    x,
                    y,
                    (0.82 * stretch.sqrt(), 0.82 / stretch.sqrt()),
                    if stretch > 1.0 { turn } else { 0.0 },
                    |c| {
                        c.ball(0.0, 0.0, radius, pale, deep);
                    },
                );
                canvas.oval(
                    x - radius * 0.26,
                    y - radius * 0.3,
                    radius * 0.19,
                    radius * 0.12,
                    rgba(0xffffff, 0.6),
                );
                if bin == 0 || bin == 2 {
                    canvas.circle(x + 5.0, y - 3.0, 2.6, mix(deep, rgb(0x1c2a10), 0.5));
                }
                if bin == 2 || (bin == 0 && key.is_multiple_of(4)) {
                    canvas.placed(x + 6.0, y - 6.0, (1.0, 1.0), -30.0 + turn, |c| {
                        c.oval(10.0, 0.0, 12.0, 4.6, rgb(0x5f9a3c))
                    });
                }
                let glint = (time * 2.2 + key as f32 * 1.3).sin();
                if glint > 0.72 {
                    canvas.glow(
                        x - radius * 0.26,
                        y - radius * 0.3,
                        20.0,
                        rgba(0xffffff, (glint - 0.72) * 2.6),
                    );
                }
            }
        }
        for side in [left - 8.0, left + 298.0] {
            canvas.rect(side, 20.0, 18.0, 450.0, rgb(0xa8763f));
            canvas.rect(side + 13.0, 20.0, 5.0, 450.0, rgb(0x7c5129));
        }
    }
    canvas.rect(-260.0, -30.0, 1400.0, 60.0, rgb(0xb98449));
    canvas.rect(-260.0, 24.0, 1400.0, 7.0, rgb(0x7c5129));
    canvas.rect(-260.0, 432.0, 1400.0, 90.0, rgb(0xb98449));
    canvas.rect(-260.0, 432.0, 1400.0, 6.0, rgb(0xd5a566));
    let tags = [
        ("oranges", 96.0),
        ("lemons", 412.0),
        ("apples", 728.0),
        ("limes", 1044.0),
    ];
    for (number, (words, x)) in tags.into_iter().enumerate() {
        canvas.placed(
            x - 136.0,
            440.0,
            (1.0, 1.0),
            3.0 * (time * 1.8 + number as f32).sin(),
            |c| {
                c.round_rect(-62.0, -12.0, 124.0, 42.0, 6.0, rgb(0x2e4238));
                c.round_rect(-58.0, -8.0, 116.0, 34.0, 4.0, rgb(0x3b5548));
                c.text(words, 0.0, 17.0, 25.0, 0.5, rgb(0xfdf6e3));
            },
        );
    }
    canvas.camera(0.0, 0.0, 1.0);
    canvas.glow(120.0, -20.0, 520.0, rgba(0xffdca0, 0.34));
}

/// People along the quay, houses behind, boats between.
pub fn quay(canvas: &mut Canvas, time: f32, length: f32) {
    let share = time / length;
    canvas.camera(0.0, 0.0, 1.0);
    canvas.backdrop(&[
        (0.0, rgb(0x4d9fd6)),
        (0.4, rgb(0xb5deea)),
        (0.5, rgb(0xfaf0d8)),
    ]);
    let pan = -60.0 + 110.0 * share;
    canvas.camera(pan * 0.3, 0.0, 1.0);
    for number in 0..4u32 {
        cloud(
            canvas,
            number + 22,
            number as f32 * 280.0,
            pick(23, number, 50.0, 100.0),
            0.9,
            rgb(0xffffff),
            rgb(0xd6e8ef),
        );
    }
    canvas.camera(pan * 0.6, 0.0, 1.0);
    row_of_houses(canvas, 6, -140.0, 1020.0, 268.0, 0.94, 0.0);
    canvas.rect(-200.0, 262.0, 1300.0, 12.0, rgb(0xb39b82));
    for (x, size, sail, hull) in [
        (130.0, 0.72, 0xfff6e6, 0x2b4f86),
        (455.0, 0.85, 0xf7d9a0, 0xa8433a),
        (760.0, 0.66, 0xffffff, 0x2f6f5a),
    ] {
        sailing_boat(
            canvas,
            x,
            276.0 + 2.0 * (time * 1.5 + x).sin(),
            size,
            1.6 * (time * 1.2 + x).sin(),
            rgb(sail),
            rgb(hull),
        );
    }
    canvas.camera(0.0, 0.0, 1.0);
    canvas.water(278.0, rgb(0xa9d0d2), rgb(0x2a7a8e), 0.62, 0.75, time);
    canvas.camera(pan, 0.0, 1.0);
    street(canvas, 372.0, rgb(0xdcc7a6), rgb(0xbfa587));
    canvas.rect(-300.0, 366.0, 1500.0, 9.0, rgb(0x8d7560));
    for post in 0..9 {
        let x = -120.0 + post as f32 * 138.0;
        canvas.round_rect(x, 344.0, 17.0, 30.0, 5.0, rgb(0x3f434f));
        canvas.oval(x + 8.5, 345.0, 11.0, 4.0, rgb(0x565b69));
    }
    for walker in 0..9u32 {
        let facing = if walker % 2 == 0 { 1.0 } else { -1.0 };
        let pace = pick(24, walker, 34.0, 66.0);
        let x = pick(25, walker, -60.0, 900.0) + facing * (time - length / 2.0) * pace;
        let depth = walker as f32 / 8.0;
        let mut person = Person::of(walker + 60);
        person.phase += time * pace / 8.5;
        person.paint(canvas, x, 396.0 + 66.0 * depth, 1.1 + 0.55 * depth, facing);
    }
    for bird in 0..3u32 {
        let phase = time * 6.0 + bird as f32 * 2.0;
        gull(
            canvas,
            140.0 + bird as f32 * 210.0 + time * 38.0,
            92.0 + 26.0 * (time + bird as f32 * 2.0).sin(),
            0.5,
            phase.sin(),
            6.0,
            rgb(0xffffff),
            rgb(0x55627a),
        );
    }
}

/// Rain runs down a window; behind it the lamps of the harbour, before it a cup of tea.
pub fn rain_window(canvas: &mut Canvas, time: f32, length: f32) {
    canvas.camera(0.0, 0.0, 1.0);
    canvas.backdrop(&[
        (0.0, rgb(0x2b3a55)),
        (0.55, rgb(0x53627c)),
        (1.0, rgb(0x2a3248)),
    ]);
    let drift = 26.0 * (time / length - 0.5);
    canvas.camera(drift * 0.5, 0.0, 1.05);
    for spot in 0..30u32 {
        let warm = [0xffc46b, 0xff8e5a, 0xffe3a3, 0x8fc7e8, 0xf06a6a][(spot % 5) as usize];
        let x = pick(33, spot, -20.0, 880.0) + if spot % 6 == 0 { time * 26.0 } else { 0.0 };
        let y = pick(34, spot, 150.0, 340.0);
        let radius = pick(35, spot, 14.0, 46.0);
        let alpha = pick(36, spot, 0.16, 0.42) * (0.85 + 0.15 * noise(spot, time * 2.0));
        canvas.light(|c| {
            c.circle(x, y, radius, rgba(warm, alpha));
            c.circle(x, y, radius * 0.86, rgba(warm, alpha * 0.35));
        });
    }
    canvas.camera(0.0, 0.0, 1.0);
    for drop in 0..150u32 {
        let (x, y) = (pick(37, drop, 0.0, WIDTH), pick(38, drop, 0.0, HEIGHT));
        water_drop(canvas, x, y, pick(39, drop, 1.2, 4.2));
    }
    for run in 0..20u32 {
        let pace = pick(44, run, 0.12, 0.34);
        let fall = (time * pace + hash(run + 70)).fract();
        // A running drop halts and goes on.
        let eased = fall + 0.035 * (fall * 34.0).sin();
        let x0 = pick(45, run, 10.0, WIDTH - 10.0);
        let path = |y: f32| x0 + 7.0 * (noise(run + 80, y / 60.0) - 0.5) * 2.0;
        let y = -40.0 + 560.0 * eased;
        let size = pick(46, run, 3.6, 7.0);
        let trail: Vec<(f32, f32)> = (0..16)
            .map(|step| (path(y - step as f32 * 11.0), y - step as f32 * 11.0))
            .collect();
        canvas.line(&trail, size * 0.75, rgba(0xc9d9ea, 0.13));
        for bead in 1..6u32 {
            let by = y - bead as f32 * 27.0;
            water_drop(
                canvas,
                path(by) + pick(47, run * 10 + bead, -2.0, 2.0),
                by,
                size * 0.34,
            );
        }
        water_drop(canvas, path(y), y, size);
    }
    let frame = rgb(0x33231d);
    canvas.rect(0.0, 0.0, 26.0, HEIGHT, frame);
    canvas.rect(WIDTH - 26.0, 0.0, 26.0, HEIGHT, frame);
    canvas.rect(0.0, 0.0, WIDTH, 20.0, frame);
    canvas.rect(421.0, 0.0, 13.0, 420.0, frame);
    canvas.rect(419.0, 0.0, 3.0, 420.0, rgb(0x4d372d));
    canvas.box_gradient(
        0.0,
        404.0,
        WIDTH,
        76.0,
        &[
            (0.0, rgb(0x6b4a38)),
            (0.14, rgb(0x4a3227)),
            (1.0, rgb(0x2a1b15)),
        ],
    );
    cup(canvas, 640.0, 446.0, time);
    books(canvas, 120.0, 446.0);
    let flame = 0.85 + 0.15 * noise(7, time * 7.0);
    canvas.round_rect(300.0, 396.0, 26.0, 50.0, 4.0, rgb(0xf0e2c8));
    canvas.glow(313.0, 380.0, 190.0, rgba(0xffb45a, 0.5 * flame));
    canvas.oval(
        313.0 + (noise(8, time * 4.0) - 0.5) * 3.0,
        381.0,
        5.0,
        14.0 * flame,
        rgb(0xffd98a),
    );
    canvas.oval(313.0, 386.0, 2.8, 7.0, rgb(0xfff7dc));
}

fn water_drop(canvas: &mut Canvas, x: f32, y: f32, radius: f32) {
    canvas.oval(x, y, radius, radius * 1.18, rgba(0x101a2c, 0.28));
    canvas.oval(
        x,
        y + radius * 0.34,
        radius * 0.72,
        radius * 0.66,
        rgba(0xdcebfa, 0.34),
    );
    canvas.circle(
        x - radius * 0.32,
        y - radius * 0.42,
        radius * 0.26,
        rgba(0xffffff, 0.85),
    );
}

fn cup(canvas: &mut Canvas, x: f32, y: f32, time: f32) {
    canvas.oval(x, y, 74.0, 9.0, rgb(0xe7ddcf));
    canvas.oval(x, y - 2.0, 52.0, 6.0, rgb(0xc9bbaa));
    let handle: Vec<(f32, f32)> = (0..=14)
        .map(|step| {
            let angle = -1.3 + step as f32 * 2.6 / 14.0;
            (x + 40.0 + 20.0 * angle.cos(), y - 36.0 + 17.0 * angle.sin())
        })
        .collect();
    canvas.line(&handle, 7.0, rgb(0x3f8a8c));
    let bowl = shape(|p| {
        p.move_to(x - 48.0, y - 66.0);
        p.line_to(x + 48.0, y - 66.0);
        p.quad_to(x + 44.0, y - 10.0, x + 20.0, y - 4.0);
        p.line_to(x - 20.0, y - 4.0);
        p.quad_to(x - 44.0, y - 10.0, x - 48.0, y - 66.0);
        p.close();
    });
    canvas.fill_maybe(bowl, rgb(0x4a9b9c));
    canvas.polygon(
        &[
            (x + 22.0, y - 66.0),
            (x + 44.0, y - 66.0),
            (x + 30.0, y - 16.0),
            (x + 14.0, y - 6.0),
        ],
        rgba(0x1c4f58, 0.4),
    );
    canvas.oval(x, y - 66.0, 48.0, 8.0, rgb(0x7cc0bd));
    canvas.oval(x, y - 65.0, 42.0, 6.0, rgb(0x8a4a22));
    for wisp in 0..4u32 {
        let points: Vec<(f32, f32)> = (0..=20)
            .map(|step| {
                let up = step as f32 / 20.0;
                let sway = (up * TAU * 0.9 - time * 1.6 + wisp as f32 * 1.9).sin() * 15.0 * up;
                (x - 24.0 + wisp as f32 * 16.0 + sway, y - 74.0 - up * 130.0)
            })
            .collect();
        for piece in points.windows(2).enumerate() {
            let up = piece.0 as f32 / 20.0;
            canvas.line(piece.1, 7.0 + 8.0 * up, rgba(0xf2f5fa, 0.12 * (1.0 - up)));
        }
    }
}

fn books(canvas: &mut Canvas, x: f32, y: f32) {
    for (number, (width, color)) in [(150.0, 0x7d3f3f), (132.0, 0xc29a4e), (140.0, 0x3f5f7d)]
        .into_iter()
        .enumerate()
    {
        let top = y - 20.0 * (number + 1) as f32;
        let left = x - width / 2.0 + number as f32 * 5.0;
        canvas.round_rect(left, top, width, 19.0, 3.0, rgb(color));
        canvas.rect(left + width - 14.0, top + 3.0, 12.0, 13.0, rgb(0xf3ead8));
        canvas.rect(left + 12.0, top, 4.0, 19.0, rgba(0xfff0c8, 0.5));
    }
}
