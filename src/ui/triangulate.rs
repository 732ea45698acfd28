//! Cuts a closed ring into triangles by clipping ears, so that a shape with dents can be filled. No holes.

/// Indices of triangles that fill the ring, three for each; empty for fewer than three points.
///
/// Takes rings of either direction. Rings that cross themselves are filled as well as can be: every triangle lies among the
/// ring's points, but some may overlap.
pub fn triangulate(ring: &[[f64; 2]]) -> Vec<[u32; 3]> {
    let mut left: Vec<usize> = (0..ring.len()).collect();
    if left.len() < 3 {
        return Vec::new();
    }
    if signed_area(ring) < 0.0 {
        left.reverse();
    }
    let mut out = Vec::with_capacity(ring.len() - 2);
    let mut at = 0;
    let mut tried = 0;
    while left.len() > 3 {
        let count = left.len();
        let (a, b, c) = (
            left[(at + count - 1) % count],
            left[at % count],
            left[(at + 1) % count],
        );
        // After a whole turn without an ear the ring crosses itself; cut anyway to come to an end.
        if tried >= count || is_ear(ring, &left, a, b, c) {
            out.push([a as u32, b as u32, c as u32]);
            left.remove(at % count);
            at = if at % count == 0 { 0 } else { at % count - 1 };
            tried = 0;
        } else {
            at = (at + 1) % count;
            tried += 1;
        }
    }
    out.push([left[0] as u32, left[1] as u32, left[2] as u32]);
    out
}

/// Twice the area would be the sum; positive for counter-clockwise rings.
pub fn signed_area(ring: &[[f64; 2]]) -> f64 {
    let mut sum = 0.0;
    for (i, a) in ring.iter().enumerate() {
        let b = ring[(i + 1) % ring.len()];
        sum += a[0] * b[1] - b[0] * a[1];
    }
    sum / 2.0
}

fn cross(a: [f64; 2], b: [f64; 2], c: [f64; 2]) -> f64 {
    (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])
}

fn is_ear(ring: &[[f64; 2]], left: &[usize], a: usize, b: usize, c: usize) -> bool {
    let (pa, pb, pc) = (ring[a], ring[b], ring[c]);
    if cross(pa, pb, pc) <= 0.0 {
        return false;
    }
    !left.iter().any(|&i| {
        i != a && i != b && i != c && {
            let p = ring[i];
            cross(pa, pb, p) >= 0.0 && cross(pb, pc, p) >= 0.0 && cross(pc, pa, p) >= 0.0
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn filled_area(ring: &[[f64; 2]]) -> f64 {
        triangulate(ring)
            .iter()
            .map(|t| signed_area(&t.map(|i| ring[i as usize])).abs())
            .sum()
    }

    #[test]
    fn a_dented_ring_is_filled_exactly() {
        // An arrow head; filling it as a fan would spill over the dent.
        let arrow = [[0.0, 0.0], [4.0, 2.0], [0.0, 4.0], [1.5, 2.0]];
        for ring in [arrow.to_vec(), arrow.iter().rev().copied().collect()] {
            assert!((filled_area(&ring) - signed_area(&ring).abs()).abs() < 1e-12);
        }
        assert!(triangulate(&[[0.0, 0.0], [1.0, 1.0]]).is_empty());
    }

    proptest! {
        /// Star-shaped rings: any radii at ascending angles.
        #[test]
        fn any_star_is_filled_exactly(radii in prop::collection::vec(0.2..3.0f64, 5..60)) {
            let count = radii.len() as f64;
            let ring: Vec<[f64; 2]> = radii.iter().enumerate().map(|(i, r)| {
                let angle = i as f64 / count * std::f64::consts::TAU;
                [r * angle.cos(), r * angle.sin()]
            }).collect();
            let triangles = triangulate(&ring);
            prop_assert_eq!(triangles.len(), ring.len() - 2);
            prop_assert!((filled_area(&ring) - signed_area(&ring)).abs() < 1e-9);
        }
    }
}
