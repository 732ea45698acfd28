//! A drawing made of outlines: what is filled or stroked with which colour, in painting order, and
//! how it is called.
//!
//! The origin is the top left, y grows downwards, one unit is one pixel of a PNG. Knows no file
//! format.

use egui::Color32;

use super::letters::{self, Step, Weight};

/// A pen: colour, width, and lengths of dash and gap where it is dashed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pen {
    pub color: Color32,
    pub width: f64,
    pub dash: Option<[f64; 2]>,
}

impl Pen {
    pub fn new(color: Color32, width: f64) -> Self {
        Self {
            color,
            width,
            dash: None,
        }
    }

    pub fn dashed(color: Color32, width: f64, dash: f64, gap: f64) -> Self {
        Self {
            dash: Some([dash, gap]),
            ..Self::new(color, width)
        }
    }
}

/// A rectangle: left, top, right, bottom.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Area {
    pub left: f64,
    pub top: f64,
    pub right: f64,
    pub bottom: f64,
}

impl Area {
    pub fn new(left: f64, top: f64, right: f64, bottom: f64) -> Self {
        Self {
            left,
            top,
            right,
            bottom,
        }
    }

    pub fn width(&self) -> f64 {
        self.right - self.left
    }

    pub fn height(&self) -> f64 {
        self.bottom - self.top
    }

    pub fn middle(&self) -> [f64; 2] {
        [
            (self.left + self.right) / 2.0,
            (self.top + self.bottom) / 2.0,
        ]
    }
}

/// Something painted. Holes in an outline are by the even–odd rule.
#[derive(Clone, Debug, PartialEq)]
pub struct Shape {
    pub steps: Vec<Step>,
    pub fill: Option<Color32>,
    pub pen: Option<Pen>,
    /// What it stands for: the words of a text, or what a browser shows when the pointer rests on
    /// it.
    pub label: Option<String>,
    pub is_text: bool,
    /// Nothing outside is painted.
    pub clip: Option<Area>,
}

/// Where a text stands on its anchor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Align {
    Left,
    Center,
    Right,
}

/// How a text looks.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ink {
    pub size: f64,
    pub color: Color32,
    pub weight: Weight,
}

impl Ink {
    pub fn new(size: f64, color: Color32) -> Self {
        Self {
            size,
            color,
            weight: Weight::Regular,
        }
    }

    pub fn bold(size: f64, color: Color32) -> Self {
        Self {
            weight: Weight::SemiBold,
            ..Self::new(size, color)
        }
    }
}

/// A drawing.
#[derive(Clone, Debug, PartialEq)]
pub struct Scene {
    pub width: f64,
    pub height: f64,
    pub ground: Color32,
    pub title: String,
    /// One or two sentences for who cannot see it.
    pub description: String,
    pub shapes: Vec<Shape>,
    clip: Option<Area>,
}

impl Scene {
    pub fn new(style: &super::Style, title: &str, description: &str) -> Self {
        Self {
            width: style.width(),
            height: style.height(),
            ground: style.ground(),
            title: title.to_owned(),
            description: description.to_owned(),
            shapes: Vec::new(),
            clip: None,
        }
    }

    /// What follows is painted inside the area only; `None` ends that.
    pub fn set_clip(&mut self, clip: Option<Area>) {
        self.clip = clip;
    }

    fn push(&mut self, steps: Vec<Step>, fill: Option<Color32>, pen: Option<Pen>) {
        if steps.is_empty() {
            return;
        }
        self.shapes.push(Shape {
            steps,
            fill,
            pen,
            label: None,
            is_text: false,
            clip: self.clip,
        });
    }

    /// Names the shape painted last.
    pub fn label(&mut self, words: impl Into<String>) {
        if let Some(shape) = self.shapes.last_mut() {
            shape.label = Some(words.into());
        }
    }

    pub fn rect(&mut self, area: Area, fill: Color32) {
        self.push(rect_steps(area), Some(fill), None);
    }

    pub fn rect_line(&mut self, area: Area, pen: Pen) {
        self.push(rect_steps(area), None, Some(pen));
    }

    /// A line through points; points that are no numbers break it.
    pub fn line(&mut self, points: &[[f64; 2]], pen: Pen) {
        let mut steps = Vec::with_capacity(points.len());
        let mut on = false;
        for &point in points {
            if !(point[0].is_finite() && point[1].is_finite()) {
                on = false;
                continue;
            }
            steps.push(if on {
                Step::Line(point)
            } else {
                Step::Move(point)
            });
            on = true;
        }
        self.push(steps, None, Some(pen));
    }

    /// Closed rings, the second inside the first being a hole, and so on.
    pub fn rings(&mut self, rings: &[Vec<[f64; 2]>], fill: Option<Color32>, pen: Option<Pen>) {
        let mut steps = Vec::new();
        for ring in rings.iter().filter(|ring| ring.len() > 2) {
            for (at, &point) in ring.iter().enumerate() {
                steps.push(if at == 0 {
                    Step::Move(point)
                } else {
                    Step::Line(point)
                });
            }
            steps.push(Step::Close);
        }
        self.push(steps, fill, pen);
    }

    pub fn circle(
        &mut self,
        centre: [f64; 2],
        radius: f64,
        fill: Option<Color32>,
        pen: Option<Pen>,
    ) {
        if centre[0].is_finite() && centre[1].is_finite() {
            self.push(circle_steps(centre, radius), fill, pen);
        }
    }

    /// Text on a baseline; returns its width.
    pub fn text(&mut self, at: [f64; 2], align: Align, words: &str, ink: Ink) -> f64 {
        self.text_turned(at, align, words, ink, 0.0)
    }

    /// Text turned by an angle (radians, clockwise) about its anchor; returns its width.
    pub fn text_turned(
        &mut self,
        at: [f64; 2],
        align: Align,
        words: &str,
        ink: Ink,
        angle: f64,
    ) -> f64 {
        let line = letters::outline(words, ink.size, ink.weight);
        let start = match align {
            Align::Left => 0.0,
            Align::Center => -line.width / 2.0,
            Align::Right => -line.width,
        };
        let (sin, cos) = angle.sin_cos();
        let place = |[x, y]: [f64; 2]| {
            let x = x + start;
            [at[0] + x * cos - y * sin, at[1] + x * sin + y * cos]
        };
        let steps: Vec<Step> = line
            .steps
            .into_iter()
            .map(|step| match step {
                Step::Move(p) => Step::Move(place(p)),
                Step::Line(p) => Step::Line(place(p)),
                Step::Quad(a, p) => Step::Quad(place(a), place(p)),
                Step::Cubic(a, b, p) => Step::Cubic(place(a), place(b), place(p)),
                Step::Close => Step::Close,
            })
            .collect();
        if !steps.is_empty() {
            self.push(steps, Some(ink.color), None);
            if let Some(shape) = self.shapes.last_mut() {
                shape.label = Some(words.to_owned());
                shape.is_text = true;
            }
        }
        line.width
    }
}

fn rect_steps(area: Area) -> Vec<Step> {
    vec![
        Step::Move([area.left, area.top]),
        Step::Line([area.right, area.top]),
        Step::Line([area.right, area.bottom]),
        Step::Line([area.left, area.bottom]),
        Step::Close,
    ]
}

fn circle_steps([x, y]: [f64; 2], r: f64) -> Vec<Step> {
    // Four cubics; the constant puts their middles on the circle.
    let k = r * 0.552_284_75;
    vec![
        Step::Move([x + r, y]),
        Step::Cubic([x + r, y + k], [x + k, y + r], [x, y + r]),
        Step::Cubic([x - k, y + r], [x - r, y + k], [x - r, y]),
        Step::Cubic([x - r, y - k], [x - k, y - r], [x, y - r]),
        Step::Cubic([x + k, y - r], [x + r, y - k], [x + r, y]),
        Step::Close,
    ]
}
