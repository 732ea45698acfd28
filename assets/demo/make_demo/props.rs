//! Things that stand in more than one scene: clouds, gulls, boats, houses, people, lamps.

use tiny_skia::Color;

use crate::paint::{Canvas, mix, noise, pick, rgb, rgba, shape};

/// A heaped cloud about 160 wide at `size` 1, lit from above.
pub fn cloud(canvas: &mut Canvas, key: u32, x: f32, y: f32, size: f32, lit: Color, shade: Color) {
    let puffs = 9;
    for (layer, color) in [(0u32, shade), (1, lit)] {
        for puff in 0..puffs {
            let share = puff as f32 / (puffs - 1) as f32;
            let hump = (share * std::f32::consts::PI).sin();
            let radius = (10.0 + 26.0 * hump * pick(key, puff, 0.6, 1.1)) * size;
            let lift = if layer == 1 { 5.0 * size } else { 0.0 };
            let centre_y =
                y - radius * 0.55 - 10.0 * hump * size * pick(key, puff + 50, 0.0, 1.4) - lift;
            canvas.oval(
                x + (share - 0.5) * 150.0 * size,
                centre_y,
                radius * 1.25,
                radius * if layer == 1 { 0.86 } else { 0.95 },
                color,
            );
        }
    }
}

/// Long, thin clouds near the horizon.
pub fn streak(canvas: &mut Canvas, x: f32, y: f32, width: f32, height: f32, color: Color) {
    let path = shape(|p| {
        p.move_to(x - width / 2.0, y);
        p.cubic_to(
            x - width * 0.2,
            y - height * 1.6,
            x + width * 0.1,
            y - height * 0.4,
            x + width / 2.0,
            y,
        );
        p.cubic_to(
            x + width * 0.2,
            y + height * 0.9,
            x - width * 0.2,
            y + height * 0.7,
            x - width / 2.0,
            y,
        );
        p.close();
    });
    canvas.fill_maybe(path, color);
}

/// A gull with a span of 100 at `size` 1; `flap` runs from -1 (wings down) to 1 (up).
#[expect(
    clippy::too_many_arguments,
    reason = "a drawing's parameters, each used once"
)]
pub fn gull(
    canvas: &mut Canvas,
    x: f32,
    y: f32,
    size: f32,
    flap: f32,
    bank: f32,
    body: Color,
    tips: Color,
) {
    canvas.placed(x, y, (size, size), bank, |canvas| {
        for side in [-1.0, 1.0] {
            let wing = |tip_x: f32, thick: f32| {
                shape(|p| {
                    p.move_to(0.0, -2.0);
                    p.quad_to(
                        side * 16.0,
                        -10.0 - 14.0 * flap,
                        side * 28.0,
                        -6.0 - 16.0 * flap,
                    );
                    p.quad_to(
                        side * 40.0,
                        -4.0 - 14.0 * flap,
                        side * tip_x,
                        4.0 - 18.0 * flap,
                    );
                    p.quad_to(
                        side * 38.0,
                        -4.0 - 10.0 * flap + thick,
                        side * 27.0,
                        -1.0 - 11.0 * flap + thick,
                    );
                    p.quad_to(side * 14.0, 1.0 - 5.0 * flap + thick, 0.0, 4.0);
                    p.close();
                })
            };
            canvas.fill_maybe(wing(50.0, 2.5), body);
            let tip = shape(|p| {
                p.move_to(side * 36.0, -5.0 - 14.5 * flap);
                p.quad_to(
                    side * 44.0,
                    -2.0 - 16.0 * flap,
                    side * 50.0,
                    4.0 - 18.0 * flap,
                );
                p.quad_to(
                    side * 42.0,
                    0.5 - 12.5 * flap,
                    side * 36.0,
                    -1.0 - 11.5 * flap,
                );
                p.close();
            });
            canvas.fill_maybe(tip, tips);
        }
        canvas.oval(0.0, 1.0, 5.5, 7.0, body);
        canvas.oval(0.0, 6.0, 3.2, 3.8, mix(body, rgb(0xffffff), 0.3));
        canvas.polygon(&[(-1.6, 8.4), (1.6, 8.4), (0.0, 12.0)], rgb(0xf2a33a));
    });
}

/// A sailing boat about 90 wide, its waterline at y = 0; `lean` in degrees.
pub fn sailing_boat(
    canvas: &mut Canvas,
    x: f32,
    y: f32,
    size: f32,
    lean: f32,
    sail: Color,
    hull: Color,
) {
    canvas.placed(x, y, (size, size), lean, |canvas| {
        canvas.line(&[(2.0, -10.0), (2.0, -118.0)], 2.4, rgb(0x5b4334));
        let main = shape(|p| {
            p.move_to(5.0, -114.0);
            p.quad_to(44.0, -66.0, 50.0, -18.0);
            p.quad_to(26.0, -14.0, 5.0, -17.0);
            p.close();
        });
        canvas.fill_maybe(main, sail);
        let fold = shape(|p| {
            p.move_to(5.0, -114.0);
            p.quad_to(22.0, -66.0, 24.0, -16.0);
            p.quad_to(14.0, -15.0, 5.0, -17.0);
            p.close();
        });
        canvas.fill_maybe(fold, mix(sail, rgb(0x20304a), 0.12));
        let jib = shape(|p| {
            p.move_to(-1.0, -106.0);
            p.quad_to(-22.0, -54.0, -46.0, -16.0);
            p.quad_to(-20.0, -22.0, -1.0, -17.0);
            p.close();
        });
        canvas.fill_maybe(jib, mix(sail, rgb(0xffffff), 0.35));
        canvas.line(&[(5.0, -74.0), (35.0, -74.0)], 3.0, mix(hull, sail, 0.25));
        let body = shape(|p| {
            p.move_to(-52.0, -13.0);
            p.quad_to(0.0, -8.0, 50.0, -14.0);
            p.quad_to(44.0, 3.0, 32.0, 5.0);
            p.line_to(-30.0, 5.0);
            p.quad_to(-46.0, 0.0, -52.0, -13.0);
            p.close();
        });
        canvas.fill_maybe(body, hull);
        canvas.line(
            &[(-50.0, -10.5), (0.0, -6.5), (48.0, -11.5)],
            1.8,
            mix(hull, rgb(0xffffff), 0.6),
        );
    });
}

/// A fishing boat about 120 wide, its waterline at y = 0, heading right.
pub fn fishing_boat(
    canvas: &mut Canvas,
    x: f32,
    y: f32,
    size: f32,
    lean: f32,
    hull: Color,
    lamp: bool,
) {
    canvas.placed(x, y, (size, size), lean, |canvas| {
        let wood = rgb(0x5a4538);
        canvas.line(&[(-30.0, -14.0), (-30.0, -78.0)], 2.4, wood);
        canvas.line(&[(-30.0, -74.0), (-56.0, -22.0)], 1.1, wood);
        canvas.line(&[(-30.0, -74.0), (52.0, -26.0)], 1.1, wood);
        canvas.line(&[(-30.0, -38.0), (-2.0, -58.0)], 2.0, wood);
        canvas.round_rect(-16.0, -46.0, 38.0, 34.0, 4.0, rgb(0xf4efe4));
        canvas.round_rect(-19.0, -50.0, 44.0, 7.0, 3.0, mix(hull, rgb(0x1c2030), 0.35));
        let pane = if lamp { rgb(0xffd98a) } else { rgb(0x6f97ad) };
        for pane_x in [-11.0, 1.0, 12.0] {
            canvas.round_rect(pane_x, -40.0, 8.5, 11.0, 2.0, pane);
        }
        let body = shape(|p| {
            p.move_to(-62.0, -18.0);
            p.quad_to(-8.0, -10.0, 68.0, -27.0);
            p.quad_to(58.0, 0.0, 46.0, 6.0);
            p.line_to(-50.0, 6.0);
            p.quad_to(-60.0, -2.0, -62.0, -18.0);
            p.close();
        });
        canvas.fill_maybe(body, hull);
        let band = shape(|p| {
            p.move_to(-62.0, -18.0);
            p.quad_to(-8.0, -10.0, 68.0, -27.0);
            p.quad_to(66.0, -22.0, 64.5, -20.0);
            p.quad_to(-8.0, -4.0, -61.0, -12.5);
            p.close();
        });
        canvas.fill_maybe(band, rgb(0xfaf3e3));
        canvas.rect(-52.0, 2.0, 100.0, 4.0, mix(hull, rgb(0x101018), 0.5));
        for tyre in [-40.0, -14.0, 14.0] {
            canvas.circle(tyre, -4.0, 4.6, rgb(0x23252d));
            canvas.circle(tyre, -4.0, 2.2, mix(hull, rgb(0x101018), 0.3));
        }
    });
}

/// A tall gabled house, its foot at `y`; at `night` (0..1) the windows shine.
#[allow(
    clippy::too_many_arguments,
    reason = "a prop is described by its numbers"
)]
pub fn house(
    canvas: &mut Canvas,
    key: u32,
    x: f32,
    y: f32,
    width: f32,
    height: f32,
    wall: Color,
    night: f32,
) {
    let dusk = rgb(0x131a33);
    let shade = |color: Color| mix(color, dusk, night * 0.78);
    canvas.rect(x, y - height, width, height, shade(wall));
    canvas.rect(
        x + width * 0.86,
        y - height,
        width * 0.14,
        height,
        shade(mix(wall, rgb(0x30243a), 0.22)),
    );
    let roof = [rgb(0xa9503f), rgb(0x8b4a4a), rgb(0x5d5668), rgb(0xb8694a)]
        [(pick(key, 3, 0.0, 3.99)) as usize];
    let rise = width * 0.48;
    canvas.polygon(
        &[
            (x - 5.0, y - height),
            (x + width / 2.0, y - height - rise),
            (x + width + 5.0, y - height),
        ],
        shade(roof),
    );
    canvas.rect(
        x + width * 0.68,
        y - height - rise * 0.9,
        width * 0.12,
        rise * 0.6,
        shade(mix(roof, wall, 0.3)),
    );
    canvas.circle(
        x + width / 2.0,
        y - height - rise * 0.36,
        width * 0.075,
        pane(key, 99, night),
    );
    let columns = if width > 70.0 { 3 } else { 2 };
    let floors = (height / 44.0).floor().max(1.0) as u32;
    for floor in 0..floors {
        for column in 0..columns {
            let pane_width = width / columns as f32 * 0.46;
            let left = x + width * (column as f32 + 0.5) / columns as f32 - pane_width / 2.0;
            let top = y - height + 12.0 + floor as f32 * 44.0;
            if floor + 1 == floors && column == (key as i32 % columns) as u32 as i32 {
                let door = mix(rgb(0x3c5a5f), rgb(0x7a3b34), pick(key, 8, 0.0, 1.0));
                canvas.round_rect(
                    left - 2.0,
                    y - 36.0,
                    pane_width + 4.0,
                    36.0,
                    5.0,
                    shade(door),
                );
                continue;
            }
            canvas.rect(
                left - 2.0,
                top - 2.0,
                pane_width + 4.0,
                26.0,
                shade(rgb(0xfbf5ea)),
            );
            let color = pane(key, floor * 7 + column as u32, night);
            canvas.rect(left, top, pane_width, 22.0, color);
            canvas.line(
                &[
                    (left + pane_width / 2.0, top),
                    (left + pane_width / 2.0, top + 22.0),
                ],
                1.2,
                shade(rgb(0xfbf5ea)),
            );
            if pick(key, floor * 11 + column as u32, 0.0, 1.0) > 0.45 {
                canvas.round_rect(
                    left - 3.0,
                    top + 22.0,
                    pane_width + 6.0,
                    4.5,
                    2.0,
                    shade(rgb(0x7b5a44)),
                );
                for bloom in 0..5 {
                    let color =
                        [rgb(0xe2596b), rgb(0xf3b13f), rgb(0xd97ab8)][(key as usize + bloom) % 3];
                    canvas.circle(
                        left + bloom as f32 * pane_width / 4.0,
                        top + 20.5,
                        2.6,
                        shade(color),
                    );
                }
            }
        }
    }
}

fn pane(key: u32, index: u32, night: f32) -> Color {
    let day = mix(
        rgb(0x8fb4c4),
        rgb(0x5f8496),
        pick(key, index + 20, 0.0, 1.0),
    );
    let lit = if pick(key, index + 40, 0.0, 1.0) > 0.35 {
        rgb(0xffcf7a)
    } else {
        rgb(0x26304c)
    };
    mix(day, lit, night)
}

/// How a person looks and moves.
#[derive(Clone, Copy)]
pub struct Person {
    pub coat: Color,
    pub legs: Color,
    pub skin: Color,
    pub hair: Color,
    /// Radians of the step; 0 stands still when `stride` is 0.
    pub phase: f32,
    pub stride: f32,
    /// 0 hanging, 1 thrown up.
    pub arms: f32,
    pub basket: bool,
}

impl Person {
    /// Someone of the crowd.
    pub fn of(key: u32) -> Person {
        let coats = [
            0xd9614c, 0x2f7f86, 0xe7b04a, 0x4b5d9a, 0xf2e6d0, 0x8a4f7d, 0x5f9a63, 0xc9727f,
        ];
        let legs = [0x2c3350, 0x4a4038, 0x37485c, 0x5c4a5a];
        let skins = [0xf0c5a0, 0xc98f66, 0x8d5a3c, 0xe3ae86];
        let hairs = [0x3a2a22, 0x14141a, 0xa8642f, 0xd9c9a8, 0x6d6a70];
        let choose = |list: &[u32], index: u32| {
            rgb(list[(pick(key, index, 0.0, list.len() as f32 - 0.01)) as usize])
        };
        Person {
            coat: choose(&coats, 1),
            legs: choose(&legs, 2),
            skin: choose(&skins, 3),
            hair: choose(&hairs, 4),
            phase: pick(key, 5, 0.0, 6.0),
            stride: 1.0,
            arms: 0.0,
            basket: pick(key, 6, 0.0, 1.0) > 0.6,
        }
    }

    /// All colours mixed towards one.
    pub fn toned(mut self, tone: Color, share: f32) -> Person {
        for color in [
            &mut self.coat,
            &mut self.legs,
            &mut self.skin,
            &mut self.hair,
        ] {
            *color = mix(*color, tone, share);
        }
        self
    }

    /// Paints the person, 100 tall at `size` 1, feet at `y`; `facing` is 1 (right) or -1.
    pub fn paint(&self, canvas: &mut Canvas, x: f32, y: f32, size: f32, facing: f32) {
        let swing = self.phase.sin() * 0.5 * self.stride;
        let bob = (self.phase * 2.0).cos().abs() * 2.5 * self.stride;
        canvas.placed(x, y - bob * size, (size * facing, size), 0.0, |canvas| {
            canvas.oval(0.0, bob, 17.0, 3.4, rgba(0x101828, 0.22));
            for (side, color) in [(-1.0, mix(self.legs, rgb(0x000000), 0.2)), (1.0, self.legs)] {
                let reach = swing * side * 22.0;
                canvas.line(
                    &[(0.0, -42.0), (reach * 0.6 + 2.0, -22.0), (reach, -2.0)],
                    8.5,
                    color,
                );
                canvas.line(
                    &[(reach, -2.0), (reach + 6.0, -2.0)],
                    5.0,
                    mix(color, rgb(0x000000), 0.5),
                );
            }
            self.arm(canvas, -swing, mix(self.coat, rgb(0x000000), 0.22), -1.0);
            let coat = shape(|p| {
                p.move_to(-10.0, -76.0);
                p.quad_to(0.0, -82.0, 10.0, -76.0);
                p.quad_to(16.0, -56.0, 15.0, -36.0);
                p.quad_to(0.0, -32.0, -15.0, -36.0);
                p.quad_to(-16.0, -56.0, -10.0, -76.0);
                p.close();
            });
            canvas.fill_maybe(coat, self.coat);
            canvas.circle(1.0, -90.0, 9.6, self.skin);
            let hair = shape(|p| {
                p.move_to(7.0, -97.0);
                p.quad_to(-2.0, -106.0, -9.5, -95.0);
                p.quad_to(-11.5, -86.0, -7.5, -82.0);
                p.quad_to(-4.0, -90.0, 7.0, -97.0);
                p.close();
            });
            canvas.fill_maybe(hair, self.hair);
            self.arm(canvas, swing, mix(self.coat, rgb(0xffffff), 0.08), 1.0);
        });
    }

    fn arm(&self, canvas: &mut Canvas, swing: f32, sleeve: Color, side: f32) {
        let hang = (side * 9.0 + swing * 20.0, -46.0);
        let thrown = (side * 20.0, -108.0 + swing * 10.0);
        let hand = (
            hang.0 + (thrown.0 - hang.0) * self.arms,
            hang.1 + (thrown.1 - hang.1) * self.arms,
        );
        let elbow = (
            (side * 12.0 + hand.0) / 2.0 + side * 5.0 * self.arms,
            (-72.0 + hand.1) / 2.0,
        );
        canvas.line(&[(side * 9.0, -73.0), elbow, hand], 6.4, sleeve);
        canvas.circle(hand.0, hand.1, 3.4, self.skin);
        if self.basket && side > 0.0 && self.arms < 0.1 {
            let weave = rgb(0xa8763f);
            canvas.round_rect(hand.0 - 9.0, hand.1 + 2.0, 18.0, 12.0, 3.5, weave);
            canvas.circle(hand.0 - 4.0, hand.1 + 1.0, 4.0, rgb(0x7da453));
            canvas.circle(hand.0 + 3.5, hand.1 + 1.0, 3.8, rgb(0xe0763b));
        }
    }
}

/// Little flags on a sagging line.
pub fn bunting(
    canvas: &mut Canvas,
    from: (f32, f32),
    to: (f32, f32),
    sag: f32,
    time: f32,
    dim: f32,
) {
    let at = |share: f32| {
        let droop = 4.0 * share * (1.0 - share) * sag;
        (
            from.0 + (to.0 - from.0) * share,
            from.1 + (to.1 - from.1) * share + droop,
        )
    };
    let cord: Vec<(f32, f32)> = (0..=24).map(|step| at(step as f32 / 24.0)).collect();
    canvas.line(&cord, 1.3, mix(rgb(0xf7efe0), rgb(0x131a33), dim));
    let colors = [0xe2596b, 0xf3c14f, 0x3f9c9c, 0xf7efe0, 0x5a73b8];
    let flags = 15;
    for flag in 0..flags {
        let (x, y) = at((flag as f32 + 0.5) / flags as f32);
        let sway = (noise(flag as u32, time * 1.6) - 0.5) * 9.0;
        let color = mix(rgb(colors[flag % colors.len()]), rgb(0x131a33), dim);
        canvas.polygon(&[(x - 8.0, y), (x + 8.0, y), (x + sway, y + 18.0)], color);
    }
}

/// A paper lantern that glows.
pub fn lantern(canvas: &mut Canvas, x: f32, y: f32, size: f32, color: Color, time: f32, key: u32) {
    let flicker = 0.8 + 0.2 * noise(key, time * 5.0);
    let mut halo = color;
    halo.set_alpha(0.42 * flicker);
    canvas.glow(x, y, 62.0 * size, halo);
    canvas.oval(
        x,
        y,
        11.0 * size,
        14.0 * size,
        mix(color, rgb(0xfff3d0), 0.25 * flicker),
    );
    canvas.oval(
        x,
        y + 2.0 * size,
        6.0 * size,
        9.0 * size,
        rgba(0xfff6dc, 0.75 * flicker),
    );
    canvas.round_rect(
        x - 5.0 * size,
        y - 15.5 * size,
        10.0 * size,
        3.5 * size,
        1.5,
        rgb(0x3a2430),
    );
    canvas.round_rect(
        x - 5.0 * size,
        y + 12.0 * size,
        10.0 * size,
        3.5 * size,
        1.5,
        rgb(0x3a2430),
    );
}

/// Stars that twinkle, over the upper `depth` of the picture.
pub fn stars(canvas: &mut Canvas, count: u32, depth: f32, time: f32) {
    for star in 0..count {
        let shine = 0.25 + 0.75 * noise(star, time * 1.4 + star as f32);
        let radius = pick(star, 3, 0.5, 1.5);
        canvas.circle(
            pick(star, 1, 0.0, 854.0),
            pick(star, 2, 0.0, depth),
            radius,
            rgba(0xf4f1ff, shine * pick(star, 4, 0.4, 1.0)),
        );
    }
}
