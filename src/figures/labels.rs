//! Places for labels beside what they name, so that no two overprint. Measures and paints nothing.

use super::scene::Area;

/// Directions that are tried, beginning at the upper right.
const DIRECTIONS: usize = 16;
/// Rings round a mark in which a label may lie on other marks only if it must.
const RINGS: usize = 10;

/// A label that wants a place.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Wanted {
    /// Middle of what it names, and how far that reaches.
    pub anchor: [f64; 2],
    pub radius: f64,
    /// Width and height of its box.
    pub size: [f64; 2],
}

/// A box for each label inside `within`: near its mark, off the obstacles where there is room,
/// never on another label's box. `None` where every place is taken.
pub fn place(wanted: &[Wanted], obstacles: &[Area], within: Area) -> Vec<Option<Area>> {
    let mut placed: Vec<Area> = Vec::new();
    wanted
        .iter()
        .map(|label| {
            let found = best(label, &placed, obstacles, within);
            placed.extend(found);
            found
        })
        .collect()
}

fn best(label: &Wanted, placed: &[Area], obstacles: &[Area], within: Area) -> Option<Area> {
    let step = label.size[1].max(1.0) * 0.5;
    let reach = within.width().hypot(within.height());
    let mut best: Option<(f64, Area)> = None;
    let rings = (reach / step).ceil().min(400.0) as usize;
    for ring in 0..=rings {
        for direction in 0..DIRECTIONS {
            let area = candidate(label, direction, ring as f64 * step);
            if !inside(area, within) || placed.iter().any(|other| overlap(area, *other)) {
                continue;
            }
            let hits = obstacles.iter().filter(|other| overlap(area, **other));
            // A mark that is covered costs as much as three rings of distance.
            let cost = ring as f64 + 3.0 * hits.count() as f64;
            if best.is_none_or(|(least, _)| cost < least) {
                best = Some((cost, area));
            }
        }
        if best.is_some_and(|(cost, _)| cost <= ring as f64) || (best.is_some() && ring >= RINGS) {
            break;
        }
    }
    best.map(|(_, area)| area)
}

fn candidate(label: &Wanted, direction: usize, distance: f64) -> Area {
    let angle = (direction as f64 - 1.0) / DIRECTIONS as f64 * std::f64::consts::TAU;
    let (sin, cos) = angle.sin_cos();
    let [width, height] = label.size;
    let away = label.radius + distance + 1.0;
    let middle = [
        label.anchor[0] + cos * (away + width / 2.0),
        label.anchor[1] + sin * (away + height / 2.0),
    ];
    Area::new(
        middle[0] - width / 2.0,
        middle[1] - height / 2.0,
        middle[0] + width / 2.0,
        middle[1] + height / 2.0,
    )
}

fn inside(area: Area, within: Area) -> bool {
    area.left >= within.left
        && area.right <= within.right
        && area.top >= within.top
        && area.bottom <= within.bottom
}

/// Whether two boxes share more than an edge.
pub fn overlap(a: Area, b: Area) -> bool {
    a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn no_two_labels_intersect(
            points in proptest::collection::vec((0.0..600.0f64, 0.0..400.0f64, 8.0..90.0f64), 1..40),
            crowd in proptest::collection::vec((0.0..600.0f64, 0.0..400.0f64), 0..60),
        ) {
            let within = Area::new(0.0, 0.0, 600.0, 400.0);
            let wanted: Vec<Wanted> = points
                .iter()
                .map(|&(x, y, width)| Wanted { anchor: [x, y], radius: 5.0, size: [width, 14.0] })
                .collect();
            let marks: Vec<Area> = crowd
                .iter()
                .map(|&(x, y)| Area::new(x - 4.0, y - 4.0, x + 4.0, y + 4.0))
                .collect();
            let boxes: Vec<Area> = place(&wanted, &marks, within).into_iter().flatten().collect();
            for (at, a) in boxes.iter().enumerate() {
                prop_assert!(inside(*a, within));
                for b in &boxes[at + 1..] {
                    prop_assert!(!overlap(*a, *b), "{a:?} and {b:?}");
                }
            }
            // There is room for so few.
            if wanted.len() <= 12 {
                prop_assert_eq!(boxes.len(), wanted.len());
            }
        }
    }

    #[test]
    fn marks_of_one_place_have_their_labels_round_it() {
        let wanted = [Wanted {
            anchor: [300.0, 200.0],
            radius: 5.0,
            size: [40.0, 14.0],
        }; 6];
        let within = Area::new(0.0, 0.0, 600.0, 400.0);
        let places = place(&wanted, &[], within);
        for area in places.into_iter().flatten() {
            let [x, y] = area.middle();
            assert!((x - 300.0).hypot(y - 200.0) < 60.0, "{area:?}");
        }
    }
}
